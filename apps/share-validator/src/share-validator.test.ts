import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { InProcessBroker, InProcessClient, InProcessServer } from '@otedama/bus';
import {
  CHAIN_STANDING,
  decodeBlockEvent,
  isStopped,
  ShareBatchView,
  silentLogger,
  Subject,
  validatorStatusSchema,
  Verdict,
} from '@otedama/contracts';
import { createDaemonSet } from '@otedama/daemon-rpc';
import { FakeDaemon, fakeHash, ManualTimers, settle } from '@otedama/daemon-rpc/testing';
import { Registry } from 'prom-client';
import { lastValueFrom } from 'rxjs';
import { PoolSetupError } from './families/errors.ts';
import { createShareValidator, type ShareValidator } from './share-validator.ts';
import { ShareValidatorModule } from './share-validator.module.ts';
import { mineBatch, poolConfig, REGTEST, TEMPLATE_EXTRA, templateOf } from './testing/fixtures.ts';
import { JsVerifier } from './testing/js-verifier.ts';
import { MemoryTemplateBus } from './testing/memory-bus.ts';
import { MemoryLog } from './testing/memory-log.ts';
import { until } from './testing/until.ts';

let dataDir: string;
let timers: ManualTimers;
let bus: MemoryTemplateBus;
let daemon: FakeDaemon;
let shares: MemoryLog;
let blocks: MemoryLog;
let registry: Registry;
let validator: ShareValidator;

const create = (pools = [poolConfig()]): ShareValidator => {
  const base = { clock: timers.clock, timers, random: () => 1, logger: silentLogger };
  return createShareValidator(
    {
      ...base,
      logs: { shares, blocks },
      templates: bus,
      registry,
      createVerifier: () => new JsVerifier(),
      connectDaemons: () => createDaemonSet(base, { daemons: [daemon], genesisHash: REGTEST.genesisHash }),
    },
    { pools, dataDir },
  );
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'otedama-validator-'));
  timers = new ManualTimers();
  bus = new MemoryTemplateBus();
  [shares, blocks] = [new MemoryLog(), new MemoryLog()];
  registry = new Registry();
  daemon = new FakeDaemon('node');
  daemon.genesis = REGTEST.genesisHash;
  daemon.templateExtra = TEMPLATE_EXTRA;
  daemon.moveTo(10);
  validator = create();
  await validator.start();
  await settle();
});
afterEach(async () => {
  await validator.stop();
  await rm(dataDir, { recursive: true });
});

