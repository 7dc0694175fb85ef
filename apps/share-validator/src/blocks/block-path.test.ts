import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBlockEvent, silentLogger } from '@otedama/contracts';
import type { SubmitResult } from '@otedama/daemon-rpc';
import { FakeDaemon, ManualTimers, settle } from '@otedama/daemon-rpc/testing';
import { Registry } from 'prom-client';
import { createValidatorMetrics } from '../metrics.ts';
import { fakeCandidate } from '../testing/fixtures.ts';
import { MemoryLog } from '../testing/memory-log.ts';
import { never, until } from '../testing/until.ts';
import { type BlockPath, type BlockPathDeps, createBlockPath } from './block-path.ts';
import { createBlockSpool } from './spool.ts';
import { type SpoolFiles, systemSpoolFiles } from './spool-files.ts';

let root: string;
let timers: ManualTimers;
let shares: MemoryLog;
let blocks: MemoryLog;
let a: FakeDaemon;
let b: FakeDaemon;
let accepted: string[];
let paths: BlockPath[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'otedama-blocks-'));
  timers = new ManualTimers();
  [shares, blocks] = [new MemoryLog(), new MemoryLog()];
  [a, b] = [chainDaemon('a'), chainDaemon('b')];
  accepted = [];
  paths = [];
});
afterEach(async () => {
  const stopping = Promise.all(paths.map((path) => path.stop()));
  await timers.advance(60_000);
  await stopping;
  await rm(root, { recursive: true });
});

/** Takes each block once and says "duplicate" from then on, over all restarts of ours. */
const chainDaemon = (name: string): FakeDaemon => {
  const daemon = new FakeDaemon(name);
  const held = new Set<string>();
  daemon.onSubmit = (hex) => {
    const kind = held.has(hex) ? 'duplicate' : 'accepted';
    held.add(hex);
    return Promise.resolve({ kind });
  };
  return daemon;
};

const answers = (daemon: FakeDaemon, ...results: SubmitResult[]): void => {
  const last = results.at(-1);
  daemon.onSubmit = () => Promise.resolve(results.shift() ?? last ?? { kind: 'accepted' });
};

/** A process: what is passed breaks in it alone; disk, logs and daemons stay. */
const boot = (files: Partial<SpoolFiles> = {}, over: Partial<BlockPathDeps> = {}): BlockPath => {
  const path = createBlockPath({
    spool: createBlockSpool(
      { files: { ...systemSpoolFiles, ...files }, logger: silentLogger },
      join(root, 'spool'),
    ),
    daemonsOf: (poolId) => (poolId === 'p1' ? [a, b] : undefined),
    logs: { shares, blocks },
    timers,
    random: () => 1,
    logger: silentLogger,
    metrics: createValidatorMetrics(new Registry()),
    onAccepted: ({ facts }) => accepted.push(facts.hash),
    ...over,
  });
  paths.push(path);
  return path;
};

const spooled = (): Promise<string[]> => readdir(join(root, 'spool'));
const events = () => blocks.entries.map(({ payload }) => decodeBlockEvent(payload));
const idle = (path: BlockPath): Promise<void> => until('no block pending', () => path.pending('p1') === 0);

const candidate = fakeCandidate(1);
const { hash } = candidate.facts;

