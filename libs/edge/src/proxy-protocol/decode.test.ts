import fc from 'fast-check';
import { formatIpAddress } from '../address.ts';
import { MAX_PROXY_HEADER_BYTES, decodeProxyHeader } from './decode.ts';
import type { ProxyHeader } from './header.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const REQUEST = '{"id":1,"method":"mining.subscribe","params":[]}\n';

const line = (text: string): Buffer => Buffer.from(`${text}\r\n`);

/** A binary header as a proxy writes it; the length is that of what follows unless it is given. */
const binary = (
  versionAndCommand: string,
  family: string,
  block: string,
  length = block.length / 2,
): Buffer =>
  Buffer.from(
    `${SIGNATURE}${versionAndCommand}${family}${length.toString(16).padStart(4, '0')}${block}`,
    'hex',
  );

const IPV4_BLOCK = 'c0a80001c0a8000bdc0401bb';
const IPV6_BLOCK = `${'20010db8000000000000000000000001'}${'20010db8000000000000000000000002'}dc0401bb`;
const UNIX_BLOCK = '2f746d702f73'.padEnd(432, '0');
/** Noop, checksum, and one that a load balancer of Amazon adds. */
const FIELDS = `040003000000${'03000412345678'}${'ea001701767063652d30386432626630356461633461646637'.slice(0, 52)}`;

const told = (header: ProxyHeader): string => {
  if (header.kind === 'proxied') return `${formatIpAddress(header.source)} after ${header.length}`;
  if (header.kind === 'own') return `own after ${header.length}`;
  return header.kind === 'invalid' ? header.fault : header.kind;
};

const judge = (bytes: Buffer): string => told(decodeProxyHeader(bytes));

