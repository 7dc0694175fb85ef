import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { formatIpAddress, isIpv4, parseIpAddress } from './index.ts';

const parsed = (text: string) => {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`not parsed: ${text}`);
  return address;
};

/** The text that the URL standard gives an address of IPv6. */
const byUrl = (text: string): string => new URL(`http://[${text}]`).hostname.slice(1, -1);

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();

it('reads what is an address, and nothing else', () => {
  const nearly = fc.stringMatching(/^[0-9a-f:.]{0,24}$/);
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6, nearly), (text) => {
      expect(parseIpAddress(text) !== undefined).toBe(isIP(text) !== 0);
    }),
    { numRuns: 2_000 },
  );
});

it('writes every address in one way, and reads it back', () => {
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6), (text) => {
      const address = parsed(text);
      expect(parseIpAddress(formatIpAddress(address))).toBe(address);
      if (!isIpv4(address)) expect(formatIpAddress(address)).toBe(byUrl(text));
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:c000:0207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['64:ff9b::192.0.2.7', '64:ff9b::c000:207'],
])('writes %s as %s', (text, written) => {
  expect(formatIpAddress(parsed(text))).toBe(written);
});

it.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '256.1.1.1',
  '1::2::3',
  ':1',
  '1:2:3:4:5:6:7:8:9',
  '::1.2.3',
  'x',
  '1.2.3.4:80',
])('does not read %s', (text) => {
  expect(parseIpAddress(text)).toBeUndefined();
});

it('finds IPv4 in either notation, as the system does', () => {
  const list = new BlockList();
  list.addAddress('192.0.2.7');
  expect(list.check('::ffff:192.0.2.7', 'ipv6')).toBe(true);
  expect(parsed('::ffff:192.0.2.7')).toBe(parsed('192.0.2.7'));
});