describe('a found block', () => {
  it('goes to every daemon, into both logs, and out of the spool', async () => {
    const path = boot();
    await path.offer(candidate);
    await idle(path);
    expect(a.submitted).toEqual([candidate.submission]);
    expect(b.submitted).toEqual([candidate.submission]);
    expect(events()).toEqual([{ ...candidate.facts, outcome: 'accepted' }]);
    expect(blocks.entries[0]?.id).toBe(hash);
    expect(shares.entries).toEqual([{ id: candidate.facts.batchId, payload: candidate.batch }]);
    expect(accepted).toEqual([hash]);
    expect([...a.precious, ...b.precious]).toEqual([hash, hash]);
    expect(await spooled()).toEqual([]);
  });

  it('is timed to the disk, to the first daemon and to the log', async () => {
    const registry = new Registry();
    const path = boot({}, { metrics: createValidatorMetrics(registry) });
    await path.offer(candidate);
    await idle(path);
    const text = await registry.metrics();
    for (const stage of ['spooled', 'accepted', 'logged']) {
      expect(text).toContain(`otedama_validator_block_stage_seconds_count{pool="p1",stage="${stage}"} 1\n`);
    }
    expect(text).toContain('otedama_validator_blocks_total{pool="p1",outcome="accepted"} 1\n');
    expect(path.waiting()).toBe(0);
  });

  it('is on disk before a daemon sees it', async () => {
    const seen: string[][] = [];
    a.onSubmit = async () => {
      seen.push(await spooled());
      return { kind: 'accepted' };
    };
    const path = boot();
    await path.offer(candidate);
    await idle(path);
    expect(seen).toEqual([[`${hash}.json`]]);
  });

  it('is accepted by the first daemon that takes it, while another one hangs', async () => {
    a.onSubmit = () => never();
    const path = boot();
    await path.offer(candidate);
    await idle(path);
    expect(events()).toMatchObject([{ outcome: 'accepted' }]);
  });

  it('is submitted while the logs do not answer', async () => {
    shares.beforeAppend = () => never();
    const path = boot();
    await path.offer(candidate);
    await until('submitted', () => a.submitted.length === 1 && b.submitted.length === 1);
    expect(path.pending('p1')).toBe(1);
    expect(await spooled()).toEqual([`${hash}.json`]);
  });

  it('is logged although nobody could be told of it', async () => {
    const path = boot(
      {},
      {
        onAccepted: () => {
          throw new TypeError('bug');
        },
      },
    );
    await path.offer(candidate);
    await idle(path);
    expect(events()).toMatchObject([{ outcome: 'accepted' }]);
    expect(await spooled()).toEqual([]);
  });

  it('offered twice is one block', async () => {
    const path = boot();
    await Promise.all([path.offer(candidate), path.offer(candidate)]);
    await idle(path);
    await path.offer(candidate);
    await idle(path);
    expect(blocks.entries).toHaveLength(1);
    expect(await spooled()).toEqual([]);
  });
});

describe('what the daemons say', () => {
  it('rejected by all is an event with the reasons', async () => {
    answers(a, { kind: 'rejected', reason: 'high-hash' });
    answers(b, { kind: 'rejected', reason: 'bad-txns' });
    const path = boot();
    await path.offer(candidate);
    await idle(path);
    expect(events()).toMatchObject([{ outcome: 'rejected', reason: 'high-hash; bad-txns' }]);
    expect(accepted).toEqual([]);
  });

  it('unknown is asked again until it is known, and only of those that have not judged', async () => {
    answers(a, { kind: 'rejected', reason: 'bad' });
    answers(
      b,
      { kind: 'unknown', code: 'DAEMON_TIMEOUT', reason: 'late' },
      { kind: 'unknown', code: 'DAEMON_UNREACHABLE', reason: 'gone' },
      { kind: 'duplicate' },
    );
    const path = boot();
    await path.offer(candidate);
    await until('asked', () => b.submitted.length === 1);
    expect(events()).toEqual([]);
    await timers.advance(10_000);
    await idle(path);
    expect(a.submitted).toHaveLength(1);
    expect(b.submitted).toHaveLength(3);
    expect(events()).toMatchObject([{ outcome: 'accepted' }]);
  });

  it('without its parent it waits for a daemon that is behind, not for one that went another way', async () => {
    const orphan: SubmitResult = { kind: 'unknown', code: 'PARENT_UNKNOWN', reason: 'prev-blk-not-found' };
    answers(a, orphan);
    answers(b, { kind: 'rejected', reason: 'bad' });
    a.moveTo(candidate.facts.height - 1);
    const path = boot();
    await path.offer(candidate);
    await timers.advance(5_000);
    expect(events()).toEqual([]);
    a.moveTo(candidate.facts.height);
    await timers.advance(60_000);
    await idle(path);
    expect(events()).toMatchObject([
      { outcome: 'rejected', reason: expect.stringContaining('not on the chain') },
    ]);
  });

  it('a defect in one client does not cost the answer of the other', async () => {
    a.onSubmit = () => Promise.reject(new TypeError('bug'));
    const path = boot();
    await path.offer(candidate);
    await idle(path);
    expect(events()).toMatchObject([{ outcome: 'accepted' }]);
  });
});

describe('a disk that fails', () => {
  it('does not keep a block back when it is full', async () => {
    const registry = new Registry();
    const path = boot(
      { writeDurable: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) },
      { metrics: createValidatorMetrics(registry) },
    );
    await path.offer(candidate);
    await idle(path);
    expect(events()).toMatchObject([{ outcome: 'accepted' }]);
    expect(await registry.metrics()).toContain('otedama_validator_spool_failures_total 1\n');
  });

  it('does not keep a block back when it hangs', async () => {
    const path = boot({ writeDurable: () => never() });
    const offered = path.offer(candidate);
    await settle();
    expect(a.submitted).toEqual([]);
    await timers.advance(250);
    await offered;
    await until('logged', () => blocks.entries.length === 1);
    expect(events()).toMatchObject([{ outcome: 'accepted' }]);
  });
});

