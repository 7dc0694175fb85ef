import { Insistent } from './insistent.ts';

describe('who does not slow down', () => {
  let nowMs: number;
  let insistent: Insistent;
  beforeEach(() => {
    nowMs = 0;
    insistent = new Insistent(() => nowMs);
  });
  const refuse = (address: string, times: number): void => {
    for (let at = 0; at < times; at++) insistent.noteRefusal(address);
  };

  it('is out for ten seconds after a hundred refusals, and an IPv6 /64 as one', () => {
    refuse('192.0.2.1', 100);
    refuse('2001:db8::1', 50);
    refuse('2001:db8::2', 51);
    expect(insistent.isOut('192.0.2.1')).toBe(false);
    expect(insistent.isOut('2001:db8::3')).toBe(true);
    refuse('::ffff:192.0.2.1', 1);
    expect(insistent.isOut('192.0.2.1')).toBe(true);
    expect(insistent.isOut('192.0.2.2')).toBe(false);
    expect(insistent.size).toBe(2);
    nowMs = 9_999;
    expect(insistent.isOut('192.0.2.1')).toBe(true);
    nowMs = 10_000;
    expect(insistent.isOut('192.0.2.1')).toBe(false);
    expect(insistent.size).toBe(0);
  });

  it('is nobody who is refused now and then, for however long', () => {
    for (let second = 0; second < 1_000; second++) {
      nowMs = second * 1_000;
      refuse('192.0.2.1', 5);
    }
    expect(insistent.isOut('192.0.2.1')).toBe(false);
  });

  it('is forgotten for others where there are too many', () => {
    const addressOf = (at: number): string => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
    for (let at = 0; at < 10_001; at++) refuse(addressOf(at), 101);
    expect(insistent.size).toBe(10_000);
    expect([insistent.isOut(addressOf(0)), insistent.isOut(addressOf(10_000))]).toEqual([false, true]);
  });
});
