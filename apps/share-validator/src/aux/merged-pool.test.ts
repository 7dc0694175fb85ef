/** Merged mining through the whole service: Litecoin above, Dogecoin (and another chain) below. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bitsToTarget, findCoin } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import {
  type BitcoinTemplate,
  decodeBlockEvent,
  ShareBatchView,
  silentLogger,
  Verdict,
} from '@otedama/contracts';
import { createDaemonSet } from '@otedama/daemon-rpc';
import { FakeDaemon, ManualTimers, settle } from '@otedama/daemon-rpc/testing';
import { Registry } from 'prom-client';
import { PoolSetupError } from '../families/errors.ts';
import { createShareValidator, type ShareValidator } from '../share-validator.ts';
import { DOGE_PAYOUT, DOGECOIN, FakeAuxDaemon } from '../testing/fake-aux-daemon.ts';
import { mineBatch, poolConfig, TEMPLATE_EXTRA, templateOf } from '../testing/fixtures.ts';
import { JsVerifier } from '../testing/js-verifier.ts';
import { MemoryTemplateBus } from '../testing/memory-bus.ts';
import { MemoryLog } from '../testing/memory-log.ts';
import { never, until } from '../testing/until.ts';
import type { MergedCoin } from './aux-work.ts';

const litecoin = findCoin('litecoin', 'regtest');
if (litecoin === undefined) throw new Error('no Litecoin');
const LITECOIN = litecoin;
const LTC_PAYOUT = 'mfcGAzvis9JQAb6avB6WBGiGrgWzLxuGaC';
/** Below it one share in sixteen is a block of Litecoin; every second one is a block of Dogecoin. */
const LTC_BITS = 0x200fffff;
const LTC_TARGET = bitsToTarget(LTC_BITS) ?? 0n;
/** Not a real coin: a second chain id. */
const OTHER: MergedCoin = {
  ...DOGECOIN,
  id: 'bitcoin-cash',
  name: 'Other',
  auxPow: { ...DOGECOIN.auxPow, chainId: 6 },
};

let dataDir: string;
let timers: ManualTimers;
let bus: MemoryTemplateBus;
let parent: FakeDaemon;
let auxDaemons: Map<string, readonly FakeAuxDaemon[]>;
let shares: MemoryLog;
let blocks: MemoryLog;
let validator: ShareValidator;
let started: ShareValidator[];

const merged = (...coins: readonly MergedCoin[]): PoolConfig =>
  poolConfig({
    coin: LITECOIN,
    payoutAddress: LTC_PAYOUT,
    mergedChains: coins.map((coin) => ({ coin, payoutAddress: DOGE_PAYOUT, daemons: [] })),
  });

const create = (config: PoolConfig): ShareValidator => {
  const base = { clock: timers.clock, timers, random: () => 1, logger: silentLogger };
  return createShareValidator(
    {
      ...base,
      logs: { shares, blocks },
      templates: bus,
      registry: new Registry(),
      createVerifier: () => new JsVerifier('scrypt'),
      connectDaemons: () => createDaemonSet(base, { daemons: [parent], genesisHash: LITECOIN.genesisHash }),
      connectAuxDaemons: ({ coin }) => {
        const members = auxDaemons.get(coin.id) ?? [];
        const { genesisHash } = coin;
        return {
          members,
          daemons: createDaemonSet(base, { daemons: members, genesisHash, longPoll: false }),
        };
      },
    },
    { pools: [config], dataDir },
  );
};

const start = async (...coins: readonly MergedCoin[]): Promise<void> => {
  validator = create(merged(...coins));
  started.push(validator);
  await validator.start();
  await settle();
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'otedama-merged-'));
  timers = new ManualTimers();
  bus = new MemoryTemplateBus();
  [shares, blocks] = [new MemoryLog(), new MemoryLog()];
  parent = new FakeDaemon('ltc');
  parent.genesis = LITECOIN.genesisHash;
  parent.templateExtra = { ...TEMPLATE_EXTRA, bits: LTC_BITS.toString(16) };
  parent.moveTo(10);
  auxDaemons = new Map([
    ['dogecoin', [new FakeAuxDaemon('doge')]],
    ['bitcoin-cash', [new FakeAuxDaemon('other', OTHER)]],
  ]);
  started = [];
});
afterEach(async () => {
  const stopping = Promise.all(started.map((service) => service.stop()));
  await timers.advance(60_000);
  await stopping;
  await rm(dataDir, { recursive: true });
});

