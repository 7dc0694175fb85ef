import fc from 'fast-check';
import type { DaemonErrorCode } from './errors.ts';
import { type HealthLimits, isBehind, judge, type Observation, peerHeight, UNOBSERVED } from './health.ts';

const GENESIS = '00'.repeat(32);
const limits: HealthLimits = { toleratedBlocks: 1, toleratedMs: 30_000, genesisHash: GENESIS };
const NOW = 1_000_000;

const seen = (blocks: number, over: Partial<Observation> = {}): Observation => ({
  info: {
    chain: 'main',
    blocks,
    headers: blocks,
    bestBlockHash: 'aa'.repeat(32),
    initialBlockDownload: false,
  },
  answeredAtMs: NOW,
  genesisHash: GENESIS,
  failure: undefined,
  behindSinceMs: undefined,
  ...over,
});

const failed = (code: DaemonErrorCode): Partial<Observation> => ({
  failure: { code, detail: `was ${code}` },
});

describe('judge', () => {
  const cases: readonly [name: string, observation: Observation, state: string, detail: RegExp][] = [
    ['a daemon that was never heard', UNOBSERVED, 'down', /no answer yet/],
    ['one whose last answer is old', seen(5, { answeredAtMs: NOW - 31_000 }), 'down', /no answer for 31 s/],
    ['one that failed', seen(5, failed('DAEMON_TIMEOUT')), 'down', /DAEMON_TIMEOUT/],
    ['one that is loading', seen(5, failed('DAEMON_WARMING_UP')), 'syncing', /WARMING/],
    ['one of another chain', seen(5, { genesisHash: 'ff'.repeat(32) }), 'down', /another chain/],
    [
      'one far behind for long',
      seen(5, { behindSinceMs: NOW - 31_000 }),
      'stale',
      /at height 5, its peers at 9/,
    ],
  ];
  it.each(cases)('%s', (_name, observation, state, detail) => {
    const verdict = judge(observation, 9, NOW, limits);
    expect(verdict.state).toBe(state);
    expect(verdict.detail).toMatch(detail);
  });

  it('a daemon that is busy, or behind for a moment, stays in use', () => {
    expect(judge(seen(5, failed('DAEMON_BUSY')), 5, NOW, limits).state).toBe('up');
    expect(judge(seen(5, { behindSinceMs: NOW - 30_000 }), 9, NOW, limits).state).toBe('up');
  });

  it('initial block download is syncing', () => {
    const { info, ...rest } = seen(5);
    const syncing = info === undefined ? undefined : { ...info, initialBlockDownload: true };
    expect(judge({ ...rest, info: syncing }, 5, NOW, limits).state).toBe('syncing');
  });
});

describe('peerHeight', () => {
  it('counts no daemon that is down, syncing or of another chain', () => {
    const { info, ...rest } = seen(50);
    const syncing = { ...rest, info: info && { ...info, initialBlockDownload: true } };
    const foreign = seen(99, { genesisHash: 'ff'.repeat(32) });
    expect(peerHeight([seen(5), seen(80, failed('DAEMON_TIMEOUT')), syncing, foreign], limits)).toBe(5);
  });

  it('is reached by at least one healthy daemon, so that never all are behind', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }), (heights) => {
        const all = heights.map((height) => seen(height));
        const best = peerHeight(all, limits);
        return all.some(({ info }) => info !== undefined && !isBehind(info, best, limits));
      }),
    );
  });
});