describe('a second block on one parent', () => {
  const sibling = fakeCandidate(2);

  it('is not submitted once the first is accepted', async () => {
    const path = boot();
    await path.offer(candidate);
    await idle(path);
    await path.offer(sibling);
    await idle(path);
    expect(a.submitted).toEqual([candidate.submission]);
    expect(await spooled()).toEqual([]);
  });

  it('waits for the first, and goes out when that one is rejected', async () => {
    answers(a, { kind: 'rejected', reason: 'bad' }, { kind: 'accepted' });
    answers(b, { kind: 'rejected', reason: 'bad' }, { kind: 'accepted' });
    const path = boot();
    await Promise.all([path.offer(candidate), path.offer(sibling)]);
    await idle(path);
    expect(events().map(({ hash: of, outcome }) => [of, outcome])).toEqual([
      [hash, 'rejected'],
      [sibling.facts.hash, 'accepted'],
    ]);
  });

  it('does not wait for long', async () => {
    a.onSubmit = () => never();
    b.onSubmit = () => never();
    const path = boot();
    await Promise.all([path.offer(candidate), path.offer(sibling)]);
    await timers.advance(1_000);
    await until('both are out', () => a.submitted.length === 2);
  });

  it('on another parent, nothing waits', async () => {
    a.onSubmit = () => never();
    b.onSubmit = () => never();
    const path = boot();
    await Promise.all([path.offer(candidate), path.offer(fakeCandidate(3, 'cc'.repeat(32)))]);
    await until('both are out', () => a.submitted.length === 2);
  });
});

describe('a refusal', () => {
  const refusal: SubmitResult = { kind: 'rejected', reason: 'block hash unknown' };

  it('by a daemon that has the block on its chain is none', async () => {
    answers(a, refusal);
    answers(b, refusal);
    a.headers.set(hash, { hash, height: 10, confirmations: 1 });
    b.headers.set(hash, { hash, height: 10, confirmations: -1 });
    const path = boot();
    await path.offer(candidate);
    await idle(path);
    expect(events()).toEqual([{ ...candidate.facts, outcome: 'accepted' }]);
  });

  it('counts only when the daemon can be asked for the block', async () => {
    answers(a, refusal);
    answers(b, refusal);
    b.failure = 'DAEMON_BUSY';
    const path = boot();
    await path.offer(candidate);
    await until('asked', () => b.submitted.length === 1);
    await settle();
    expect(events()).toEqual([]);
    b.failure = undefined;
    await timers.advance(1_000);
    await idle(path);
    expect(events()).toMatchObject([{ outcome: 'rejected', reason: 'block hash unknown' }]);
    expect([a.submitted.length, b.submitted.length]).toEqual([1, 2]);
  });

  it('and an acceptance of one block are two entries of the log', async () => {
    answers(a, refusal, { kind: 'accepted' });
    answers(b, refusal);
    const path = boot();
    await path.offer(candidate);
    await idle(path);
    await path.offer(candidate);
    await idle(path);
    await path.offer(candidate);
    await idle(path);
    expect(events().map(({ outcome }) => outcome)).toEqual(['rejected', 'accepted']);
    expect(a.submitted).toHaveLength(2);
  });
});

describe('logs that fail', () => {
  it('are tried again until both have the block', async () => {
    let failures = 3;
    const failing = () => (failures-- > 0 ? Promise.reject(new Error('no database')) : Promise.resolve());
    shares.beforeAppend = failing;
    blocks.afterAppend = failing;
    const path = boot();
    await path.offer(candidate);
    await until('first attempt', () => shares.attempts === 1);
    for (let round = 0; round < 10; round++) {
      await timers.advance(1_000);
      await settle();
    }
    await idle(path);
    expect(blocks.entries).toHaveLength(1);
    expect(shares.entries).toHaveLength(1);
  });
});

interface Crash {
  readonly files?: Partial<SpoolFiles>;
  /** The first process has come to the step and stays there. */
  readonly reached: () => boolean;
  /** What the first process broke is whole for the next one. */
  readonly restore?: () => void;
}

