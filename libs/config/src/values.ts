/**
 * The small languages inside configuration values: durations, percentages, addresses, URLs. Each parser takes
 * what YAML gives for the scalar and answers `undefined` for anything it does not understand in full; ranges
 * are part of the language, so that no later code has to ask again.
 */
import type { ListenAddress, RewardWindow } from './model.ts';

export type Scalar = string | number | boolean;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_DURATION_MS = 3650 * 86_400_000;
/** Longer than any value that can be right; keeps the patterns below from seeing hostile lengths. */
const MAX_VALUE_LENGTH = 256;

const shortText = (value: Scalar): string | undefined =>
  typeof value === 'string' && value.length <= MAX_VALUE_LENGTH ? value.trim() : undefined;

/** `250ms`, `5s`, `1h30m`: whole milliseconds above zero. A bare number has no unit and is refused. */
export const parseDurationMs = (value: Scalar): number | undefined => {
  const text = shortText(value);
  if (text === undefined || !/^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)) {
    totalMs += Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  }
  return Number.isInteger(totalMs) && totalMs > 0 && totalMs <= MAX_DURATION_MS ? totalMs : undefined;
};

/**
 * `1`, `0.5`, `"2.25%"` in basis points. Decimal digits are moved, never multiplied: a fee of 0.29 is exactly
 * 29 (0.29 * 100 is not). A YAML number prints back as its shortest decimal, which is what was written.
 */
export const parseBasisPoints = (value: Scalar): number | undefined => {
  if (typeof value === 'boolean') return undefined;
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?\s*%?$/.exec(String(value).slice(0, MAX_VALUE_LENGTH).trim());
  if (match === null) return undefined;
  const basisPoints = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return basisPoints <= 10_000 ? basisPoints : undefined;
};

/** An amount of coins as it was written; how many decimals there may be is the coin's to say. */
export interface Decimal {
  readonly units: string;
  readonly fraction: string;
}

/** `10`, `0.5`. A YAML number prints back as its shortest decimal; what that would write with an exponent is refused. */
export const parseDecimal = (value: Scalar): Decimal | undefined => {
  if (typeof value === 'boolean') return undefined;
  const match = /^(\d{1,15})(?:\.(\d{1,18}))?$/.exec(String(value).slice(0, MAX_VALUE_LENGTH).trim());
  return match === null ? undefined : { units: match[1] ?? '', fraction: match[2] ?? '' };
};

const isPort = (port: number, lowest: number): boolean => port >= lowest && port <= 65_535;

const HOST = /^(?:\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}))$/;

/** Host without brackets, as sockets want it. */
const splitHostPort = (text: string, lowestPort: number): ListenAddress | undefined => {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon);
  const port = text.slice(colon + 1);
  if (colon < 0 || !HOST.test(host) || !/^\d{1,5}$/.test(port) || !isPort(Number(port), lowestPort)) {
    return undefined;
  }
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, port: Number(port) };
};

/** `host:port`, `[ipv6]:port`, `:port` (all IPv4 interfaces); port 0 lets the system choose. */
export const parseListenAddress = (value: Scalar): ListenAddress | undefined => {
  const text = shortText(value);
  if (text === undefined) return undefined;
  return splitHostPort(text.startsWith(':') ? `0.0.0.0${text}` : text, 0);
};

/** A number of network blocks or a duration. */
export const parseRewardWindow = (value: Scalar): RewardWindow | undefined => {
  const blocks = typeof value === 'string' && /^\d{1,5}$/.test(value.trim()) ? Number(value) : value;
  if (typeof blocks === 'number') {
    return Number.isInteger(blocks) && blocks >= 1 && blocks <= 10_000
      ? { kind: 'work', networkBlocks: blocks }
      : undefined;
  }
  const durationMs = parseDurationMs(value);
  return durationMs === undefined ? undefined : { kind: 'time', durationMs };
};

/** Requests per second: `100` and `100/m` are per minute (as the first product had it), `20/s` per second. */
export const parseRatePerSecond = (value: Scalar): number | undefined => {
  if (typeof value === 'boolean') return undefined;
  const match = /^(\d{1,7})\s*(?:\/\s*(s|m|h))?$/.exec(String(value).slice(0, MAX_VALUE_LENGTH).trim());
  if (match === null) return undefined;
  return Number(match[1]) / ((UNIT_MS[match[2] ?? 'm'] ?? Number.NaN) / 1000);
};

const PRIORITY_NAMES: Readonly<Record<string, number>> = { idle: 19, low: 10, normal: 0, high: -10 };

/** Nice value of the mining threads: -20 (most eager) to 19 (only spare time). */
export const parsePriority = (value: Scalar): number | undefined => {
  if (typeof value === 'number') {
    return Number.isInteger(value) && value >= -20 && value <= 19 ? value : undefined;
  }
  const name = shortText(value)?.toLowerCase() ?? '';
  return Object.hasOwn(PRIORITY_NAMES, name) ? PRIORITY_NAMES[name] : undefined;
};

/** `http(s)://host:port` in its plain form; credentials, query and fragment have other places. */
export const parseDaemonUrl = (value: Scalar): string | undefined => {
  const text = shortText(value);
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const extras = url.username + url.password + url.search + url.hash;
  if (!['http:', 'https:'].includes(url.protocol) || url.hostname === '' || extras !== '') return undefined;
  return url.href.replace(/\/$/, '');
};

export const parseZmqUrl = (value: Scalar): string | undefined => {
  const text = shortText(value);
  if (text === undefined || !text.startsWith('tcp://')) return undefined;
  return splitHostPort(text.slice('tcp://'.length), 1) === undefined ? undefined : text;
};