describe('share validator', () => {
  it('takes a template to a block in the log, and has the next job out at once', async () => {
    const template = templateOf(bus.published.at(-1));
    const judged = await validator.validation.submit(mineBatch(template));
    expect(new ShareBatchView(judged).verdict(0)).toBe(Verdict.candidate);
    await until('block logged', () => blocks.entries.length === 1);
    const event = decodeBlockEvent(blocks.entries[0]?.payload ?? Buffer.alloc(0));
    expect(event).toMatchObject({ poolId: 'p1', height: 11, outcome: 'accepted' });
    const next = templateOf(bus.published.find((update) => !isStopped(update) && update.height === 12));
    expect(Buffer.from(next.prevHash.toReversed()).toString('hex')).toBe(event.hash);
    await until('spool empty', async () => (await readdir(join(dataDir, 'spool'))).length === 0);
    expect(shares.entries.map(({ id }) => id)).toEqual([event.batchId]);
  });

  it('counts what it does', async () => {
    await validator.validation.submit(mineBatch(templateOf(bus.published.at(-1)), { shares: 2 }));
    await until('block logged', () => blocks.entries.length >= 1);
    const text = await registry.metrics();
    expect(text).toContain('otedama_validator_shares_total{pool="p1",verdict="candidate"} 2');
    expect(text).toContain('otedama_validator_block_submissions_total{pool="p1",result="accepted"} 1');
    expect(text).toMatch(/otedama_validator_template_seconds_count\{pool="p1",source="\w+"\} 1/);
    expect(text).toContain('otedama_validator_batches_total{pool="p1",outcome="answered"} 1');
    validator.countRefused('p1');
    expect(await registry.metrics()).toContain(
      'otedama_validator_batches_total{pool="p1",outcome="refused"} 1',
    );
    expect(text).toContain('otedama_validator_shares_total{pool="p1",verdict="lowDifficulty"} 0');
    for (const stage of ['judged', 'durable']) {
      expect(text).toContain(`otedama_validator_share_stage_seconds_count{pool="p1",stage="${stage}"} 1`);
    }
    for (const stage of ['template', 'job']) {
      expect(text).toContain(`otedama_validator_template_stage_seconds_count{pool="p1",stage="${stage}"}`);
    }
  });

  it('shows the batches that wait for the log', async () => {
    const release = Promise.withResolvers<void>();
    shares.beforeAppend = () => release.promise;
    const judging = validator.validation.submit(
      mineBatch(templateOf(bus.published.at(-1)), { candidates: false }),
    );
    expect(await registry.metrics()).toContain('otedama_validator_batches_under_way 1\n');
    release.resolve();
    await judging;
    expect(await registry.metrics()).toContain('otedama_validator_batches_under_way 0\n');
  });

  it('shows what is mined, by whom it was given, and how old it is', async () => {
    await timers.advance(5_000);
    const text = await registry.metrics();
    expect(text).toContain('otedama_validator_has_work{pool="p1"} 1\n');
    expect(text).toContain('otedama_validator_height{pool="p1"} 11\n');
    expect(text).toMatch(/otedama_validator_network_difficulty\{pool="p1"\} 4\.656\d*e-10\n/);
    expect(text).toContain('otedama_validator_template_age_seconds{pool="p1"} 5\n');
    expect(text).toContain('otedama_validator_live_jobs{pool="p1"} 1\n');
    expect(text).toContain('otedama_validator_daemons{pool="p1",coin="bitcoin",state="up"} 1\n');
    expect(text).toContain('otedama_validator_daemons{pool="p1",coin="bitcoin",state="down"} 0\n');
  });

  it('shows a pool whose daemon is gone as one without work', async () => {
    daemon.failure = 'DAEMON_UNREACHABLE';
    await timers.advance(60_000);
    const text = await registry.metrics();
    expect(text).toContain('otedama_validator_has_work{pool="p1"} 0\n');
    expect(text).not.toContain('otedama_validator_height{');
    expect(text).toContain('otedama_validator_daemons{pool="p1",coin="bitcoin",state="down"} 1\n');
  });

  it('tells its status over the Nest transport', async () => {
    const broker = new InProcessBroker();
    const app = await NestFactory.createMicroservice(ShareValidatorModule.register(validator), {
      strategy: new InProcessServer(broker),
      logger: false,
    });
    await app.listen();
    const client = new InProcessClient(broker);
    const status: unknown = await lastValueFrom(client.send(Subject.validatorStatus, {}));
    expect(validatorStatusSchema.parse(status)).toEqual({
      pools: [
        {
          poolId: 'p1',
          coin: 'bitcoin',
          algorithm: 'sha256d',
          network: 'regtest',
          height: 11,
          networkDifficulty: expect.closeTo(4.656e-10),
          networkWork: '2',
          daemons: [{ name: 'node', state: 'up', active: true }],
          candidatesSpooled: 0,
        },
      ],
    });
    await app.close();
  });

  it('tells accounting what has become of a block, and nothing of a chain that it does not have', async () => {
    const broker = new InProcessBroker();
    const app = await NestFactory.createMicroservice(ShareValidatorModule.register(validator), {
      strategy: new InProcessServer(broker),
      logger: false,
    });
    await app.listen();
    const client = new InProcessClient(broker);
    const ask = async (coin: string, hash: string): Promise<unknown> =>
      lastValueFrom(client.send(CHAIN_STANDING, { poolId: 'p1', coin, hash, height: 10 }));
    daemon.headers.set(fakeHash(10), { hash: fakeHash(10), height: 10, confirmations: 3 });
    expect(await ask('bitcoin', fakeHash(10))).toEqual({ kind: 'main', confirmations: 3 });
    expect(await ask('bitcoin', 'ab'.repeat(32))).toEqual({ kind: 'orphaned', depth: 1 });
    expect(await ask('dogecoin', fakeHash(10))).toEqual({ kind: 'unknown' });
    await expect(ask('bitcoin', 'no hash')).rejects.toBeDefined();
    await app.close();
  });

  it('knows the chain of its pools and of no other', async () => {
    expect(await validator.chainView('p1', 'bitcoin')?.blockConfirmations('ab'.repeat(32))).toEqual({
      kind: 'unknown',
    });
    expect(validator.chainView('p2', 'bitcoin')).toBeUndefined();
    expect(validator.chainView('p1', 'dogecoin')).toBeUndefined();
  });

  it('refuses a pool that could not be paid, or whose blocks could not be built', () => {
    registry = new Registry();
    expect(() => create([poolConfig({ payoutAddress: 'nonsense' })])).toThrow(PoolSetupError);
    registry = new Registry();
    expect(() => create([poolConfig({ coinbaseTag: 'x'.repeat(90) })])).toThrow(/coinbase tag/);
  });
});
