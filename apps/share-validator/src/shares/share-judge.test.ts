import { type BitcoinTemplate, ShareBatchView, silentLogger, Verdict, withWorth } from '@otedama/contracts';
import { parseBlockTemplate, sha256d, toDisplay } from '@otedama/bitcoin-family';
import { ManualTimers } from '@otedama/daemon-rpc/testing';
import { Registry } from 'prom-client';
import type { BlockCandidate } from '../blocks/candidate.ts';
import { createValidatorMetrics } from '../metrics.ts';
import { mineBatch, poolConfig, TEMPLATE_EXTRA } from '../testing/fixtures.ts';
import { JsVerifier } from '../testing/js-verifier.ts';
import { MemoryLog } from '../testing/memory-log.ts';
import { never, until } from '../testing/until.ts';
import { bitcoinFamily } from '../families/bitcoin.ts';
import type { Job } from '../templates/job.ts';
import { createJobStore, type JobStore } from '../templates/job-store.ts';
import { createShareJudge, type ShareJudge } from './share-judge.ts';
import type { BlobTemplate } from './share-verifier.ts';
import { createWorthOf, type WorthOf } from './worth.ts';

let shares: MemoryLog;
let verifier: JsVerifier;
let jobs: JobStore;
let job: Job<BitcoinTemplate>;
let offered: BlockCandidate[];
let judge: ShareJudge;
let onOffer: () => Promise<void>;
let registry: Registry;

const parsedBody = () => {
  const parsed = parseBlockTemplate({
    ...TEMPLATE_EXTRA,
    previousblockhash: 'ab'.repeat(32),
    height: 500,
    transactions: [{ data: '0102', txid: '11'.repeat(32), hash: '11'.repeat(32), fee: 1 }],
  });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.template;
};

const makeJob = (jobKey: number, cleanJobs = false): Job<BitcoinTemplate> =>
  bitcoinFamily(poolConfig()).buildJob({
    body: parsedBody(),
    jobKey,
    uniqueTag: Buffer.alloc(8),
    cleanJobs,
    nowMs: 0,
  });

beforeEach(() => {
  shares = new MemoryLog();
  verifier = new JsVerifier();
  jobs = createJobStore(verifier);
  job = makeJob(7);
  jobs.add(job, 0);
  offered = [];
  onOffer = () => Promise.resolve();
  judge = judgeFor();
});

const judgeFor = (worthOf?: WorthOf): ShareJudge => {
  registry = new Registry();
  return createShareJudge(
    {
      shares,
      blockPath: {
        offer: (candidate) => {
          offered.push(candidate);
          return onOffer();
        },
      },
      timers: new ManualTimers(),
      logger: silentLogger,
      metrics: createValidatorMetrics(registry),
    },
    [{ poolId: 'p1', verifier, jobs, worthOf }],
  );
};

const verdicts = (batch: Buffer): number[] => {
  const view = new ShareBatchView(batch);
  return Array.from({ length: view.count }, (_, index) => view.verdict(index));
};