describe('version 1', () => {
  it('reads the example of the specification, and leaves the request behind it', () => {
    const bytes = Buffer.from(
      'PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\nGET / HTTP/1.1\r\nHost: 192.168.0.11\r\n\r\n',
    );
    expect(judge(bytes)).toBe('192.168.0.1 after 47');
    expect(bytes.subarray(47).toString()).toMatch(/^GET \//);
  });

  const LONGEST = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

  it.each([
    ['PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535', '255.255.255.255 after 56'],
    [`PROXY TCP6 ${LONGEST} ${LONGEST} 65535 65535`, `${LONGEST} after 104`],
    ['PROXY TCP6 2001:DB8::1 ::1 0 1', '2001:db8::1 after 32'],
    ['PROXY TCP6 ::ffff:192.0.2.7 ::1 5 1', '192.0.2.7 after 37'],
    ['PROXY UNKNOWN', 'own after 15'],
    [`PROXY UNKNOWN ${LONGEST} ${LONGEST} 65535 65535`, 'own after 107'],
    ['PROXY UNKNOWN what ever', 'own after 25'],
  ])('takes %s', (text, expected) => {
    expect(judge(Buffer.concat([line(text), Buffer.from(REQUEST)]))).toBe(expected);
  });

  it.each([
    ['PROXY TCP4 192.168.0.01 192.168.0.11 1 2', 'bad-address'],
    ['PROXY TCP4 192.168.0.256 192.168.0.11 1 2', 'bad-address'],
    ['PROXY TCP4 192.168.1 192.168.0.11 1 2', 'bad-address'],
    ['PROXY TCP4 2001:db8::1 ::1 1 2', 'bad-address'],
    ['PROXY TCP4 ::ffff:192.0.2.7 192.168.0.1 1 2', 'bad-address'],
    ['PROXY TCP6 192.168.0.1 192.168.0.11 1 2', 'bad-address'],
    ['PROXY TCP6 fe80::1%eth0 ::1 1 2', 'bad-address'],
    ['PROXY TCP6 1::2::3 ::1 1 2', 'bad-address'],
    ['PROXY TCP4 192.168.0.1 nobody 1 2', 'bad-address'],
    ['PROXY TCP4  192.168.0.1 192.168.0.11 1 2', 'bad-address'],
    ['PROXY TCP4 192.168.0.1 192.168.0.11 65536 2', 'bad-port'],
    ['PROXY TCP4 192.168.0.1 192.168.0.11 01 2', 'bad-port'],
    ['PROXY TCP4 192.168.0.1 192.168.0.11 1', 'bad-port'],
    ['PROXY TCP4 192.168.0.1 192.168.0.11 1 -2', 'bad-port'],
    ['PROXY TCP4 192.168.0.1 192.168.0.11 1 2 ', 'bad-port'],
    ['PROXY TCP4 192.168.0.1 192.168.0.11 1 2 3', 'bad-port'],
    ['PROXY UDP4 192.168.0.1 192.168.0.11 1 2', 'unknown-protocol'],
    ['PROXY tcp4 192.168.0.1 192.168.0.11 1 2', 'unknown-protocol'],
    ['PROXY UNKNOWNS', 'unknown-protocol'],
    ['PROXY ', 'unknown-protocol'],
  ])('refuses %j', (text, fault) => {
    expect(judge(line(text))).toBe(fault);
  });

  it('wants both characters of the line end, within 107 bytes', () => {
    expect(judge(Buffer.from('PROXY TCP4 192.168.0.1 192.168.0.11 1 2\n'))).toBe('bad-line-end');
    expect(judge(Buffer.from('PROXY UNKNOWN '.padEnd(106, 'x')))).toBe('need-more');
    expect(judge(Buffer.from('PROXY UNKNOWN '.padEnd(107, 'x')))).toBe('too-long');
    expect(judge(line('PROXY UNKNOWN '.padEnd(106, 'x')))).toBe('too-long');
  });
});

describe('version 2', () => {
  it.each([
    ['TCP over IPv4', binary('21', '11', IPV4_BLOCK), '192.168.0.1 after 28'],
    ['UDP over IPv4', binary('21', '12', IPV4_BLOCK), '192.168.0.1 after 28'],
    ['TCP over IPv6', binary('21', '21', IPV6_BLOCK), '2001:db8::1 after 52'],
    ['UDP over IPv6', binary('21', '22', IPV6_BLOCK), '2001:db8::1 after 52'],
    [
      'IPv4 inside IPv6',
      binary('21', '21', `${'0'.repeat(20)}ffffc0000207${IPV6_BLOCK.slice(32)}`),
      '192.0.2.7 after 52',
    ],
    ['a socket of the machine', binary('21', '31', UNIX_BLOCK), 'own after 232'],
    ['nobody in particular', binary('21', '00', ''), 'own after 16'],
    ['an address without a transport', binary('21', '10', IPV4_BLOCK), 'own after 28'],
    ['a look at our health', binary('20', '00', ''), 'own after 16'],
    ['a look at our health with addresses', binary('20', '11', IPV4_BLOCK), 'own after 28'],
    ['a look at our health with any family', binary('20', 'f7', 'abcdef'), 'own after 19'],
    [
      'fields behind the addresses',
      binary('21', '11', IPV4_BLOCK + FIELDS),
      `192.168.0.1 after ${28 + FIELDS.length / 2}`,
    ],
    ['fields of the longest', binary('21', '11', IPV4_BLOCK.padEnd(8192, '0')), '192.168.0.1 after 4112'],
  ])('takes %s, and leaves what is behind it', (_what, bytes, expected) => {
    expect(judge(Buffer.concat([bytes, Buffer.from(REQUEST)]))).toBe(expected);
    expect(judge(bytes)).toBe(expected);
    expect(judge(bytes.subarray(0, -1))).toBe('need-more');
  });

  it.each([
    ['version 1 in it', binary('11', '11', IPV4_BLOCK), 'unknown-version'],
    ['version 3 in it', binary('31', '11', IPV4_BLOCK), 'unknown-version'],
    ['another command', binary('22', '11', IPV4_BLOCK), 'unknown-command'],
    ['another family', binary('21', '41', IPV4_BLOCK), 'unknown-protocol'],
    ['another transport', binary('21', '13', IPV4_BLOCK), 'unknown-protocol'],
    ['too little for IPv4', binary('21', '11', IPV4_BLOCK.slice(2)), 'bad-length'],
    ['too little for IPv6', binary('21', '21', IPV4_BLOCK), 'bad-length'],
    ['too little for a socket of the machine', binary('21', '31', IPV6_BLOCK), 'bad-length'],
    ['a length beyond what is kept', binary('21', '11', IPV4_BLOCK, 4097), 'too-long'],
    ['the longest length, for a look at our health', binary('20', '00', '', 0xffff), 'too-long'],
  ])('refuses one with %s', (_what, bytes, fault) => {
    expect(judge(bytes)).toBe(fault);
  });
});

describe('the beginning of something else', () => {
  it.each([
    '{',
    REQUEST,
    'GET / HTTP/1.1\r\n',
    'P\r\n',
    'PROXY',
    'PROXYS',
    'proxy TCP4',
    'POST /',
    '\r',
    '\r\n',
    '\r\n\r\n{"id":1}\n',
    '\n',
    '\x16\x03\x01',
    ' PROXY TCP4',
  ])('%j', (text) => {
    const isUndecided = ['PROXY', '\r', '\r\n'].includes(text);
    expect(judge(Buffer.from(text))).toBe(isUndecided ? 'need-more' : 'absent');
  });

  it('is nothing yet without a byte', () => {
    expect(judge(Buffer.alloc(0))).toBe('need-more');
  });
});

const address = fc.oneof(fc.ipV4(), fc.ipV6());
const real = fc.oneof(
  fc
    .tuple(fc.ipV4(), fc.nat(65_535))
    .map(([source, port]) => line(`PROXY TCP4 ${source} 10.0.0.1 ${port} 3333`)),
  fc.tuple(fc.ipV6(), fc.nat(65_535)).map(([source, port]) => line(`PROXY TCP6 ${source} ::1 ${port} 3333`)),
  fc
    .tuple(
      fc.constantFrom('20', '21'),
      fc.constantFrom('00', '11', '12', '21', '22', '31'),
      fc.uint8Array({ maxLength: 300 }),
    )
    .map(([command, family, block]) => binary(command, family, Buffer.from(block).toString('hex'))),
);
/** A few bytes of a real one replaced. */
const damaged = fc
  .tuple(real, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }))
  .map(([bytes, changes]) => {
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    return bytes;
  });
