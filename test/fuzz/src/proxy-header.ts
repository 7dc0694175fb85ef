/**
 * Headers of the PROXY protocol, whole and damaged, cut anywhere: what the first bytes say must not change by what
 * follows, and no header may want more bytes than it may have.
 */
import { MAX_PROXY_HEADER_BYTES, type ProxyHeader, decodeProxyHeader } from '../../../libs/edge/src/index.ts';
import type { FuzzOptions, FuzzResult } from './fuzz.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';

export const PROXY_HEADER = 'proxy-header';

export type ProxyFuzzResult = Pick<FuzzResult, 'inputs' | 'bytes' | 'ways' | 'seen' | 'kept' | 'failure'>;

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const binary = (head: string, block: string): Buffer =>
  Buffer.from(`${SIGNATURE}${head}${(block.length / 2).toString(16).padStart(4, '0')}${block}`, 'hex');
const IPV4 = 'c0a80001c0a8000bdc0401bb';
const IPV6 = `${'20010db8'.padEnd(31, '0')}1${'20010db8'.padEnd(31, '0')}2dc0401bb`;

const HEADERS: readonly Buffer[] = [
  ...[
    'TCP4 192.168.0.1 192.168.0.11 56324 443',
    'TCP6 2001:db8::1 2001:db8::2 56324 443',
    'TCP6 ::ffff:192.0.2.7 ::1 0 65535',
    'UNKNOWN',
    'UNKNOWN ffff::1 ffff::2 65535 65535',
  ].map((line) => Buffer.from(`PROXY ${line}\r\n`)),
  binary('2111', IPV4),
  binary('2112', `${IPV4}040004000000000500010a`),
  binary('2121', IPV6),
  binary('2131', '2f746d702f73'.padEnd(432, '0')),
  binary('2000', ''),
  binary('2100', ''),
];
const WORDS = ['TCP4', 'TCP6', 'UNKNOWN', 'PROXY ', '255.255.255.255', '::', '65535'];
const MAX_RANDOM_BYTES = 300;
const PROGRESS_INPUTS = 1 << 14;

const createInput = (random: Random): Buffer => {
  if (random.oneIn(16)) return random.bytes(1 + random.below(MAX_RANDOM_BYTES));
  const header = random.pick(HEADERS);
  return random.oneIn(4) ? header : mutate(header, random, WORDS, HEADERS);
};

const told = (header: ProxyHeader): string => {
  if (header.kind === 'proxied') return `${header.source} ${header.length}`;
  if (header.kind === 'own') return `own ${header.length}`;
  return header.kind === 'invalid' ? header.fault : header.kind;
};

const check = (input: Buffer, random: Random): string => {
  const whole = decodeProxyHeader(input);
  const part = decodeProxyHeader(input.subarray(0, random.below(input.length + 1)));
  if (part.kind !== 'need-more' && told(part) !== told(whole)) {
    throw new Error(`a part said ${told(part)}, the whole ${told(whole)}`);
  }
  if ('length' in whole && whole.length > Math.min(input.length, MAX_PROXY_HEADER_BYTES)) {
    throw new Error('the header is longer than it may be');
  }
  if (whole.kind === 'need-more' && input.length >= MAX_PROXY_HEADER_BYTES) {
    throw new Error('more is wanted than may be kept');
  }
  return whole.kind === 'invalid' ? whole.fault : whole.kind;
};

export const fuzzProxyHeader = ({ inputs, seed, onProgress }: FuzzOptions): ProxyFuzzResult => {
  const random = new Random(seed);
  const seen = new Map<string, number>();
  let bytes = 0;
  for (let at = 0; at < inputs; at++) {
    const input = createInput(random);
    bytes += input.length;
    try {
      const way = check(input, random);
      seen.set(way, (seen.get(way) ?? 0) + 1);
    } catch (error) {
      const failure = { error: String(error), at, inputBase64: input.toString('base64') };
      return { inputs: at, bytes, ways: seen.size, seen: Object.fromEntries(seen), kept: [], failure };
    }
    if (at % PROGRESS_INPUTS === 0) onProgress?.(at);
  }
  return { inputs, bytes, ways: seen.size, seen: Object.fromEntries(seen), kept: [] };
};
