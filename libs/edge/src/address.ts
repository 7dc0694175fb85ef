/**
 * IP addresses as numbers of 128 bits. IPv4 has its place in IPv6 (::ffff:0:0/96), so one socket that listens on
 * both families and one that listens on IPv4 see the same peer as the same number.
 */
export type IpAddress = bigint & { readonly __brand: 'IpAddress' };

export const ADDRESS_BITS = 128;
/** Of a prefix that holds all of IPv4, and nothing else. */
export const IPV4_BITS = 96;

const IPV4_SPACE = 0xffffn;
const GROUPS = 8;
const MAX_ADDRESS_CHARS = 64;
const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;

const parseIpv4 = (text: string): bigint | undefined => {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let value = 0n;
  for (const octet of octets) {
    // Leading zeros are octal to some and decimal to others: neither here.
    if (!OCTET.test(octet) || Number(octet) > 255) return undefined;
    value = (value << 8n) | BigInt(octet);
  }
  return value;
};

/** Groups of one side of `::`; the last one may be written as IPv4. */
const parseGroups = (text: string): bigint[] | undefined => {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(BigInt(`0x${part}`));
      continue;
    }
    const ipv4 = at === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 === undefined) return undefined;
    groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
  }
  return groups;
};

const parseIpv6 = (text: string): bigint | undefined => {
  const halves = text.split('::');
  const left = parseGroups(halves[0] ?? '');
  const right = parseGroups(halves[1] ?? '');
  if (left === undefined || right === undefined || halves.length > 2) return undefined;
  const zeros = GROUPS - left.length - right.length;
  // `::` stands for at least one group.
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const groups = [...left, ...Array.from({ length: zeros }, () => 0n), ...right];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
};

/** As sockets and operators write it; the zone of a link-local address is left out. */
export const parseIpAddress = (text: string): IpAddress | undefined => {
  if (text.length > MAX_ADDRESS_CHARS) return undefined;
  const [bare = ''] = text.split('%', 1);
  if (bare.includes(':')) return parseIpv6(bare) as IpAddress | undefined;
  const ipv4 = parseIpv4(bare);
  return ipv4 === undefined ? undefined : (((IPV4_SPACE << 32n) | ipv4) as IpAddress);
};

export const isIpv4 = (address: IpAddress): boolean => address >> 32n === IPV4_SPACE;

/** Where the longest run of at least two zero groups begins, and its length. */
const longestZeros = (groups: readonly number[]): { readonly at: number; readonly length: number } => {
  let best = { at: 0, length: 0 };
  let length = 0;
  for (const [at, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > Math.max(best.length, 1)) best = { at: at - length + 1, length };
  }
  return best;
};

/** The one text of an address (RFC 5952); IPv4 with dots. */
export const formatIpAddress = (address: IpAddress): string => {
  if (isIpv4(address)) return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: GROUPS }, (_, at) =>
    Number((address >> BigInt(16 * (GROUPS - 1 - at))) & 0xffffn),
  );
  const hex = groups.map((group) => group.toString(16));
  const { at, length } = longestZeros(groups);
  if (length === 0) return hex.join(':');
  return `${hex.slice(0, at).join(':')}::${hex.slice(at + length).join(':')}`;
};
