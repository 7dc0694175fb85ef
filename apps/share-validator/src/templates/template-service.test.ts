import { type BlockTemplate, serializeHeader, sha256d, toDisplay } from '@otedama/bitcoin-family';
import { isStopped, silentLogger } from '@otedama/contracts';
import { createDaemonSet, type DaemonSet } from '@otedama/daemon-rpc';
import { FakeDaemon, fakeHash, FakeTipFeed, ManualTimers, settle } from '@otedama/daemon-rpc/testing';
import { Registry } from 'prom-client';
import { createValidatorMetrics } from '../metrics.ts';
import { poolConfig, REGTEST, TEMPLATE_EXTRA, templateOf } from '../testing/fixtures.ts';
import { bitcoinFamily } from '../families/bitcoin.ts';
import { JsVerifier } from '../testing/js-verifier.ts';
import { MemoryTemplateBus } from '../testing/memory-bus.ts';
import { createJobPublisher } from './job-publisher.ts';
import { createJobKeys } from './job-keys.ts';
import { createJobStore } from './job-store.ts';
import { TemplateService } from './template-service.ts';

let timers: ManualTimers;
let bus: MemoryTemplateBus;
let registry: Registry;
let set: DaemonSet;
let service: TemplateService<BlockTemplate>;

const daemon = (name: string): FakeDaemon => {
  const fake = new FakeDaemon(name);
  fake.genesis = REGTEST.genesisHash;
  fake.templateExtra = TEMPLATE_EXTRA;
  fake.moveTo(10);
  return fake;
};

const start = async (daemons: readonly FakeDaemon[], zmq = false): Promise<void> => {
  timers = new ManualTimers();
  bus = new MemoryTemplateBus();
  registry = new Registry();
  const base = { clock: timers.clock, timers, random: () => 1, logger: silentLogger };
  if (zmq) for (const fake of daemons) fake.tipFeed = new FakeTipFeed();
  set = createDaemonSet(base, { genesisHash: REGTEST.genesisHash, longPoll: !zmq, daemons });
  const family = bitcoinFamily(poolConfig());
  const metrics = createValidatorMetrics(registry);
  const publisher = createJobPublisher(
    {
      bus,
      clock: timers.clock,
      store: createJobStore(new JsVerifier()),
      keys: createJobKeys((size) => Buffer.alloc(size)),
      metrics,
      aux: () => undefined,
      payees: () => undefined,
      fellows: undefined,
    },
    'p1',
    family,
  );
  service = new TemplateService({ ...base, daemons: set, family, publisher, metrics }, { poolId: 'p1' });
  service.start();
  set.start();
  await settle();
};

afterEach(async () => {
  service.stop();
  await set.stop();
});

const latest = () => templateOf(bus.published.at(-1));
const stops = (): string[] => bus.published.flatMap((update) => (isStopped(update) ? [update.reason] : []));
const tipOf = (update: { readonly prevHash: Uint8Array }): string => toDisplay(update.prevHash);

