import { setTimeout as pause } from 'node:timers/promises';
import { Verdict, noTracer, silentLogger } from '@otedama/contracts';
import type { ShareOutcome, SubmittedShare } from '@otedama/stratum';
import { Registry } from 'prom-client';
import { type GatewayLimits, LIMITS } from './limits.ts';
import { PoolTraces } from './pool-traces.ts';
import { createGatewayMetrics } from './metrics.ts';
import { ShareBatcher, type Submitter } from './share-batcher.ts';
import { FakeValidation } from './testing/fake-validation.ts';
import { seededBytes } from './testing/test-gateway.ts';
import { turns, until } from './testing/until.ts';

const RECORDS = 256;
const target = { difficulty: 1, targetLe: new Uint8Array(32), work: 7n };

const share = (ticket: number, worker = 'rig'): SubmittedShare => ({
  ticket,
  jobKey: 1,
  account: { address: 'addr', worker },
  nTime: 2,
  nonce: ticket,
  version: 3,
  extranonce: new Uint8Array(8),
  unproven: false,
  target,
});

class Ledger implements Submitter {
  readonly outcomes = new Map<number, ShareOutcome[]>();

  settle(ticket: number, outcome: ShareOutcome): void {
    this.outcomes.set(ticket, [...(this.outcomes.get(ticket) ?? []), outcome]);
  }
}

/** No batch closes by time unless a test wants that. */
const create = (limits: Partial<GatewayLimits> = {}, clock = () => 1_000) => {
  const validation = new FakeValidation();
  let reliefs = 0;
  const deps = {
    validation,
    clock,
    randomBytes: seededBytes(1),
    logger: silentLogger,
    metrics: createGatewayMetrics(new Registry()),
    monotonicMs: () => performance.now(),
    traces: new PoolTraces(noTracer, 'p1'),
    onRelief: () => {
      reliefs += 1;
    },
  };
  const all = { ...LIMITS, batchWindowMs: 60_000, tallyIntervalMs: 60_000, retryFirstMs: 1, ...limits };
  const batcher = new ShareBatcher(deps, { poolId: 'p1', limits: all });
  return { batcher, validation, ledger: new Ledger(), reliefs: () => reliefs };
};

