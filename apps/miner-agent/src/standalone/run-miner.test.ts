import { FakePool, notify, setDifficulty } from '../testing/fake-pool.ts';
import { createLiveLine, describeMining, formatHashrate } from './live-line.ts';
import { MinerStartError, runMiner } from './run-miner.ts';

const OPTIONS = {
  algorithm: 'sha256d',
  threads: 1,
  priority: 10,
  agent: 'otedama/test',
  versionMask: 0x1fffe000,
} as const;

const createTerminal = (isTTY: boolean) => {
  const written: string[] = [];
  return { written, terminal: { isTTY, columns: 60, write: (text: string) => written.push(text) } };
};

describe('standalone miner', () => {
  it('mines real shares on the processor and leaves a last line', async () => {
    const pool = await new FakePool().listen();
    pool.greeting = [setDifficulty(1e-5), notify('job')];
    const { written, terminal } = createTerminal(false);
    const stop = new AbortController();
    const url = `stratum+tcp://127.0.0.1:${pool.port}`;
    const upstreams = [{ url, user: 'addr.rig', password: 'x' }];
    const done = runMiner({ ...OPTIONS, upstreams }, { out: terminal, signal: stop.signal });
    const submits = [await pool.submits.take(), await pool.submits.take()];
    for (const { id, params } of submits) {
      expect(params.slice(0, 2)).toEqual(['addr.rig', 'job']);
      pool.say({ id, result: true, error: null });
    }
    expect(submits[0]?.params).not.toEqual(submits[1]?.params);
    // The answers come before this share's, if they come.
    await pool.submits.take();
    stop.abort();
    await done;
    await pool.close();
    expect(written[0]).toContain('connecting');
    expect(written.at(-1)).toMatch(/^stopped {2}· {2}\d+ accepted, 0 rejected, 0 stale\n$/);
  });

  it('says at once what is wrong with what it was asked', async () => {
    const io = { out: createTerminal(false).terminal, signal: AbortSignal.abort() };
    await expect(runMiner({ ...OPTIONS, upstreams: [] }, io)).rejects.toThrow(MinerStartError);
    const upstreams = [{ url: 'http://x', user: 'u', password: 'x' }];
    await expect(runMiner({ ...OPTIONS, upstreams }, io)).rejects.toThrow(/not a pool URL: http:\/\/x/);
  });
});

describe('live line', () => {
  const status = {
    state: 'mining',
    algorithm: 'sha256d',
    backend: 'sha-ni',
    threads: 3,
    hashrateHs: 12_345_678,
    pool: 'stratum+tcp://p:1',
    shares: { accepted: 1, rejected: 2, stale: 3 },
    devices: [],
  } as const;

  it('tells the essentials', () => {
    expect(describeMining({ ...status, devices: [] })).toBe(
      '12.3 MH/s  ·  1 accepted, 2 rejected, 3 stale  ·  sha256d sha-ni x3  ·  stratum+tcp://p:1',
    );
    expect([0, 999, 1_000, 123_456, 5e18].map(formatHashrate)).toEqual([
      '0.00 H/s',
      '999 H/s',
      '1.00 kH/s',
      '123 kH/s',
      '5.00 EH/s',
    ]);
  });

  it('rewrites one line on a terminal, cut to its width', () => {
    const { written, terminal } = createTerminal(true);
    const line = createLiveLine(terminal);
    line.show({ ...status, devices: [] }, 0);
    line.show({ ...status, devices: [] }, 1_000);
    line.close();
    expect(written.map((text) => text.startsWith('\r'))).toEqual([false, true, false, true]);
    expect(written[0]).toHaveLength(59);
  });

  it('is quiet in a file until something changes or a minute has passed', () => {
    const { written, terminal } = createTerminal(false);
    const line = createLiveLine(terminal);
    for (let second = 0; second <= 60; second++) line.show({ ...status, devices: [] }, second * 1_000);
    expect(written).toHaveLength(2);
    line.show({ ...status, devices: [], state: 'connecting', reason: 'lost' }, 61_000);
    expect(written.at(-1)).toContain('connecting: lost');
  });
});
