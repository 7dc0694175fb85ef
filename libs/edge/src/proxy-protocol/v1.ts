/** The header as a line of text: `PROXY TCP4 source destination port port`, at most 107 bytes with its line end. */
import { type IpAddress, isIpv4, parseIpAddress } from '../address.ts';
import { type ProxyHeader, invalid, needMore, own } from './header.ts';

export const V1_PREFIX = Buffer.from('PROXY ');
export const MAX_V1_BYTES = 107;

const PORT = /^(?:0|[1-9]\d{0,4})$/;
const CARRIAGE_RETURN = 0x0d;
const NEWLINE = 0x0a;

const isPort = (text = ''): boolean => PORT.test(text) && Number(text) <= 65_535;

/** An address in the notation of its family; IPv4 inside IPv6 counts as what it is written as. */
const addressOf = (family: 'TCP4' | 'TCP6', text = ''): IpAddress | undefined => {
  const isWrittenAsIpv6 = text.includes(':');
  if (isWrittenAsIpv6 !== (family === 'TCP6') || text.includes('%')) return undefined;
  const address = parseIpAddress(text);
  return address !== undefined && (isWrittenAsIpv6 || isIpv4(address)) ? address : undefined;
};

const judgeLine = (line: string, length: number): ProxyHeader => {
  // Whatever follows the word says nothing.
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) return own(length);
  const [, family, source, destination, sourcePort, destinationPort, ...more] = line.split(' ');
  if (family !== 'TCP4' && family !== 'TCP6') return invalid('unknown-protocol');
  const address = addressOf(family, source);
  if (address === undefined || addressOf(family, destination) === undefined) return invalid('bad-address');
  if (!isPort(sourcePort) || !isPort(destinationPort) || more.length > 0) return invalid('bad-port');
  return { kind: 'proxied', source: address, length };
};

/** Of bytes that begin with the prefix. */
export const decodeV1 = (bytes: Buffer): ProxyHeader => {
  const end = bytes.subarray(0, MAX_V1_BYTES).indexOf(NEWLINE);
  if (end < 0) return bytes.length < MAX_V1_BYTES ? needMore : invalid('too-long');
  if (bytes[end - 1] !== CARRIAGE_RETURN) return invalid('bad-line-end');
  return judgeLine(bytes.toString('latin1', 0, end - 1), end + 1);
};
