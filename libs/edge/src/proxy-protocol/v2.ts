/** The binary header: signature, version and command, family, length, addresses, and fields of no interest here. */
import { type IpAddress, parseIpAddress } from '../address.ts';
import { type ProxyHeader, invalid, needMore, own } from './header.ts';

export const V2_SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

const HEAD_BYTES = 16;
/** The lengths go up to 64 KiB. Addresses take 216 bytes at most; the fields behind them, with a certificate, some thousand. */
export const MAX_V2_BYTES = HEAD_BYTES + 4096;

const VERSION = 2;
const LOCAL = 0;
const PROXY = 1;
const UNSPECIFIED = 0;
/** Streams and datagrams name their addresses in the same way. */
const MAX_TRANSPORT = 2;
const FAMILIES = [
  { name: 'unspecified', addressBytes: 0 },
  { name: 'ipv4', addressBytes: 12 },
  { name: 'ipv6', addressBytes: 36 },
  { name: 'unix', addressBytes: 216 },
] as const;

const IPV6_GROUPS = [0, 2, 4, 6, 8, 10, 12, 14];

/** The source is the first of the addresses. */
const sourceOf = (family: 'ipv4' | 'ipv6', block: Buffer): IpAddress | undefined =>
  parseIpAddress(
    family === 'ipv4'
      ? block.subarray(0, 4).join('.')
      : IPV6_GROUPS.map((at) => block.readUInt16BE(at).toString(16)).join(':'),
  );

const judgeAddresses = (familyByte: number, block: Buffer, length: number): ProxyHeader => {
  const family = FAMILIES[familyByte >> 4];
  const transport = familyByte & 0x0f;
  if (family === undefined || transport > MAX_TRANSPORT) return invalid('unknown-protocol');
  if (block.length < family.addressBytes) return invalid('bad-length');
  // A socket of the proxy's machine, or something that it has no words for: nobody farther away.
  if (transport === UNSPECIFIED || family.name === 'unspecified' || family.name === 'unix')
    return own(length);
  const source = sourceOf(family.name, block);
  return source === undefined ? invalid('bad-address') : { kind: 'proxied', source, length };
};

/** Of bytes that begin with the signature. */
export const decodeV2 = (bytes: Buffer): ProxyHeader => {
  if (bytes.length < HEAD_BYTES) return needMore;
  const [versionAndCommand = 0, familyByte = 0] = bytes.subarray(V2_SIGNATURE.length);
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >> 4 !== VERSION) return invalid('unknown-version');
  if (command !== LOCAL && command !== PROXY) return invalid('unknown-command');
  const length = HEAD_BYTES + bytes.readUInt16BE(HEAD_BYTES - 2);
  if (length > MAX_V2_BYTES) return invalid('too-long');
  if (bytes.length < length) return needMore;
  // The proxy's own connection, to see whether we live; the family means nothing then.
  if (command === LOCAL) return own(length);
  return judgeAddresses(familyByte, bytes.subarray(HEAD_BYTES, length), length);
};