describe('following the tip', () => {
  it('publishes a first template, and one for each tip at once', async () => {
    const a = daemon('a');
    await start([a]);
    expect(bus.published).toHaveLength(1);
    expect(latest()).toMatchObject({ height: 11, cleanJobs: true });
    bus.published.length = 0;
    a.moveTo(11);
    await settle();
    expect(bus.published).toHaveLength(1);
    expect(latest()).toMatchObject({ height: 12, cleanJobs: true });
    expect(tipOf(latest())).toBe(fakeHash(11));
    const text = await registry.metrics();
    for (const stage of ['template', 'job']) {
      expect(text).toContain(
        `otedama_validator_template_stage_seconds_count{pool="p1",stage="${stage}"} 2\n`,
      );
    }
  });

  it('refreshes every half minute, without making older work stale', async () => {
    const a = daemon('a');
    await start([a]);
    bus.published.length = 0;
    await timers.advance(60_000);
    expect(bus.published.map((update) => templateOf(update).cleanJobs)).toEqual([false, false]);
  });

  it('every job has another key and another coinbase', async () => {
    const a = daemon('a');
    await start([a]);
    for (let height = 11; height < 20; height++) {
      a.moveTo(height);
      await settle();
    }
    const templates = bus.published.map(templateOf);
    expect(new Set(templates.map(({ jobKey }) => jobKey)).size).toBe(templates.length);
    const coinbases = templates.map(({ coinbasePrefix }) => Buffer.from(coinbasePrefix).toString('hex'));
    expect(new Set(coinbases).size).toBe(templates.length);
  });

  it('follows a reorganisation of its daemon, also to a lower height', async () => {
    const a = daemon('a');
    await start([a]);
    a.moveTo(9, 'b');
    await settle();
    expect(latest()).toMatchObject({ height: 10, cleanJobs: true });
  });

  it('a late answer about the old tip does not undo the new one', async () => {
    const a = daemon('a');
    await start([a]);
    const late = Promise.withResolvers<void>();
    const answer = a.getBlockTemplate.bind(a);
    const old = await answer({});
    a.getBlockTemplate = async (request) => {
      if (request.longPollId !== undefined) return answer(request);
      await late.promise;
      return old;
    };
    await timers.advance(30_000);
    a.moveTo(11);
    await settle();
    expect(latest().height).toBe(12);
    late.resolve();
    await settle();
    expect(latest().height).toBe(12);
  });

  it('takes the tip from whichever daemon has it first, and does not go back', async () => {
    const [a, b] = [daemon('a'), daemon('b')];
    await start([a, b]);
    b.moveTo(11);
    await settle();
    expect(latest().height).toBe(12);
    await timers.advance(30_000);
    expect(latest().height).toBe(12);
    const before = bus.published.length;
    a.moveTo(11);
    await settle();
    expect(bus.published).toHaveLength(before);
  });

  it('news by two ways is told to the miners once', async () => {
    const [a, b] = [daemon('a'), daemon('b')];
    await start([a, b]);
    bus.published.length = 0;
    a.moveTo(11);
    b.moveTo(11);
    await settle();
    expect(bus.published).toHaveLength(1);
  });
});

describe('early work', () => {
  const tipHeader = (parentHeight: number): Uint8Array =>
    serializeHeader({
      version: 0x20000000,
      prevHash: Buffer.from(fakeHash(parentHeight), 'hex').toReversed(),
      merkleRoot: Buffer.alloc(32),
      time: 1_700_000_050,
      bits: 0x207fffff,
      nonce: 1,
    });

  it('on a ZMQ notice an empty job goes out before the template is there', async () => {
    const a = daemon('a');
    await start([a], true);
    const header = tipHeader(10);
    const hash = toDisplay(sha256d(header));
    a.rawHeaders.set(hash, header);
    const full = Promise.withResolvers<void>();
    const answer = a.getBlockTemplate.bind(a);
    a.getBlockTemplate = async (request) => {
      await full.promise;
      const reply = await answer(request);
      const value = { ...(reply.value as object), previousblockhash: hash, height: 12 };
      return { ...reply, previousBlockHash: hash, height: 12, value };
    };
    a.tipFeed?.announce(hash);
    await settle();
    expect(latest()).toMatchObject({ height: 12, cleanJobs: true, merkleBranch: [] });
    expect(tipOf(latest())).toBe(hash);
    a.templateExtra = {
      ...TEMPLATE_EXTRA,
      transactions: [{ data: '00', txid: '11'.repeat(32), hash: '11'.repeat(32), fee: 1 }],
    };
    full.resolve();
    await settle();
    expect(latest()).toMatchObject({ height: 12, cleanJobs: false });
    expect(latest().merkleBranch).toHaveLength(1);
  });

  it('on a block of ours the next job needs no daemon at all', async () => {
    const a = daemon('a');
    await start([a]);
    bus.published.length = 0;
    const header = tipHeader(10);
    a.getBlockTemplate = () => new Promise(() => undefined);
    service.ownBlock(Buffer.from(header).toString('hex'), a, true);
    expect(tipOf(latest())).toBe(toDisplay(sha256d(header)));
  });

  it('a block of ours on a side branch makes no early job', async () => {
    const a = daemon('a');
    await start([a]);
    bus.published.length = 0;
    service.ownBlock(Buffer.from(tipHeader(10)).toString('hex'), a, false);
    expect(bus.published).toEqual([]);
    service.ownBlock(Buffer.from(tipHeader(8)).toString('hex'), a, true);
    expect(bus.published).toEqual([]);
  });

  it('an early job that the daemon disproves is withdrawn, and no other is made', async () => {
    const a = daemon('a');
    await start([a]);
    const header = tipHeader(10);
    const hash = toDisplay(sha256d(header));
    const wrong = { ...TEMPLATE_EXTRA, bits: '1f00ffff', previousblockhash: hash, height: 12 };
    a.getBlockTemplate = () =>
      Promise.resolve({ previousBlockHash: hash, height: 12, longPollId: undefined, value: wrong });
    service.ownBlock(Buffer.from(header).toString('hex'), a, true);
    await settle();
    expect(latest()).toMatchObject({ bits: 0x1f00ffff, cleanJobs: true });
    bus.published.length = 0;
    a.getBlockTemplate = () => new Promise(() => undefined);
    const next = serializeHeader({
      version: 0x20000000,
      prevHash: sha256d(header),
      merkleRoot: Buffer.alloc(32),
      time: 1_700_000_060,
      bits: 0x1f00ffff,
      nonce: 2,
    });
    service.ownBlock(Buffer.from(next).toString('hex'), a, true);
    expect(bus.published).toEqual([]);
  });
});