/** `ws://host:port` or `wss://host:port`, with a path where the node has one. */
export const parseWebSocketUrl = (value: Scalar): string | undefined => {
  const text = shortText(value);
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const extras = url.username + url.password + url.hash;
  if (!['ws:', 'wss:'].includes(url.protocol) || url.hostname === '' || extras !== '') return undefined;
  return url.href.replace(/\/$/, '');
};

/**
 * `stratum+tcp://host:port` or `stratum+ssl://host:port` (`stratum+tls` is the same thing). `stratum1` and
 * `stratum2` name a dialect of Ethereum miners, as their own programs do.
 */
export const parseStratumUrl = (value: Scalar): string | undefined => {
  const match = /^(stratum[12]?)\+(tcp|ssl|tls):\/\/(.+?)\/?$/.exec(shortText(value) ?? '');
  const rest = match?.[3];
  if (match === null || rest === undefined || splitHostPort(rest, 1) === undefined) return undefined;
  return `${match[1]}+${match[2] === 'tcp' ? 'tcp' : 'ssl'}://${rest}`;
};

const HASHRATE_PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** `50kH/s`, `13.5 TH/s`: hashes per second above zero. A bare number has no unit and is refused. */
export const parseHashrateHs = (value: Scalar): number | undefined => {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([kMGTPE]?)H\/s$/.exec(shortText(value) ?? '');
  if (match === null) return undefined;
  const [, count, prefix = ''] = match;
  const hashrateHs = Number(`${count}e${3 * HASHRATE_PREFIXES.indexOf(prefix)}`);
  return hashrateHs > 0 ? hashrateHs : undefined;
};

/** 32 bits as miners are told them, `1fffe000`; only as text, since `20000000` is a number of another value. */
export const parseVersionMask = (value: Scalar): number | undefined => {
  const text = shortText(value) ?? '';
  return /^[0-9a-fA-F]{8}$/.test(text) ? Number.parseInt(text, 16) : undefined;
};

export const parseDatabaseUrl = (value: Scalar): string | undefined => {
  if (typeof value !== 'string' || value.length > 2048 || !URL.canParse(value.trim())) return undefined;
  const url = new URL(value.trim());
  const named = ['postgres:', 'postgresql:'].includes(url.protocol) && url.pathname.length > 1;
  return named ? value.trim() : undefined;
};

/** As a browser names where a page is from: scheme, host, and a port that is not the usual one. */
export const parseOrigin = (value: Scalar): string | undefined => {
  const text = shortText(value);
  if (text === undefined || !/^https?:/.test(text) || !URL.canParse(text)) return undefined;
  const { origin } = new URL(text);
  return text === origin || text === `${origin}/` ? origin : undefined;
};

/** `nats://host:port` or `tls://host:port`; credentials have files. */
export const parseNatsServer = (value: Scalar): string | undefined => {
  const text = shortText(value);
  const [, rest] = /^(?:nats|tls):\/\/(.+)$/.exec(text ?? '') ?? [];
  return rest === undefined || splitHostPort(rest, 1) === undefined ? undefined : text;
};

/** One server keeps a stream, or three do: two would stop when either is gone. */
export const parseReplicas = (value: Scalar): 1 | 3 | undefined => {
  const count = Number(value);
  return typeof value !== 'boolean' && (count === 1 || count === 3) ? count : undefined;
};

export const parseRedisUrl = (value: Scalar): string | undefined => {
  if (typeof value !== 'string' || value.length > 2048 || !URL.canParse(value.trim())) return undefined;
  const url = new URL(value.trim());
  const named = ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '';
  return named && /^(?:\/\d{0,3})?$/.test(url.pathname) ? value.trim() : undefined;
};

/** Where OTLP is spoken; a path below it is kept, and what is more than that cannot be meant. */
export const parseCollectorUrl = (value: Scalar): string | undefined => {
  const text = shortText(value);
  if (text === undefined || !URL.canParse(text)) return undefined;
  const { protocol, origin, pathname, search, hash, username } = new URL(text);
  const isPlain = search === '' && hash === '' && username === '';
  return isPlain && /^https?:$/.test(protocol) ? `${origin}${pathname.replace(/\/+$/, '')}` : undefined;
};

const MAX_HEADERS_LENGTH = 16_384;
const HEADER = /^([A-Za-z0-9-]{1,100})[ \t]*:[ \t]*([\x20-\x7e]+)$/;

/** One `name: value` a line. */
export const parseHttpHeaders = (text: string): Readonly<Record<string, string>> | undefined => {
  if (text.length > MAX_HEADERS_LENGTH) return undefined;
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const headers = lines.map((line) => HEADER.exec(line.trim()));
  if (headers.length === 0 || headers.includes(null)) return undefined;
  return Object.fromEntries(headers.map((match) => [match?.[1] ?? '', match?.[2] ?? '']));
};

export const parseHttpHeadersText = (value: Scalar): string | undefined =>
  typeof value === 'string' && parseHttpHeaders(value) !== undefined ? value : undefined;

export const parseCurrency = (value: Scalar): string | undefined => {
  const text = String(value).toUpperCase();
  return /^[A-Z]{3,10}$/.test(text) ? text : undefined;
};

/** The places to fill in are kept as they are written. */
export const parsePriceUrl = (value: Scalar): string | undefined => {
  const text = String(value);
  return /^https?:\/\//.test(text) && URL.canParse(text) ? text : undefined;
};
