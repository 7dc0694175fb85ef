import { type BanList, type BanOrder, type BanSubject, MemoryBans, networkOf } from '../index.ts';

const LIMITS = { maxImposed: 3, maxOrdered: 2 };

const network = (text: string): BanSubject => ({ kind: 'network', network: text });
const imposed = (text: string, forMs: number | undefined = 60_000): BanOrder => ({
  subject: network(text),
  reason: 'invalid-shares',
  note: '',
  by: 'gateway-1',
  forMs,
});
const ordered = (text: string, forMs?: number): BanOrder => ({
  ...imposed(text, forMs),
  forMs,
  reason: 'operator',
  by: 'alice',
});

const setup = () => {
  const time = { nowMs: 1_000 };
  const bans = new MemoryBans({ clock: () => time.nowMs + 1e12, monotonicMs: () => time.nowMs }, LIMITS);
  return { bans, time };
};
const listed = (bans: BanList): string[] =>
  bans.list().map(({ subject }) => (subject.kind === 'network' ? subject.network : subject.account));

describe('bans in memory', () => {
  it('end in time, and say when', () => {
    const { bans, time } = setup();
    expect(bans.impose(imposed('192.0.2.7', 5_000))).toMatchObject({
      sinceMs: 1e12 + 1_000,
      untilMs: 1e12 + 6_000,
    });
    time.nowMs += 4_999;
    expect(bans.find('::ffff:192.0.2.7')).toMatchObject({ reason: 'invalid-shares', untilMs: 1e12 + 6_000 });
    time.nowMs += 1;
    expect(bans.find('192.0.2.7')).toBeUndefined();
    expect(bans.list()).toEqual([]);
  });

  it('are bounded: of those imposed the oldest go first, of operators’ no more are taken', async () => {
    const { bans, time } = setup();
    for (const last of [1, 2, 3, 4]) bans.impose(imposed(`192.0.2.${last}`));
    expect(listed(bans)).toEqual(['192.0.2.4', '192.0.2.3', '192.0.2.2']);
    expect(bans.dropped).toBe(1);
    await bans.add(ordered('10.0.0.0/8'));
    await bans.add(ordered('11.0.0.0/8', 1_000));
    expect(await bans.add(ordered('12.0.0.0/8'))).toBe('full');
    expect(await bans.add(ordered('10.0.0.0/8', 2_000))).toMatchObject({ untilMs: 1e12 + 3_000 });
    time.nowMs += 1_000;
    expect(await bans.add(ordered('12.0.0.0/8'))).toMatchObject({ untilMs: undefined });
    expect(listed(bans).slice(0, 2)).toEqual(['12.0.0.0/8', '10.0.0.0/8']);
  });

  it('make room with those that have ended before any in force', () => {
    const { bans, time } = setup();
    bans.impose(imposed('192.0.2.1', 10));
    for (const last of [2, 3]) bans.impose(imposed(`192.0.2.${last}`));
    time.nowMs += 10;
    bans.impose(imposed('192.0.2.4'));
    expect(listed(bans)).toEqual(['192.0.2.4', '192.0.2.3', '192.0.2.2']);
    expect(bans.dropped).toBe(0);
  });
});

it('bans an address of IPv6 with its /64, and nothing that is no address', () => {
  expect(networkOf('2001:db8::1')).toEqual(network('2001:db8::/64'));
  expect(networkOf('::ffff:192.0.2.7')).toEqual(network('192.0.2.7'));
  expect(networkOf('')).toBeUndefined();
});