describe('daemons that fail', () => {
  it('goes on with the next daemon, and with the same work if the tip is the same', async () => {
    const [a, b] = [daemon('a'), daemon('b')];
    await start([a, b]);
    a.failure = 'DAEMON_UNREACHABLE';
    await timers.advance(10_000);
    b.moveTo(11);
    await settle();
    expect(latest().height).toBe(12);
    expect(stops()).toEqual([]);
  });

  it('a daemon that refuses templates is passed over', async () => {
    const [a, b] = [daemon('a'), daemon('b')];
    a.templateFailure = 'DAEMON_RPC';
    await start([a, b]);
    await timers.advance(5_000);
    expect(latest().height).toBe(11);
  });

  it('a tip whose daemon gives no template for it is mined on with the template of another', async () => {
    const [a, b] = [daemon('a'), daemon('b')];
    await start([a, b], true);
    a.templateFailure = 'DAEMON_RPC';
    b.moveTo(11);
    a.moveTo(11);
    a.tipFeed?.announce(fakeHash(11));
    await settle();
    expect(latest().height).toBe(12);
  });

  it('a template that cannot be used is passed over as well', async () => {
    const [a, b] = [daemon('a'), daemon('b')];
    a.templateExtra = { ...TEMPLATE_EXTRA, bits: 'nonsense' };
    await start([a, b]);
    await timers.advance(5_000);
    expect(latest().height).toBe(11);
  });

  it('without any daemon mining stops after a while, with the reason, and goes on when one is back', async () => {
    const a = daemon('a');
    await start([a]);
    a.failure = 'DAEMON_UNREACHABLE';
    await timers.advance(14_000);
    expect(stops()).toEqual([]);
    await timers.advance(20_000);
    expect(stops()).toEqual(['no usable daemon (a down: fake DAEMON_UNREACHABLE)']);
    await timers.advance(60_000);
    expect(stops()).toHaveLength(1);
    bus.published.length = 0;
    a.failure = undefined;
    await timers.advance(60_000);
    expect(bus.published[0]).toMatchObject({ height: 11, cleanJobs: true });
  });

  it('a restart of the daemon within the grace stops nobody', async () => {
    const a = daemon('a');
    await start([a]);
    a.failure = 'DAEMON_UNREACHABLE';
    await timers.advance(8_000);
    a.failure = undefined;
    await timers.advance(60_000);
    expect(stops()).toEqual([]);
  });

  it('says why there is no work when daemons answer but give no template', async () => {
    const a = daemon('a');
    a.templateFailure = 'DAEMON_NOT_CONNECTED';
    await start([a]);
    await timers.advance(5_000);
    expect(stops()).toEqual([
      'no daemon gives a template (a: daemon a, getblocktemplate: fake DAEMON_NOT_CONNECTED)',
    ]);
    // Each attempt counts, said or not.
    const failures = (await registry.metrics()).match(/template_failures_total\{pool="p1"\} (\d+)/)?.[1];
    expect(Number(failures)).toBeGreaterThan(1);
  });

  it('a daemon that stays behind its peers is not mined on', async () => {
    const [a, b] = [daemon('a'), daemon('b')];
    await start([a, b]);
    b.moveTo(15);
    await settle();
    expect(latest().height).toBe(16);
    b.failure = 'DAEMON_UNREACHABLE';
    await timers.advance(5_000);
    expect(latest().height).toBe(11);
    b.failure = undefined;
    await timers.advance(60_000);
    expect(latest().height).toBe(16);
    expect(set.status()[0]?.state).toBe('stale');
    b.failure = 'DAEMON_UNREACHABLE';
    a.getBlockchainInfo = FakeDaemon.prototype.getBlockchainInfo.bind(a);
    await timers.advance(5_000);
    expect(set.status()[1]?.state).toBe('down');
  });
});