const anything = fc.oneof(
  real,
  damaged,
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const RUNS = { numRuns: 2_000 };

describe('any bytes', () => {
  it('are judged once and for all by the fewest that say enough, however they arrive', () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        let decided: string | undefined;
        for (let length = 0; length <= bytes.length; length++) {
          const told = judge(bytes.subarray(0, length));
          if (decided === undefined && told !== 'need-more') decided = told;
          else if (decided !== undefined && told !== decided) throw new Error(`${decided}, then ${told}`);
        }
      }),
      RUNS,
    );
  });

  it('never make it want more than it keeps, nor tell of a header that is longer than they are', () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        const header = decodeProxyHeader(bytes);
        if (header.kind === 'proxied' || header.kind === 'own') {
          expect(header.length).toBeLessThanOrEqual(Math.min(bytes.length, MAX_PROXY_HEADER_BYTES));
        }
        const long = Buffer.concat([bytes, Buffer.alloc(MAX_PROXY_HEADER_BYTES, 'x')]);
        expect(decodeProxyHeader(long).kind).not.toBe('need-more');
      }),
      RUNS,
    );
  });

  it('name the source exactly, in both versions', () => {
    fc.assert(
      fc.property(address, (source) => {
        const isIpv6 = source.includes(':');
        const text = decodeProxyHeader(
          line(`PROXY TCP${isIpv6 ? '6' : '4'} ${source} ${isIpv6 ? '::1' : '10.0.0.1'} 1 2`),
        );
        if (text.kind !== 'proxied') throw new Error(`${source}: ${told(text)}`);
        const bits = text.source.toString(16).padStart(32, '0');
        const block = isIpv6 ? bits + '00'.repeat(20) : bits.slice(24) + '00'.repeat(8);
        const bytes = decodeProxyHeader(binary('21', isIpv6 ? '21' : '11', block));
        expect(bytes).toMatchObject({ kind: 'proxied', source: text.source });
      }),
      RUNS,
    );
  });
});