/** Where the process dies: each breaks one step in the first process only. */
const crashes: readonly [name: string, kill: () => Crash][] = [
  ['the temporary file is on disk', () => hang('rename')],
  ['the file has its name, the directory is not synced', () => hang('syncDirectory')],
  ['the spool has it, no daemon saw it', () => hangSubmit(() => never())],
  ['the daemons have it, their answers are lost', () => hangSubmit((submit) => submit().then(() => never()))],
  ['it is accepted, nothing is logged', () => hangLog(shares, 'beforeAppend')],
  ['the share log has the batch', () => hangLog(shares, 'afterAppend')],
  ['the block log is about to have it', () => hangLog(blocks, 'beforeAppend')],
  ['the block log has it, the answer is lost', () => hangLog(blocks, 'afterAppend')],
  ['only the spool file is left to remove', () => hang('remove')],
];

const hangSubmit = (breakOff: (submit: () => Promise<SubmitResult>) => Promise<SubmitResult>): Crash => {
  const whole = [a, b].map((daemon) => ({ daemon, onSubmit: daemon.onSubmit }));
  for (const { daemon, onSubmit } of whole) daemon.onSubmit = (hex) => breakOff(() => onSubmit(hex));
  return {
    reached: () => b.submitted.length === 1,
    restore: () => whole.forEach(({ daemon, onSubmit }) => (daemon.onSubmit = onSubmit)),
  };
};

const hang = (method: 'rename' | 'syncDirectory' | 'remove'): Crash => {
  let reached = false;
  const files: Partial<SpoolFiles> = {
    [method]: () => {
      reached = true;
      return never();
    },
  };
  return { files, reached: () => reached };
};

const hangLog = (log: MemoryLog, step: 'beforeAppend' | 'afterAppend'): Crash => {
  let reached = false;
  log[step] = () => {
    reached = true;
    return never();
  };
  return {
    reached: () => reached,
    restore: () => {
      log[step] = () => Promise.resolve();
    },
  };
};

describe('a crash', () => {
  it.each(crashes)('when %s: the next start makes it exactly one block', async (_name, kill) => {
    const crash = kill();
    void boot(crash.files).offer(candidate);
    await until('the step', crash.reached);
    crash.restore?.();

    const next = boot();
    await next.replay();
    await idle(next);
    expect(events()).toEqual([{ ...candidate.facts, outcome: 'accepted' }]);
    expect(shares.entries.map(({ id }) => id)).toEqual([candidate.facts.batchId]);
    expect(await spooled()).toEqual([]);

    const third = boot();
    await third.replay();
    await idle(third);
    expect(blocks.entries).toHaveLength(1);
  });

  it('before anything is on disk leaves nothing, and its share was not acknowledged', async () => {
    void boot({ writeDurable: () => never() }).offer(candidate);
    await settle();
    const next = boot();
    await next.replay();
    await idle(next);
    expect(a.submitted).toEqual([]);
    expect(events()).toEqual([]);
  });

  it('with two blocks on one parent submits both again: nobody knows which one the chain took', async () => {
    const sibling = fakeCandidate(2);
    shares.beforeAppend = () => never();
    a.onSubmit = () => never();
    b.onSubmit = () => never();
    const first = boot();
    void first.offer(candidate);
    void first.offer(sibling);
    await until('spooled', async () => a.submitted.length > 0 && (await spooled()).length === 2);
    [a, b] = [chainDaemon('a'), chainDaemon('b')];
    shares.beforeAppend = () => Promise.resolve();
    const next = boot();
    await next.replay();
    await idle(next);
    expect(events().map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
  });
});

describe('stop and start', () => {
  it('a block of a pool that is gone from the configuration stays in the spool', async () => {
    const crash = hang('remove');
    void boot(crash.files).offer(candidate);
    await until('the step', crash.reached);
    const next = boot({}, { daemonsOf: () => undefined });
    await next.replay();
    await settle();
    expect(await spooled()).toEqual([`${hash}.json`]);
  });

  it('stop lets a delivery finish', async () => {
    const answer = Promise.withResolvers<SubmitResult>();
    a.onSubmit = b.onSubmit = () => answer.promise;
    const path = boot();
    await path.offer(candidate);
    const stopped = path.stop();
    answer.resolve({ kind: 'accepted' });
    await stopped;
    expect(events()).toMatchObject([{ outcome: 'accepted' }]);
    expect(await spooled()).toEqual([]);
  });

  it('stop does not wait for ever, and the spool keeps what is left', async () => {
    a.onSubmit = b.onSubmit = () => never();
    const path = boot();
    await path.offer(candidate);
    const stopped = path.stop();
    await timers.advance(2_000);
    await stopped;
    expect(await spooled()).toEqual([`${hash}.json`]);
  });
});
