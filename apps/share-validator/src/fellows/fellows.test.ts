import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { zstdCompressSync } from 'node:zlib';
import { isStopped, ShareBatchView, silentLogger, Verdict } from '@otedama/contracts';
import { createDaemonSet } from '@otedama/daemon-rpc';
import { FakeDaemon, fakeHash, ManualTimers, settle } from '@otedama/daemon-rpc/testing';
import { toDisplay } from '@otedama/bitcoin-family';
import { Registry } from 'prom-client';
import { createShareValidator, type ShareValidator } from '../share-validator.ts';
import { mineBatch, poolConfig, REGTEST, TEMPLATE_EXTRA, templateOf } from '../testing/fixtures.ts';
import { JsVerifier } from '../testing/js-verifier.ts';
import { MemoryTemplateBus } from '../testing/memory-bus.ts';
import { type MemoryLeadership, MemoryOffice } from '../testing/memory-fellows.ts';
import { MemoryLog } from '../testing/memory-log.ts';
import { until } from '../testing/until.ts';
import { decodeShared, encodeSharedJob, SHARED_JOB_VERSION, SharedJobError } from './shared-job.ts';

let dataDir: string;
let timers: ManualTimers;
let bus: MemoryTemplateBus;
let office: MemoryOffice;
let shares: MemoryLog;
let blocks: MemoryLog;

interface Process {
  readonly registry: Registry;
  readonly validator: ShareValidator;
  readonly daemon: FakeDaemon;
  readonly leadership: MemoryLeadership;
}

const processes: Process[] = [];

const startProcess = async (name: string): Promise<Process> => {
  const daemon = new FakeDaemon(name);
  daemon.genesis = REGTEST.genesisHash;
  daemon.templateExtra = TEMPLATE_EXTRA;
  daemon.moveTo(10);
  const base = { clock: timers.clock, timers, random: () => 1, logger: silentLogger };
  const { leadership, jobs } = office.join();
  const registry = new Registry();
  const validator = createShareValidator(
    {
      ...base,
      logs: { shares, blocks },
      templates: bus,
      createVerifier: () => new JsVerifier(),
      registry,
      connectDaemons: () =>
        createDaemonSet(base, { genesisHash: REGTEST.genesisHash, longPoll: true, daemons: [daemon] }),
      fellowsOf: () => ({ leadership, jobs }),
    },
    { pools: [poolConfig()], dataDir: join(dataDir, name) },
  );
  await validator.start();
  await settle();
  const started = { validator, daemon, leadership, registry };
  processes.push(started);
  return started;
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'otedama-fellows-'));
  timers = new ManualTimers();
  bus = new MemoryTemplateBus();
  office = new MemoryOffice();
  shares = new MemoryLog();
  blocks = new MemoryLog();
});

afterEach(async () => {
  await Promise.all(processes.splice(0).map(({ validator }) => validator.stop()));
  await rm(dataDir, { recursive: true });
});

const latest = () => templateOf(bus.published.findLast((update) => !isStopped(update)));
const verdictsOf = (judged: Buffer): number[] => {
  const view = new ShareBatchView(judged);
  return Array.from({ length: view.count }, (_, index) => view.verdict(index));
};

const leading = async ({ registry }: Process): Promise<string | undefined> =>
  /^otedama_validator_leading\{pool="p1"\} (\d)$/m.exec(await registry.metrics())?.[1];

