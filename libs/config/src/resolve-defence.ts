/** What the ports for miners bear of strangers. All of it has a default that a pool of any size can live with. */
import { type Prefix, isIpv4 } from '@otedama/edge';
import type { ResolveContext } from './context.ts';
import type { DefenceConfig } from './model.ts';
import type { RawConfig } from './schema.ts';

type Raw = NonNullable<RawConfig['defence']>;

const MIB = 1024 * 1024;

/** For 10,000 connections on one machine, and for houses of thousands of miners behind one address. */
export const DEFENCE_DEFAULTS: DefenceConfig = {
  allow: [],
  deny: [],
  onlyAllowed: false,
  proxyProtocol: { trusted: [], required: true },
  address: {
    connections: 512,
    connectionsPerSecond: 50,
    workers: 1_024,
    accounts: 256,
    messagesPerSecond: 1_000,
    bytesPerSecond: MIB,
  },
  network: { connections: 4_096, connectionsPerSecond: 200 },
  session: { messagesPerSecond: 20, bytesPerSecond: 16_384 },
  handshakeShare: 0.8,
  reserveShare: 0.1,
  lineTimeMs: 30_000,
  sendTimeMs: 60_000,
  memoryBytes: 256 * MIB,
  bans: { enabled: true, invalidShares: 1_000, shortestMs: 60_000, longestMs: 60 * 60_000 },
};

/** A range of so few bits is most of the Internet. */
const WIDE_IPV4_BITS = 96 + 4;
const WIDE_IPV6_BITS = 8;

const isWide = ({ first, bits }: Prefix): boolean =>
  bits < (bits >= 96 && isIpv4(first) ? WIDE_IPV4_BITS : WIDE_IPV6_BITS);

const resolveLists = (
  { report }: ResolveContext,
  raw: Raw,
): Pick<DefenceConfig, 'allow' | 'deny' | 'onlyAllowed' | 'proxyProtocol'> => {
  const { allow = [], deny = [], only_allowed: onlyAllowed = false } = raw;
  const { trusted = [], required = DEFENCE_DEFAULTS.proxyProtocol.required } = raw.proxy_protocol ?? {};
  if (onlyAllowed && allow.length === 0 && !report.hadBroken(['defence', 'allow'])) {
    report.problem(['defence', 'only_allowed'], 'lets in nobody, since "allow" is empty');
  }
  if (trusted.some(isWide)) {
    report.problem(
      ['defence', 'proxy_protocol', 'trusted'],
      'lets anybody pass for anybody: name your proxies',
    );
  }
  return { allow, deny, onlyAllowed, proxyProtocol: { trusted, required } };
};

const resolveAddress = ({ address }: Raw): DefenceConfig['address'] => {
  const defaults = DEFENCE_DEFAULTS.address;
  return {
    connections: address?.connections ?? defaults.connections,
    connectionsPerSecond: address?.connections_per_second ?? defaults.connectionsPerSecond,
    workers: address?.workers ?? defaults.workers,
    accounts: address?.accounts ?? defaults.accounts,
    messagesPerSecond: address?.messages_per_second ?? defaults.messagesPerSecond,
    bytesPerSecond: address?.bytes_per_second ?? defaults.bytesPerSecond,
  };
};

/** What is not said is no less than what one address of it has. */
const resolveNetwork = (
  { report }: ResolveContext,
  { network }: Raw,
  address: DefenceConfig['address'],
): DefenceConfig['network'] => {
  const defaults = DEFENCE_DEFAULTS.network;
  const { connections, connections_per_second: perSecond } = network ?? {};
  if ((connections ?? address.connections) < address.connections) {
    report.problem(['defence', 'network', 'connections'], 'is below that of one address');
  }
  if ((perSecond ?? address.connectionsPerSecond) < address.connectionsPerSecond) {
    report.problem(['defence', 'network', 'connections_per_second'], 'is below that of one address');
  }
  return {
    connections: connections ?? Math.max(defaults.connections, address.connections),
    connectionsPerSecond: perSecond ?? Math.max(defaults.connectionsPerSecond, address.connectionsPerSecond),
  };
};

const shareOf = (percentage: number | undefined, share: number): number =>
  percentage === undefined ? share : percentage / 100;

const resolveBans = ({ report }: ResolveContext, { bans }: Raw): DefenceConfig['bans'] => {
  const defaults = DEFENCE_DEFAULTS.bans;
  const { shortest: shortestMs = defaults.shortestMs, longest } = bans ?? {};
  if (longest !== undefined && longest < shortestMs) {
    report.problem(['defence', 'bans', 'longest'], 'is below "shortest"');
  }
  return {
    enabled: bans?.enable ?? defaults.enabled,
    invalidShares: bans?.invalid_shares ?? defaults.invalidShares,
    shortestMs,
    longestMs: longest ?? Math.max(defaults.longestMs, shortestMs),
  };
};

export const resolveDefence = (context: ResolveContext): DefenceConfig => {
  const raw = context.raw.defence ?? {};
  const { session } = DEFENCE_DEFAULTS;
  const address = resolveAddress(raw);
  return {
    ...resolveLists(context, raw),
    address,
    network: resolveNetwork(context, raw, address),
    session: {
      messagesPerSecond: raw.session?.messages_per_second ?? session.messagesPerSecond,
      bytesPerSecond: raw.session?.bytes_per_second ?? session.bytesPerSecond,
    },
    handshakeShare: shareOf(raw.handshake_percentage, DEFENCE_DEFAULTS.handshakeShare),
    reserveShare: shareOf(raw.reserve_percentage, DEFENCE_DEFAULTS.reserveShare),
    lineTimeMs: raw.line_time ?? DEFENCE_DEFAULTS.lineTimeMs,
    sendTimeMs: raw.send_time ?? DEFENCE_DEFAULTS.sendTimeMs,
    memoryBytes: raw.memory_mib === undefined ? DEFENCE_DEFAULTS.memoryBytes : raw.memory_mib * MIB,
    bans: resolveBans(context, raw),
  };
};
