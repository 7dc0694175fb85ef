import { mayFollow, parseConfigured, parseNotify } from './parse.ts';

describe('client.reconnect', () => {
  it.each([
    ['stratum.pool.example', undefined, true],
    ['stratum.pool.example', 'STRATUM.pool.example', true],
    ['stratum.pool.example', 'eu.pool.example', true],
    ['stratum.pool.example', 'evil.example', false],
    ['stratum.pool.example', 'pool.example.evil.example', false],
    ['pool.co.uk', 'evil.co.uk', false],
    ['eu.pool.co.uk', 'us.pool.co.uk', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['10.1.2.3', '10.9.2.3', false],
    ['localhost', 'pool.example', false],
    ['pool.example', 'evil.example', false],
  ])('from %s to %s: %s', (from, to, expected) => {
    expect(mayFollow(from, to)).toBe(expected);
  });
});

describe('configuration reply', () => {
  it('reads short masks, and none where nothing is granted', () => {
    expect(parseConfigured({ 'version-rolling': true, 'version-rolling.mask': '6000' })).toBe(0x6000);
    expect(parseConfigured({ 'version-rolling': false, 'version-rolling.mask': '1fffe000' })).toBe(0);
    expect(parseConfigured('x')).toBe(0);
  });
});

describe('jobs', () => {
  const good: unknown[] = ['j', '0'.repeat(64), '01', '02', [], '20000000', '1d00ffff', '66000000', true];
  it('takes a whole one', () => {
    expect(parseNotify(good)).toMatchObject({
      jobId: 'j',
      version: 0x20000000,
      bits: 0x1d00ffff,
      clean: true,
    });
  });
  it.each(good.slice(0, 8).map((_, index) => index))('refuses one with parameter %d spoilt', (index) => {
    expect(parseNotify(good.with(index, 'xyz '))).toEqual(index === 0 ? expect.anything() : undefined);
    expect(parseNotify(good.with(index, 7))).toBeUndefined();
  });
});