const auxDaemon = (coin: string): FakeAuxDaemon => {
  const [daemon] = auxDaemons.get(coin) ?? [];
  if (daemon === undefined) throw new Error(`no daemon of ${coin}`);
  return daemon;
};
const doge = (): FakeAuxDaemon => auxDaemon('dogecoin');
const latest = (): BitcoinTemplate => templateOf(bus.published.at(-1));
const commits = (template: BitcoinTemplate): boolean =>
  Buffer.from(template.coinbasePrefix).includes(Buffer.from('fabe6d6d', 'hex'));

let batchId = 0;
const submit = async (template: BitcoinTemplate, accept: (powHash: bigint) => boolean): Promise<number> => {
  const batch = mineBatch(template, { algorithm: 'scrypt', accept, batchId: ++batchId });
  return new ShareBatchView(await validator.validation.submit(batch)).verdict(0);
};
const auxOnly = (powHash: bigint): boolean => powHash > LTC_TARGET && powHash <= doge().target;
const both = (powHash: bigint): boolean => powHash <= LTC_TARGET;
const events = () => blocks.entries.map(({ payload }) => decodeBlockEvent(payload));
const logged = (count: number): Promise<void> =>
  until(`${count} blocks logged`, () => blocks.entries.length === count);
const delivered = (): Promise<void> =>
  until('nothing on its way', () => validator.status().pools[0]?.candidatesSpooled === 0);

describe('a share', () => {
  it('below the target of the auxiliary chain alone is a block of that chain alone', async () => {
    await start(DOGECOIN);
    const [{ hash, previousBlockHash }] = [await doge().createAuxBlock()];
    expect(await submit(latest(), auxOnly)).toBe(Verdict.candidate);
    await logged(1);
    expect(doge().faults).toEqual([]);
    expect(doge().taken).toEqual([hash]);
    expect(parent.submitted).toEqual([]);
    expect(events()).toEqual([
      {
        poolId: 'p1',
        coin: 'dogecoin',
        height: 101,
        hash,
        prevHash: previousBlockHash,
        coinbaseTxid: '',
        rewardAtomic: '1000000000000',
        networkWork: '2',
        address: expect.any(String),
        worker: 'rig',
        batchId: expect.any(String),
        foundAtMs: expect.any(Number),
        outcome: 'accepted',
      },
    ]);
  });

  it('below both targets is a block of both chains, each with its own facts', async () => {
    await start(DOGECOIN);
    expect(await submit(latest(), both)).toBe(Verdict.candidate);
    await logged(2);
    expect(doge().taken).toHaveLength(1);
    expect(parent.submitted).toHaveLength(1);
    expect(
      events()
        .map(({ coin, height, networkWork }) => [coin, height, networkWork])
        .toSorted(),
    ).toEqual([
      ['dogecoin', 101, '2'],
      ['litecoin', 11, '16'],
    ]);
  });

  it('proves blocks of two auxiliary chains at once', async () => {
    await start(DOGECOIN, OTHER);
    await timers.advance(2_000);
    await submit(latest(), auxOnly);
    await logged(2);
    expect([doge().taken.length, auxDaemon('bitcoin-cash').taken.length]).toEqual([1, 1]);
    expect([...doge().faults, ...auxDaemon('bitcoin-cash').faults]).toEqual([]);
    expect(
      events()
        .map(({ coin }) => coin)
        .toSorted(),
    ).toEqual(['bitcoin-cash', 'dogecoin']);
  });

  it('above the easiest target is a share like any other', async () => {
    doge().target = LTC_TARGET >> 2n;
    await start(DOGECOIN);
    expect(await submit(latest(), (powHash) => powHash > LTC_TARGET)).toBe(Verdict.accepted);
    expect([doge().proofs.length, parent.submitted.length]).toEqual([0, 0]);
  });

  it('and another one with a proof of the same block make one block', async () => {
    await start(DOGECOIN);
    const template = latest();
    await submit(template, auxOnly);
    await logged(1);
    await submit({ ...template }, auxOnly);
    await settle();
    expect([doge().proofs.length, blocks.entries.length]).toEqual([1, 1]);
  });
});