describe('submit', () => {
  it('gives verdicts back only when the log has the shares', async () => {
    const release = Promise.withResolvers<void>();
    shares.beforeAppend = () => release.promise;
    let answered = false;
    const judged = judge.submit(mineBatch(job.template, { candidates: false, shares: 3 }));
    void judged.then(() => (answered = true));
    await until('appending', () => shares.attempts === 1);
    expect(answered).toBe(false);
    release.resolve();
    expect(verdicts(await judged)).toEqual([Verdict.accepted, Verdict.accepted, Verdict.accepted]);
    expect(shares.entries.map(({ id }) => id)).toEqual(['01'.repeat(16)]);
  });

  it('keeps refused shares out of the log', async () => {
    const other = { ...job.template, jobKey: 99 };
    const judged = await judge.submit(mineBatch(other, { candidates: false }));
    expect(verdicts(judged)).toEqual([Verdict.unknownJob]);
    expect(shares.attempts).toBe(0);
  });

  it('rejects when the log fails, and the same batch may come again', async () => {
    shares.beforeAppend = () => Promise.reject(new Error('no database'));
    const batch = mineBatch(job.template, { shares: 2 });
    const copy = Buffer.from(batch);
    await expect(judge.submit(batch)).rejects.toThrow('no database');
    expect(shares.entries).toEqual([]);
    shares.beforeAppend = () => Promise.resolve();
    jobs.add(makeJob(8, true), 0);
    jobs.expire(1e9);
    expect(verdicts(await judge.submit(copy))).toEqual([Verdict.candidate, Verdict.candidate]);
    expect(shares.entries).toHaveLength(1);
    expect(offered).toHaveLength(2);
    expect(verifier.calls).toBe(1);
  });

  it('a batch that comes twice at once is judged and stored once', async () => {
    const batch = mineBatch(job.template);
    const [first, second] = await Promise.all([judge.submit(batch), judge.submit(Buffer.from(batch))]);
    expect(first).toBe(second);
    expect([verifier.calls, shares.attempts, offered.length]).toEqual([1, 1, 1]);
  });

  it('a batch that comes again after its answer was lost counts nothing and submits nothing', async () => {
    const batch = mineBatch(job.template);
    const copy = Buffer.from(batch);
    await judge.submit(batch);
    expect(verdicts(await judge.submit(copy))).toEqual([Verdict.candidate]);
    expect([verifier.calls, shares.entries.length, offered.length]).toEqual([1, 1, 1]);
  });

  it('what is no batch, or of no pool, is refused', async () => {
    await expect(judge.submit(Buffer.alloc(10))).rejects.toMatchObject({ code: 'BATCH_FORMAT' });
    await expect(judge.submit(mineBatch({ ...job.template, poolId: 'p2' }))).rejects.toMatchObject({
      code: 'UNKNOWN_POOL',
    });
  });

  it('refuses more batches than it may hold while the log does not answer', async () => {
    shares.beforeAppend = () => never();
    verifier.verifyBatch = () => never();
    const batch = mineBatch(job.template);
    for (let i = 0; i < 1024; i++) {
      batch.writeUInt32LE(i, 16);
      void judge.submit(Buffer.from(batch));
    }
    batch.writeUInt32LE(5000, 16);
    await expect(judge.submit(batch)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(judge.underWay).toBe(1024);
    expect(await registry.metrics()).toContain(
      'otedama_validator_batches_total{pool="p1",outcome="refused"} 1\n',
    );
  });
});

describe('the figures', () => {
  const figure = async (name: string): Promise<number> => {
    const line = (await registry.metrics())
      .split('\n')
      .find((each) => each.startsWith(`otedama_validator_${name} `));
    return Number(line?.split(' ')[1]);
  };

  it('add up the work of accepted shares, and of those only', async () => {
    const work = (3n << 70n) + (5n << 33n) + 7n;
    await judge.submit(mineBatch(job.template, { candidates: false, shares: 3, work }));
    await judge.submit(mineBatch({ ...job.template, jobKey: 99 }, { candidates: false, batchId: 2 }));
    expect(await figure('accepted_work_total{pool="p1"}')).toBe(3 * Number(work));
    expect(await figure('shares_total{pool="p1",verdict="accepted"}')).toBe(3);
    expect(await figure('shares_total{pool="p1",verdict="unknownJob"}')).toBe(1);
    // Nothing was to be stored of the second batch.
    expect(await figure('share_stage_seconds_count{pool="p1",stage="judged"}')).toBe(2);
    expect(await figure('share_stage_seconds_count{pool="p1",stage="durable"}')).toBe(1);
  });

  it('tell a batch that failed, and one that came again, from one that was answered', async () => {
    shares.beforeAppend = () => Promise.reject(new Error('no database'));
    const batch = mineBatch(job.template, { candidates: false });
    await expect(judge.submit(Buffer.from(batch))).rejects.toThrow('no database');
    expect(await figure('batches_total{pool="p1",outcome="failed"}')).toBe(1);
    shares.beforeAppend = () => Promise.resolve();
    await judge.submit(batch);
    expect(await figure('batches_total{pool="p1",outcome="answered"}')).toBe(1);
    expect(await figure('shares_total{pool="p1",verdict="accepted"}')).toBe(1);
  });

  it('show what is under way', async () => {
    shares.beforeAppend = () => never();
    void judge.submit(mineBatch(job.template));
    expect(judge.underWay).toBe(1);
  });
});

describe('a candidate', () => {
  it('leaves before the shares are logged, with all that its event needs', async () => {
    const order: string[] = [];
    onOffer = () => {
      order.push('offer');
      return Promise.resolve();
    };
    shares.beforeAppend = () => {
      order.push('append');
      return Promise.resolve();
    };
    await judge.submit(mineBatch(job.template, { address: 'someone' }));
    expect(order).toEqual(['offer', 'append']);
    const [candidate] = offered;
    expect(candidate?.facts).toMatchObject({
      poolId: 'p1',
      coin: 'bitcoin',
      height: 500,
      prevHash: 'ab'.repeat(32),
      rewardAtomic: '5000000000',
      networkWork: '2',
      address: 'someone',
      worker: 'rig',
      batchId: '01'.repeat(16),
    });
    const header = Buffer.from(candidate?.submission.slice(0, 160) ?? '', 'hex');
    expect(candidate?.facts.hash).toBe(toDisplay(sha256d(header)));
    expect(candidate?.submission.endsWith('0102')).toBe(true);
  });

  it('carries the batch as the share log keeps it', async () => {
    const batch = mineBatch(job.template, { shares: 2 });
    await judge.submit(batch);
    expect(offered[0]?.batch).toEqual(shares.entries[0]?.payload);
  });

  it('finds the body of its job although the tip changed while it was judged', async () => {
    const batch = mineBatch(job.template);
    verifier.duringVerify = async () => {
      jobs.add(makeJob(8, true), 0);
      jobs.expire(1e9);
    };
    await judge.submit(batch);
    expect(offered).toHaveLength(1);
  });

  it('of a share that misses its own target is a block all the same', async () => {
    const batch = mineBatch(job.template);
    // The target of the first record: no hash can meet it.
    batch.fill(0, 64 + 64, 64 + 96);
    expect(verdicts(await judge.submit(batch))).toEqual([Verdict.candidateOnly]);
    expect(offered).toHaveLength(1);
  });
});

describe('a template of a miner', () => {
  const template = { poolId: 'p1', jobKey: 7, extraNonce: new Uint8Array(8), blob: Uint8Array.of(1) };
  const given: unknown[][] = [];

  beforeEach(() => {
    given.length = 0;
    verifier.adoptTemplate = (...args: unknown[]) => given.push(args);
  });

  it('is judged by its job, and given to the verifier before anybody hears of it', async () => {
    const parts = { header: Buffer.alloc(43) } as BlobTemplate;
    jobs.add({ ...job, adopt: () => ({ ok: true, template: parts }) }, 0);
    expect(await judge.adopt(template)).toEqual({ ok: true });
    expect(given).toEqual([[7, Buffer.alloc(8), parts]]);
  });

  it('is refused for its faults, for a job that is gone, and by pools that take none', async () => {
    expect(await judge.adopt(template)).toMatchObject({ ok: false, stale: false });
    jobs.add({ ...job, adopt: () => ({ ok: false, reason: 'no block' }) }, 0);
    expect(await judge.adopt(template)).toEqual({ ok: false, stale: false, reason: 'no block' });
    expect(await judge.adopt({ ...template, jobKey: 8 })).toMatchObject({ ok: false, stale: true });
    await expect(judge.adopt({ ...template, poolId: 'p2' })).rejects.toMatchObject({ code: 'UNKNOWN_POOL' });
    expect(given).toEqual([]);
  });
});

describe('transactions', () => {
  it('of a live job are given raw, of another none', async () => {
    expect(await judge.transactions('p1', 7)).toEqual(['0102']);
    expect(await judge.transactions('p1', 8)).toEqual([]);
    expect(await judge.transactions('p2', 7)).toEqual([]);
  });
});

describe('in a pool that pays by share', () => {
  const worth = {
    scheme: 'pps',
    feeBasisPoints: 150,
    height: 500,
    networkWork: 2n,
    // Past three halvings of regtest.
    subsidyAtomic: 625_000_000n,
    feesAtomic: 0n,
  } as const;

  beforeEach(() => {
    judge = judgeFor(createWorthOf(poolConfig({ scheme: 'pps', feeBasisPoints: 150 })));
  });

  it('the log says what shares are worth, also where a block brings them', async () => {
    const judged = await judge.submit(mineBatch(job.template, { shares: 2 }));
    expect(new ShareBatchView(judged).worth).toBeUndefined();
    const [entry] = shares.entries;
    if (entry === undefined) throw new Error('nothing in the log');
    const stored = new ShareBatchView(entry.payload);
    const { coinbaseValueAtomic } = parsedBody();
    expect(stored.worth).toEqual({ ...worth, feesAtomic: coinbaseValueAtomic - worth.subsidyAtomic });
    expect(offered.map(({ batch }) => batch)).toEqual([entry.payload, entry.payload]);
  });

  it('no gateway may say so', async () => {
    const batch = withWorth(mineBatch(job.template), worth);
    await expect(judge.submit(batch)).rejects.toMatchObject({ code: 'WORTH_TOLD' });
    expect(shares.attempts).toBe(0);
  });
});
