import { isSameOrigin, isUnspoofableHost, presentedKey } from './access.ts';

it.each([
  ['127.0.0.1:8080', true],
  ['localhost:8080', true],
  ['LOCALHOST', true],
  ['[::1]:8080', true],
  ['192.168.1.20', true],
  ['pool.example', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example:8080', false],
  ['', false],
  ['a b', false],
  [undefined, false],
])('judges the Host %s', (host, expected) => {
  expect(isUnspoofableHost(host)).toBe(expected);
});

it.each([
  [undefined, 'pool.example', true],
  ['https://pool.example', 'pool.example', true],
  ['https://pool.example', 'Pool.Example', true],
  ['http://127.0.0.1:8080', '127.0.0.1:8080', true],
  ['http://127.0.0.1:8081', '127.0.0.1:8080', false],
  ['https://evil.example', 'pool.example', false],
  ['null', 'pool.example', false],
  ['https://pool.example', undefined, false],
])('compares the Origin %s with the Host %s', (origin, host, expected) => {
  expect(isSameOrigin({ ...(origin && { origin }), ...(host && { host }) })).toBe(expected);
});

it('reads a key from either header', () => {
  expect(presentedKey({ authorization: 'bearer abc' })).toBe('abc');
  expect(presentedKey({ 'x-api-key': 'abc' })).toBe('abc');
  expect(presentedKey({ authorization: 'Basic abc', 'x-api-key': 'def' })).toBe('def');
  expect(presentedKey({ authorization: 'Bearer' })).toBeUndefined();
  expect(presentedKey({})).toBeUndefined();
});
