/** Ranges of addresses in CIDR form, and the ranges that a peer counts as. */
import {
  ADDRESS_BITS,
  IPV4_BITS,
  type IpAddress,
  formatIpAddress,
  isIpv4,
  parseIpAddress,
} from './address.ts';

export interface Prefix {
  /** The lowest address of the range. */
  readonly first: IpAddress;
  /** Of 128: IPv4 begins at 96. */
  readonly bits: number;
}

const LENGTH = /^(?:0|[1-9]\d{0,2})$/;

/** The range of so many bits that the address lies in. */
export const prefixOf = (address: IpAddress, bits: number): Prefix => {
  const rest = BigInt(ADDRESS_BITS - bits);
  return { first: ((address >> rest) << rest) as IpAddress, bits };
};

/** `address` or `address/bits`; not one with bits behind its length, where nobody knows what was meant. */
export const parsePrefix = (text: string): Prefix | undefined => {
  const [addressText = '', lengthText, ...more] = text.split('/');
  const address = addressText.includes('%') ? undefined : parseIpAddress(addressText);
  if (address === undefined || more.length > 0) return undefined;
  if (lengthText === undefined) return { first: address, bits: ADDRESS_BITS };
  const isDotted = !addressText.includes(':');
  const bits = Number(lengthText) + (isDotted ? IPV4_BITS : 0);
  if (!LENGTH.test(lengthText) || bits > ADDRESS_BITS) return undefined;
  const prefix = prefixOf(address, bits);
  return prefix.first === address ? prefix : undefined;
};

/** The one text of a range; a single address has no length. */
export const formatPrefix = ({ first, bits }: Prefix): string => {
  const text = formatIpAddress(first);
  if (bits === ADDRESS_BITS) return text;
  return `${text}/${isIpv4(first) ? bits - IPV4_BITS : bits}`;
};

const CLIENT_IPV6_BITS = 64;
const SITE_IPV4_BITS = IPV4_BITS + 24;
const SITE_IPV6_BITS = 48;

/** What one peer has to itself: an IPv4 address, or an IPv6 /64, the least that anyone is given. */
export const clientPrefix = (address: IpAddress): Prefix =>
  prefixOf(address, isIpv4(address) ? ADDRESS_BITS : CLIENT_IPV6_BITS);

/** What one customer of a provider may have: an IPv4 /24, or an IPv6 /48. */
export const sitePrefix = (address: IpAddress): Prefix =>
  prefixOf(address, isIpv4(address) ? SITE_IPV4_BITS : SITE_IPV6_BITS);

const keyOf = (text: string, range: (address: IpAddress) => Prefix): string => {
  const address = parseIpAddress(text);
  return address === undefined ? text : formatPrefix(range(address));
};

/** The unit that a budget of a peer is given to. What is no address, such as a gone socket's, is a unit by itself. */
export const clientKey = (address: string): string => keyOf(address, clientPrefix);

/** The unit that a budget of a whole site is given to. */
export const siteKey = (address: string): string => keyOf(address, sitePrefix);