describe('two validators of one pool', () => {
  it('give out one job for each piece of news, and the other judges its shares', async () => {
    const [leader, other] = [await startProcess('a'), await startProcess('b')];
    expect([leader.leadership.isLeading, other.leadership.isLeading]).toEqual([true, false]);
    expect(bus.published).toHaveLength(1);
    const batch = mineBatch(latest(), { candidates: false });
    expect(verdictsOf(await other.validator.validation.submit(batch))).toEqual([Verdict.accepted]);
    for (const { daemon } of [leader, other]) daemon.moveTo(11);
    await settle();
    expect(bus.published).toHaveLength(2);
    expect(latest().height).toBe(12);
  });

  it('each completes blocks of the leader’s jobs', async () => {
    const [, other] = [await startProcess('a'), await startProcess('b')];
    await other.validator.validation.submit(mineBatch(latest(), { candidates: true }));
    await until('the block is logged', () => blocks.entries.length === 1);
    expect(other.daemon.submitted).toHaveLength(1);
  });

  it('a share waits for a job that comes after it', async () => {
    const leader = await startProcess('a');
    const held: Buffer[] = [];
    const { publish } = office.jobs;
    office.jobs.publish = (_poolId, job) => void held.push(job);
    const other = await startProcess('b');
    leader.daemon.moveTo(11);
    await until('the job is given out', () => held.length === 1);
    const judging = other.validator.validation.submit(mineBatch(latest(), { candidates: false }));
    await settle();
    for (const job of held) publish('p1', job);
    expect(verdictsOf(await judging)).toEqual([Verdict.accepted]);
  });

  it('a share of a job that never comes is judged without it', async () => {
    await startProcess('a');
    const { jobs } = office;
    jobs.subscribe = () => ({ unsubscribe: () => undefined });
    const other = await startProcess('b');
    const judging = other.validator.validation.submit(mineBatch(latest()));
    await timers.advance(2_000);
    expect(verdictsOf(await judging)).toEqual([Verdict.unknownJob]);
  });

  it('the second goes on at once when the first dies, and leaves good work in place', async () => {
    const [leader, other] = [await startProcess('a'), await startProcess('b')];
    await settle();
    expect(await leading(leader)).toBe('1');
    expect(await leading(other)).toBe('0');
    leader.leadership.die();
    expect(other.leadership.isLeading).toBe(true);
    expect(await leading(other)).toBe('1');
    expect(bus.published).toHaveLength(2);
    expect(latest()).toMatchObject({ height: 11, cleanJobs: false });
  });

  it('a successor that knows a newer tip makes older work stale', async () => {
    const [leader, other] = [await startProcess('a'), await startProcess('b')];
    other.daemon.moveTo(11);
    await settle();
    expect(bus.published).toHaveLength(1);
    leader.leadership.die();
    expect(latest()).toMatchObject({ height: 12, cleanJobs: true });
    expect(toDisplay(latest().prevHash)).toBe(fakeHash(11));
  });

  it('a job of its own outlives older ones that are heard after it', async () => {
    const before = await startProcess('a');
    const older = latest();
    before.leadership.die();
    const { subscribe, publish } = office.jobs;
    const told: Buffer[] = [];
    let hear = (): void => undefined;
    office.jobs.subscribe = (poolId, onJob) => {
      hear = () => void subscribe(poolId, onJob);
      return { unsubscribe: () => undefined };
    };
    office.jobs.publish = (poolId, job) => {
      told.push(job);
      publish(poolId, job);
    };
    const own = await startProcess('b');
    const job = latest();
    expect(job.jobKey).not.toBe(older.jobKey);
    await until('its job is told', () => told.length === 1);
    const judging = own.validator.validation.submit(mineBatch(older, { candidates: false }));
    hear();
    expect(verdictsOf(await judging)).toEqual([Verdict.accepted]);
    let turns = 0;
    await until('its own is heard as well', () => ++turns > 500);
    await timers.advance(100_000);
    expect(bus.published.slice(2)).not.toContainEqual(expect.objectContaining({ cleanJobs: true }));
    const late = own.validator.validation.submit(mineBatch(job, { batchId: 2, candidates: false }));
    expect(verdictsOf(await late)).toEqual([Verdict.accepted]);
  });

  it('one without work passes the office on, and the miners hear of no stop that is none', async () => {
    const [leader, other] = [await startProcess('a'), await startProcess('b')];
    leader.daemon.failure = 'DAEMON_UNREACHABLE';
    await timers.advance(60_000);
    expect(other.leadership.isLeading).toBe(true);
    expect(isStopped(bus.published.at(-1) ?? { poolId: 'p1', stopped: true, reason: '' })).toBe(false);
  });

  it('a batch whose first judge was not heard is answered as the log has it', async () => {
    const [leader, other] = [await startProcess('a'), await startProcess('b')];
    const first = mineBatch(latest(), { shares: 2, candidates: false });
    const again = Buffer.from(first);
    const missing = Buffer.from(first);
    // The first judge did not know the job of the second share.
    missing.writeUInt32LE(1, 64 + 192);
    const judging = leader.validator.validation.submit(missing);
    await timers.advance(2_000);
    expect(verdictsOf(await judging)).toEqual([Verdict.accepted, Verdict.unknownJob]);
    expect(verdictsOf(await other.validator.validation.submit(again))).toEqual([
      Verdict.accepted,
      Verdict.unknownJob,
    ]);
    expect(shares.entries).toHaveLength(1);
  });
});

describe('a shared job', () => {
  it('keeps bytes, big integers and what is absent', async () => {
    const options = {
      jobKey: 0xffff_ffff,
      uniqueTag: Buffer.from([1, 2]),
      cleanJobs: true,
      nowMs: 5,
      aux: undefined,
      body: { target: 1n << 255n, data: new Uint8Array([0, 255]), none: undefined, text: '00'.repeat(100) },
    };
    expect(await decodeShared(await encodeSharedJob(options))).toEqual({ options });
  });

  it.each([
    ['UNREADABLE', Buffer.from('no job')],
    ['UNREADABLE', zstdCompressSync(Buffer.from('no job'))],
    ['OTHER_VERSION', zstdCompressSync(serialize({ version: SHARED_JOB_VERSION + 1, options: {} }))],
    ['OTHER_VERSION', zstdCompressSync(serialize({}))],
  ])('that is %s is refused', async (code, bytes) => {
    const refused = await decodeShared(bytes).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SharedJobError);
    expect(refused).toMatchObject({ code });
  });
});
