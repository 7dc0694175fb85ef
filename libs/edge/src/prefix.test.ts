import { BlockList, isIPv6 } from 'node:net';
import fc from 'fast-check';
import {
  PrefixMap,
  PrefixSet,
  clientKey,
  formatPrefix,
  parseIpAddress,
  parsePrefix,
  prefixOf,
  siteKey,
} from './index.ts';

const address = (text: string) => {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new Error(`not parsed: ${text}`);
  return parsed;
};
const prefix = (text: string) => {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`not parsed: ${text}`);
  return parsed;
};

it.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['::/0', '::/0'],
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.7/32', '192.0.2.7'],
  ['2001:DB8::/32', '2001:db8::/32'],
  ['2001:db8::1/128', '2001:db8::1'],
])('writes the range %s as %s', (text, written) => {
  expect(formatPrefix(prefix(text))).toBe(written);
});

it.each([
  '10.0.0.1/8',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/08',
  '10.0.0.0/8/8',
  '::1/64',
  '::/129',
  '/8',
  'fe80::1%eth0/128',
])('does not read %s as a range', (text) => {
  expect(parsePrefix(text)).toBeUndefined();
});

it.each([
  ['192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
  ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
  ['::1', '::/64', '::/48'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['fe80::1%eth0', 'fe80::/64', 'fe80::/48'],
  ['', '', ''],
])('counts %s as the client %s of the site %s', (text, client, site) => {
  expect(clientKey(text)).toBe(client);
  expect(siteKey(text)).toBe(site);
});

const anyAddress = fc.oneof(fc.ipV4(), fc.ipV6());
/** Short enough ranges of few addresses, that some meet. */
const nearAddress = fc.oneof(
  fc.tuple(fc.constantFrom(10, 11), fc.nat(3), fc.nat(255)).map(([a, b, c]) => `${a}.${b}.0.${c}`),
  fc.tuple(fc.constantFrom('a', 'b'), fc.nat(3)).map(([a, b]) => `2001:db8:${a}::${b}`),
);

it('holds what the system’s own list holds', () => {
  const range = fc.tuple(fc.oneof(anyAddress, nearAddress), fc.nat(32));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 8 }), fc.oneof(anyAddress, nearAddress), (ranges, text) => {
      const theirs = new BlockList();
      const ours = new PrefixSet(
        ranges.map(([of, shorter]) => {
          // Of IPv6 at least /96: the system’s list has IPv4 in shorter ones, which ours must not.
          const bits = isIPv6(of) ? 128 - shorter : 32 - shorter;
          theirs.addSubnet(of, bits, isIPv6(of) ? 'ipv6' : 'ipv4');
          return prefixOf(address(of), 128 - shorter);
        }),
      );
      expect(ours.has(address(text))).toBe(theirs.check(text, isIPv6(text) ? 'ipv6' : 'ipv4'));
    }),
    { numRuns: 2_000 },
  );
});

it('keeps IPv4 out of ranges of IPv6', () => {
  const set = new PrefixSet([prefix('::/0')]);
  expect(set.has(address('2001:db8::1'))).toBe(true);
  expect(set.has(address('192.0.2.7'))).toBe(false);
  expect(new PrefixSet([prefix('0.0.0.0/0')]).has(address('2001:db8::1'))).toBe(false);
});

it('finds the longest range that will do', () => {
  const map = new PrefixMap<string>();
  for (const text of ['10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24', '10.1.1.1']) map.set(prefix(text), text);
  expect(map.find(address('10.1.1.1'))).toBe('10.1.1.1');
  expect(map.find(address('10.1.1.2'))).toBe('10.1.1.0/24');
  expect(map.find(address('10.1.1.1'), (value) => value !== '10.1.1.1')).toBe('10.1.1.0/24');
  expect(map.find(address('11.0.0.1'))).toBeUndefined();
  map.set(prefix('10.1.1.0/24'), 'again');
  expect(map.size).toBe(4);
  expect(map.delete(prefix('10.1.1.0/24'))).toBe(true);
  expect(map.delete(prefix('10.1.1.0/24'))).toBe(false);
  expect(map.find(address('10.1.1.2'))).toBe('10.1.0.0/16');
  expect(map.size).toBe(3);
});