describe('a batch', () => {
  it('goes out when it is full, and what is left with the next one or with the drain', async () => {
    const { batcher, validation, ledger } = create();
    for (let ticket = 0; ticket < 2 * RECORDS + 3; ticket++) batcher.add(share(ticket), ledger);
    expect(validation.calls.map(({ count }) => count)).toEqual([RECORDS, RECORDS]);
    await batcher.drain(1_000);
    expect(validation.calls.map(({ count }) => count)).toEqual([RECORDS, RECORDS, 3]);
    expect(ledger.outcomes.size).toBe(2 * RECORDS + 3);
    expect(new Set(validation.batchIds).size).toBe(3);
  });

  it('goes out by itself after its window', async () => {
    const { batcher, validation, ledger } = create({ batchWindowMs: 1 });
    batcher.add(share(0), ledger);
    batcher.add(share(1), ledger);
    expect(validation.calls).toEqual([]);
    await until('both are settled', () => ledger.outcomes.size === 2);
    expect(validation.calls).toHaveLength(1);
  });

  it('that is not full waits for the one under way, and takes all that came by then', async () => {
    const { batcher, validation, ledger } = create({ batchWindowMs: 1, maxGatherMs: 60_000 });
    const held = validation.hold();
    batcher.add(share(0), ledger);
    await until('the first is out', () => held.size === 1);
    for (let ticket = 1; ticket < 10; ticket++) {
      batcher.add(share(ticket), ledger);
      await pause(1);
    }
    expect(held.size).toBe(1);
    held.releaseAll();
    await until('the rest is out', () => validation.calls.length === 2);
    expect(validation.calls.map(({ count }) => count)).toEqual([1, 9]);
    await batcher.drain(1_000);
  });

  it('does not wait for one under way that stays away: it may hold a block', async () => {
    const { batcher, validation, ledger } = create({ batchWindowMs: 1, maxGatherMs: 5 });
    const held = validation.hold();
    for (let ticket = 0; ticket < 3; ticket++) {
      batcher.add(share(ticket), ledger);
      await until('it is out', () => held.size === ticket + 1);
    }
    held.releaseAll();
    await batcher.drain(1_000);
  });

  it('tells each share its own verdict', async () => {
    const { batcher, validation, ledger } = create();
    const verdicts = [...Object.values(Verdict), 99];
    validation.judge = ({ nonce }) => verdicts[nonce] ?? 0;
    verdicts.forEach((_, ticket) => batcher.add(share(ticket), ledger));
    await batcher.drain(1_000);
    expect([...ledger.outcomes.values()].flat()).toEqual([
      'unverifiable',
      'accepted',
      'accepted',
      'accepted',
      'low-difficulty',
      'unknown-job',
      'unverifiable',
      'unverifiable',
    ]);
  });

  it('names at most as many accounts as it has records, also for rejects alone', async () => {
    const { batcher, validation } = create();
    for (let i = 0; i < RECORDS + 1; i++) batcher.tally({ address: 'addr', worker: `rig${i}` });
    expect(validation.calls.map((batch) => batch.accounts().length)).toEqual([RECORDS]);
    await batcher.drain(1_000);
    expect(validation.calls.map((batch) => batch.accounts().length)).toEqual([RECORDS, 1]);
  });

  it('of tallies alone waits while another is in flight, and takes all that came by then', async () => {
    const { batcher, validation } = create({ tallyIntervalMs: 1 });
    const held = validation.hold();
    const account = { address: 'addr', worker: 'rig' };
    batcher.tally(account);
    await until('the first is out', () => held.size === 1);
    for (let i = 0; i < 10; i++) {
      batcher.tally(account);
      await turns();
    }
    expect(held.size).toBe(1);
    held.releaseAll();
    await until('the rest is out', () => validation.calls.length === 2);
    expect(validation.calls[1]?.accounts()).toEqual([{ ...account, rejected: 10 }]);
    await batcher.drain(1_000);
  });

  it('settles each of its shares once, however often it has to be sent', async () => {
    const { batcher, validation, ledger } = create();
    let failures = 5;
    validation.beforeAnswer = () =>
      failures-- > 0 ? Promise.reject(new Error('no log')) : Promise.resolve();
    for (let ticket = 0; ticket < 10; ticket++) batcher.add(share(ticket), ledger);
    await batcher.drain(10_000);
    expect(validation.calls).toHaveLength(6);
    expect([...ledger.outcomes.values()]).toEqual(Array.from({ length: 10 }, () => ['accepted']));
  });

  it('of which nobody knows is undecided, and a late answer changes nothing', async () => {
    const { batcher, validation, ledger } = create({ durableDeadlineMs: 5 });
    const held = validation.hold();
    batcher.add(share(0), ledger);
    await batcher.drain(60_000);
    held.releaseAll();
    await batcher.drain(60_000);
    expect([...ledger.outcomes.values()]).toEqual([['undecided']]);
  });
});

describe('saturation', () => {
  const LIMITED = { maxBatchesInFlight: 2, maxBatchesWaiting: 2 };

  it('begins with the last place, and relief is told when one is free again', async () => {
    const { batcher, validation, ledger, reliefs } = create(LIMITED);
    const held = validation.hold();
    for (let ticket = 0; ticket < 4 * RECORDS - 1; ticket++) batcher.add(share(ticket), ledger);
    expect(batcher.isSaturated).toBe(false);
    batcher.add(share(4 * RECORDS), ledger);
    expect(batcher.isSaturated).toBe(true);
    expect(held.size).toBe(2);
    const before = reliefs();
    held.release(0);
    await until('a place is free', () => !batcher.isSaturated);
    expect(reliefs()).toBeGreaterThan(before);
    expect(held.size).toBe(2);
    held.releaseAll();
    await batcher.drain(1_000);
    expect(ledger.outcomes.size).toBe(4 * RECORDS);
  });
});

