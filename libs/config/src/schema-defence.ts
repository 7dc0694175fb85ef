/** The section `defence`: what strangers may take of the ports for miners, and whom to believe about addresses. */
import { parsePrefix } from '@otedama/edge';
import { duration, enable, field, flag, section, several, whole } from './fields.ts';
import type { Scalar } from './values.ts';

/** Looked through by length, not one by one: thousands cost what a few do. */
const MAX_RANGES = 10_000;

const ranges = (description: string) =>
  field(
    several((value: Scalar) => parsePrefix(String(value).trim()), MAX_RANGES),
    {
      what: 'a list of addresses or ranges',
      allowed: ['192.0.2.7', '192.0.2.0/24', '2001:db8::/32', 'several as a list or separated by commas'],
      description,
    },
  );

const connections = (whose: string, defaultText: string) =>
  whole(
    1,
    1_000_000,
    `Connections ${whose} that never had a share accepted; each accepted share makes room for one more`,
    defaultText,
  );
const connectionRate = (whose: string, defaultText: string) =>
  whole(1, 100_000, `New connections ${whose}; ten seconds' worth may come at once`, defaultText);
const messageRate = (whose: string, defaultText: string) =>
  whole(
    1,
    1_000_000,
    `Messages read ${whose}; an accepted share pays for itself and three more`,
    defaultText,
  );
const byteRate = (whose: string, defaultText: string) =>
  whole(1_024, 1_000_000_000, `Bytes read ${whose}; an accepted share pays for 4 KiB`, defaultText);

export const defence = section({
  allow: ranges('Always let in and given no budgets, such as your own farm'),
  deny: ranges('Never let in'),
  only_allowed: flag('Let in nobody who is not in allow', 'false'),
  proxy_protocol: section({
    trusted: ranges(
      'Proxies that are believed whom they speak for; a PROXY header from elsewhere ends the connection',
    ),
    required: flag('Refuse a connection of these proxies that has no header', 'true'),
  }),
  address: section({
    connections: connections('of an address (IPv6: a /64)', '512'),
    connections_per_second: connectionRate('of an address', '50'),
    workers: whole(1, 10_000_000, 'Workers that an address may name; accepted shares make room', '1024'),
    accounts: whole(1, 1_000_000, 'Payout addresses that it may name; accepted shares make room', '256'),
    messages_per_second: messageRate('from an address, of sessions without accepted shares', '1000'),
    bytes_per_second: byteRate('from an address, of sessions without accepted shares', '1048576'),
  }),
  network: section({
    connections: connections('of a network (IPv4 /24, IPv6 /48)', '4096'),
    connections_per_second: connectionRate('of a network', '200'),
  }),
  session: section({
    messages_per_second: messageRate('of a session, five times as many once it has accepted shares', '20'),
    bytes_per_second: byteRate('of a session, five times as many once it has accepted shares', '16384'),
  }),
  handshake_percentage: whole(1, 100, 'Of all connections, how many may not be logged in yet', '80'),
  reserve_percentage: whole(0, 90, 'Of all connections, kept for addresses with accepted shares', '10'),
  line_time: duration('A line that is not complete after so long ends its connection', '30s'),
  send_time: duration('A peer that has not taken for so long what was sent to it is cut off', '60s'),
  memory_mib: whole(
    1,
    1_000_000,
    'For all that waits to be read or to be sent; the largest heaps go first',
    '256',
  ),
  bans: section({
    enable: enable('Ban for a while who sends invalid shares and little else', 'true'),
    invalid_shares: whole(
      10,
      1_000_000,
      'So many more than twice its accepted ones ban an address; 30 % of them an account there, 10 % a worker',
      '1000',
    ),
    shortest: duration('The first ban; each further one is four times as long', '1m'),
    longest: duration('No ban is longer', '1h'),
  }),
});