describe('the job of the parent', () => {
  it('carries the commitment from the first answer on, and goes without when the chain is down', async () => {
    await start(DOGECOIN);
    expect(commits(latest())).toBe(true);
    doge().failure = 'DAEMON_UNREACHABLE';
    await timers.advance(10_000);
    expect(commits(latest())).toBe(false);
    expect(latest().cleanJobs).toBe(false);
    doge().failure = undefined;
    await timers.advance(40_000);
    expect(commits(latest())).toBe(true);
  });

  it('does not wait for a chain that does not answer', async () => {
    doge().createAuxBlock = () => never();
    await start(DOGECOIN);
    expect(latest()).toMatchObject({ height: 11 });
    expect(commits(latest())).toBe(false);
    parent.moveTo(11);
    await settle();
    expect(latest()).toMatchObject({ height: 12, cleanJobs: true });
  });

  it('is given anew when the block below changes, at most every two seconds, without making work stale', async () => {
    await start(DOGECOIN, OTHER);
    await timers.advance(3_000);
    bus.published.length = 0;
    for (let second = 0; second < 10; second++) {
      doge().moveTo(200 + second);
      auxDaemon('bitcoin-cash').variant++;
      await timers.advance(1_000);
    }
    expect(bus.published.length).toBeGreaterThanOrEqual(3);
    expect(bus.published.length).toBeLessThanOrEqual(6);
    expect(bus.published.every((update) => !templateOf(update).cleanJobs)).toBe(true);
  });

  it('is not given anew when nothing changed below', async () => {
    await start(DOGECOIN);
    bus.published.length = 0;
    await timers.advance(14_000);
    expect(bus.published).toEqual([]);
  });

  it('is refreshed in time although the chain below gives new jobs all the while', async () => {
    await start(DOGECOIN);
    parent.templateExtra = { ...parent.templateExtra, curtime: TEMPLATE_EXTRA.curtime + 30 };
    for (let step = 0; step < 17; step++) {
      doge().variant++;
      await timers.advance(2_000);
    }
    expect(latest().time).toBe(TEMPLATE_EXTRA.curtime + 30);
  });
});

describe('a daemon of the auxiliary chain', () => {
  it('that refuses the proof costs the parent nothing, and a later proof of the same block counts', async () => {
    await start(DOGECOIN);
    const told = doge().target;
    doge().target = LTC_TARGET;
    const template = latest();
    await submit(template, (powHash) => powHash > LTC_TARGET && powHash <= told);
    await delivered();
    expect(events()).toMatchObject([{ coin: 'dogecoin', outcome: 'rejected' }]);
    await submit(template, both);
    await logged(3);
    const outcomes = events().map(({ coin, outcome }) => `${coin} ${outcome}`);
    expect(outcomes.toSorted()).toEqual(['dogecoin accepted', 'dogecoin rejected', 'litecoin accepted']);
    expect(new Set(blocks.entries.map(({ id }) => id)).size).toBe(3);
  });

  it('that is wrong about its target does not get every share of the pool', async () => {
    await start(DOGECOIN);
    const template = latest();
    const told = doge().target;
    doge().target = 0n;
    for (let share = 0; share < 12; share++) {
      await submit(template, (powHash) => powHash > LTC_TARGET && powHash <= told);
      await delivered();
    }
    expect(doge().proofs).toHaveLength(8);
    expect(blocks.entries).toHaveLength(1);
  });

  it('that has moved on refuses the late block, and the ledger hears of it', async () => {
    await start(DOGECOIN);
    const template = latest();
    doge().moveTo(150);
    doge().forget();
    await submit(template, auxOnly);
    await logged(1);
    expect(events()).toMatchObject([
      { coin: 'dogecoin', height: 101, outcome: 'rejected', reason: 'block hash unknown' },
    ]);
  });

  it('is one of several: the one that made the block takes it, the others do not know it', async () => {
    const peer = new FakeAuxDaemon('peer');
    auxDaemons.set('dogecoin', [doge(), peer]);
    await start(DOGECOIN);
    await submit(latest(), auxOnly);
    await logged(1);
    expect(events()).toMatchObject([{ outcome: 'accepted' }]);
    expect([doge().taken.length, peer.taken.length]).toEqual([1, 0]);
  });

  it('has the next block mined at once when it took one', async () => {
    await start(DOGECOIN);
    await submit(latest(), auxOnly);
    await logged(1);
    await timers.advance(2_000);
    const [{ hash }] = [await doge().createAuxBlock()];
    await submit(latest(), auxOnly);
    await logged(2);
    expect(events()[1]).toMatchObject({ hash, height: 102, outcome: 'accepted' });
  });
});