describe('drain', () => {
  it('also sends the tallies that the last verdicts made', async () => {
    const { batcher, validation } = create();
    validation.judge = () => Verdict.lowDifficulty;
    batcher.add(share(0), { settle: () => batcher.tally({ address: 'addr', worker: 'rig' }) });
    await batcher.drain(1_000);
    expect(validation.calls.map((batch) => [batch.count, batch.accounts()[0]?.rejected])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it('with its time used up leaves everything undecided, and everything was sent', async () => {
    const { batcher, validation, ledger } = create({ maxBatchesInFlight: 1, maxBatchesWaiting: 1 });
    validation.hold();
    for (let ticket = 0; ticket < 2 * RECORDS + 1; ticket++) batcher.add(share(ticket), ledger);
    await batcher.drain(5);
    expect(validation.sharesSeen).toBe(2 * RECORDS + 1);
    expect(new Set([...ledger.outcomes.values()].flat())).toEqual(new Set(['undecided']));
    expect(ledger.outcomes.size).toBe(2 * RECORDS + 1);
  });
});

describe('a lane that rests', () => {
  /** The clock moves when the test says so: that is how long a batch took. */
  const createResting = (maxRestMs: number) => {
    const clock = { nowMs: 1_000 };
    const limits = { maxBatchShares: 1, maxBatchesInFlight: 1, restRatio: 3, maxRestMs };
    return { ...create(limits, () => clock.nowMs), clock };
  };

  it('sends nothing more while it rests', async () => {
    const { batcher, validation, ledger, clock } = createResting(60_000);
    const held = validation.hold();
    batcher.add(share(0), ledger);
    batcher.add(share(1), ledger);
    clock.nowMs += 20_000;
    held.releaseAll();
    await until('the first is settled', () => ledger.outcomes.size === 1);
    await turns();
    expect(validation.calls).toHaveLength(1);
    await batcher.drain(1_000);
    expect(ledger.outcomes.size).toBe(2);
  });

  it('goes on by itself when it has rested', async () => {
    const { batcher, validation, ledger, clock } = createResting(1);
    const held = validation.hold();
    for (let ticket = 0; ticket < 3; ticket++) batcher.add(share(ticket), ledger);
    clock.nowMs += 1_000_000;
    held.releaseAll();
    await until('all are settled', () => ledger.outcomes.size === 3);
  });

  it('does not rest while it is drained', async () => {
    const { batcher, validation, ledger, clock } = createResting(60_000);
    const held = validation.hold();
    for (let ticket = 0; ticket < 4; ticket++) batcher.add(share(ticket), ledger);
    clock.nowMs += 20_000;
    const drained = batcher.drain(60_000);
    held.releaseAll();
    await drained;
    expect(ledger.outcomes.size).toBe(4);
  });
});

describe('while the log is away', () => {
  it('batches go on to the validator, which finds the blocks in them, up to a number', async () => {
    const limits = { maxBatchShares: 1, maxBatchesInFlight: 2, stuckAfterMs: 1, maxFlights: 20 };
    const { batcher, validation, ledger } = create(limits);
    const held = validation.hold();
    for (let ticket = 0; ticket < 30; ticket++) batcher.add(share(ticket), ledger);
    expect(validation.calls).toHaveLength(2);
    await until('as many as may be are under way', () => validation.calls.length === 20);
    await turns();
    expect(validation.calls).toHaveLength(20);
    expect(ledger.outcomes.size).toBe(0);
    held.releaseAll();
    await batcher.drain(1_000);
    expect(ledger.outcomes.size).toBe(30);
  });

  it('few shares make few batches, so that there is room for them until the deadline', async () => {
    const limits = { batchWindowMs: 1, maxGatherMs: 1, stuckAfterMs: 1, manyStuck: 3, stuckGatherMs: 60_000 };
    const { batcher, validation, ledger } = create(limits);
    const held = validation.hold();
    for (let ticket = 0; ticket < 3; ticket++) {
      batcher.add(share(ticket), ledger);
      await until('it is under way', () => validation.calls.length === ticket + 1);
    }
    await turns(200);
    for (let ticket = 3; ticket < 9; ticket++) {
      batcher.add(share(ticket), ledger);
      await turns();
    }
    expect(validation.calls).toHaveLength(3);
    held.releaseAll();
    await batcher.drain(1_000);
    expect(validation.calls.map(({ count }) => count)).toEqual([1, 1, 1, 6]);
  });
});
