import { parseConfigured, parseNotify } from './parse.ts';

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
      clean: true,
      header: { version: 0x20000000, bits: 0x1d00ffff },
    });
  });
  it.each(good.slice(0, 8).map((_, index) => index))('refuses one with parameter %d spoilt', (index) => {
    expect(parseNotify(good.with(index, 'xyz '))).toEqual(index === 0 ? expect.anything() : undefined);
    expect(parseNotify(good.with(index, 7))).toBeUndefined();
  });
});
