import { hashBlob } from '@otedama/native';
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

  it('mines RandomX from its cache until the dataset is there, within the nonces it was given', async () => {
    const pool = await new FakePool().listen();
    // A share of the first recorded session: its header, any hash of which will do, and a partition of NiceHash.
    const blob =
      '1010a2d2d8c306474cbd9f34ad0cbe644c474309cb4c15aee853182cbf7235f480c1cba9164b3f000000f3' +
      'bf40b0931e57d682fc5f0ff8e9e2c6395351105d487b0af16efd4b31b37e492564';
    const seed_hash = '11186f5a8473d8dc7a0d3a0bf25834a07b1dffe8741d53cd543a8708c2e8b2a9';
    const job = { blob, job_id: '3', target: '711b0d00', height: 3456046, seed_hash, algo: 'rx/0' };
    const easy = { ...job, job_id: '4', target: 'ffffffff' };
    const extensions = ['algo', 'nicehash', 'keepalive'];
    pool.replies = { login: { result: { id: 'session', job, extensions, status: 'OK' }, error: null } };
    const { written, terminal } = createTerminal(false);
    const stop = new AbortController();
    const upstreams = [{ url: `stratum+tcp://127.0.0.1:${pool.port}`, user: 'addr.rig', password: 'x' }];
    const options = { ...OPTIONS, algorithm: 'randomx', upstreams } as const;
    const done = runMiner(options, { out: terminal, signal: stop.signal });
    await pool.logins.take();
    pool.say({ jsonrpc: '2.0', method: 'job', params: easy });
    for (let i = 0; i < 2; i++) {
      const { id, params } = await pool.submits.take();
      const { nonce, result } = params as unknown as { nonce: string; result: string };
      expect(params).toEqual({ id: 'session', job_id: '4', nonce, result });
      expect(nonce).toMatch(/^[0-9a-f]{6}f3$/);
      const whole = Buffer.from(blob, 'hex');
      whole.set(Buffer.from(nonce, 'hex'), 39);
      const hash = await hashBlob('randomx', whole, Buffer.from(seed_hash, 'hex'));
      expect(result).toBe(hash.toString('hex'));
      pool.say({ id, jsonrpc: '2.0', error: null, result: { status: 'OK' } });
    }
    // The answers come before this share's, if they come.
    await pool.submits.take();
    stop.abort();
    await done;
    await pool.close();
    expect(written.at(-1)).toMatch(/^stopped {2}· {2}[1-9]\d* accepted, 0 rejected, 0 stale\n$/);
  }, 120_000);

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
    expect(describeMining({ ...status, devices: [], reason: 'at a fraction of the speed' })).toMatch(
      /^12.3 MH\/s \(at a fraction of the speed\) {2}·/,
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
    for (const percent of [1, 2, 3]) {
      const reason = `preparing the dataset, ${percent} %`;
      line.show({ ...status, devices: [], state: 'waiting', reason }, 62_000);
    }
    expect(written).toHaveLength(4);
  });
});