/** What a process had done when it died; the next one has its disk, its logs and the daemons. */
describe('a crash', () => {
  const restart = async (): Promise<void> => {
    doge().beforeJudging = () => Promise.resolve();
    await start(DOGECOIN);
    await logged(1);
    await until('spool empty', async () => (await readdir(join(dataDir, 'spool'))).length === 0);
  };

  it('between spool and submission: the next start submits the proof', async () => {
    await start(DOGECOIN);
    const submitAuxBlock = doge().submitAuxBlock.bind(doge());
    let reached = false;
    doge().submitAuxBlock = () => {
      reached = true;
      return never();
    };
    void submit(latest(), auxOnly);
    await until('the submission', () => reached);
    expect(await readdir(join(dataDir, 'spool'))).toHaveLength(1);
    doge().submitAuxBlock = submitAuxBlock;
    await restart();
    expect(events()).toMatchObject([{ coin: 'dogecoin', outcome: 'accepted' }]);
    expect(doge().taken).toHaveLength(1);
  });

  it('after the daemon took it: the next start finds it on the chain, although the daemon forgot it', async () => {
    await start(DOGECOIN);
    doge().beforeJudging = () => never();
    void submit(latest(), auxOnly);
    await until('taken', () => doge().taken.length === 1);
    await restart();
    expect(events()).toMatchObject([{ coin: 'dogecoin', outcome: 'accepted' }]);
    expect(doge().taken).toHaveLength(1);
  });
});

describe('the service', () => {
  it('knows each chain by its coin', async () => {
    await start(DOGECOIN);
    expect(validator.chainView('p1', 'litecoin')).toBeDefined();
    expect(validator.chainView('p1', 'bitcoin-cash')).toBeUndefined();
    const hash = 'ab'.repeat(32);
    doge().headers.set(hash, { hash, height: 0, confirmations: 3 });
    doge().genesis = hash;
    const standing = await validator.chainView('p1', 'dogecoin')?.blockConfirmations(hash);
    expect(standing).toEqual({ kind: 'main', confirmations: 3 });
  });

  it('tells how each chain is', async () => {
    await start(DOGECOIN);
    expect(validator.status().pools[0]?.mergedChains).toEqual([
      {
        coin: 'dogecoin',
        network: 'regtest',
        height: 101,
        networkDifficulty: expect.any(Number),
        networkWork: expect.stringMatching(/^\d+$/),
        daemons: [{ name: 'doge', state: 'up', active: true }],
      },
    ]);
    doge().lies = { chainId: 5 };
    await timers.advance(2_000);
    const [chain] = validator.status().pools[0]?.mergedChains ?? [];
    expect(chain?.height).toBeUndefined();
    expect(chain?.daemons[0]?.detail).toMatch(/chain id 5/);
  });

  it.each<[string, () => PoolConfig, RegExp]>([
    [
      'with one chain id twice',
      () => merged(DOGECOIN, { ...OTHER, auxPow: DOGECOIN.auxPow }),
      /one chain id/,
    ],
    [
      'below a coin of another algorithm',
      () => ({ ...merged(DOGECOIN), ...bitcoinParent() }),
      /cannot be mined below/,
    ],
    ['without a good address', () => badAddress(), /payout address/],
    [
      'with a tag that leaves no room',
      () => ({ ...merged(DOGECOIN), coinbaseTag: 'x'.repeat(32) }),
      /coinbase tag/,
    ],
  ])('refuses a pool %s', (_name, config, message) => {
    expect(() => create(config())).toThrow(PoolSetupError);
    expect(() => create(config())).toThrow(message);
  });
});

const bitcoinParent = (): Partial<PoolConfig> => {
  const { coin, payoutAddress } = poolConfig();
  return { coin, payoutAddress };
};

const badAddress = (): PoolConfig => {
  const config = merged(DOGECOIN);
  return { ...config, mergedChains: config.mergedChains.map((chain) => ({ ...chain, payoutAddress: 'x' })) };
};
