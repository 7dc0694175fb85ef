import { type ShareBatchView, Verdict, noTracer, silentLogger } from '@otedama/contracts';
import type { ShareOutcome, SubmittedShare } from '@otedama/stratum';
import { Registry } from 'prom-client';
import { LIMITS, laneLimits } from './limits.ts';
import { PoolTraces } from './pool-traces.ts';
import { createGatewayMetrics } from './metrics.ts';
import { ShareLanes } from './share-lanes.ts';
import { FakeValidation } from './testing/fake-validation.ts';
import { seededBytes } from './testing/test-gateway.ts';
import { until } from './testing/until.ts';

const target = { difficulty: 1, targetLe: new Uint8Array(32), work: 7n };

const share = (ticket: number, unproven: boolean): SubmittedShare => ({
  ticket,
  jobKey: 1,
  account: { address: 'addr', worker: unproven ? 'new' : 'old' },
  nTime: 0,
  nonce: ticket,
  version: 0,
  extranonce: new Uint8Array(16),
  unproven,
  target,
});

const create = (algorithm: 'randomx' | 'sha256d') => {
  const validation = new FakeValidation();
  const outcomes = new Map<number, ShareOutcome>();
  const lanes = new ShareLanes(
    {
      validation,
      clock: () => 1_000,
      randomBytes: seededBytes(1),
      logger: silentLogger,
      metrics: createGatewayMetrics(new Registry()),
      monotonicMs: () => performance.now(),
      traces: new PoolTraces(noTracer, 'p1'),
      onRelief: () => undefined,
    },
    { poolId: 'p1', limits: { ...LIMITS, tallyIntervalMs: 60_000 } },
    algorithm,
  );
  /** As a session does it: what is rejected is tallied. */
  const submitter = {
    settle: (ticket: number, outcome: ShareOutcome): void => {
      outcomes.set(ticket, outcome);
      if (outcome !== 'accepted') lanes.tally({ address: 'addr', worker: 'new' });
    },
  };
  return { validation, lanes, outcomes, submitter };
};

const unprovenIn = (batch: ShareBatchView): number =>
  Array.from({ length: batch.count }, (_, index) => batch.record(index)).filter(
    ({ accountIndex }) => batch.accounts()[accountIndex]?.worker === 'new',
  ).length;

it('an honest share is not behind those of sessions that have shown nothing yet', async () => {
  const { validation, lanes, outcomes, submitter } = create('randomx');
  const held = validation.hold();
  for (let ticket = 0; ticket < 40; ticket++) lanes.add(share(ticket, true), submitter);
  await until('the lane of the unproven is full', () => held.size === 1);
  expect([lanes.isSaturated(true), lanes.isSaturated(false)]).toEqual([true, false]);
  lanes.add(share(100, false), submitter);
  await until('the honest share is being judged', () => held.size === 2);
  held.release(1);
  await until('the honest share has its verdict', () => outcomes.has(100));
  expect(outcomes.size).toBe(1);
  held.releaseAll();
  await lanes.drain(1_000);
  expect(outcomes.size).toBe(41);
  const most = laneLimits('randomx').unproven?.maxBatchShares ?? 0;
  expect(Math.max(...validation.calls.map(unprovenIn))).toBe(most);
});

it('the drain takes along the rejects that it makes itself', async () => {
  const { validation, lanes, submitter } = create('randomx');
  validation.judge = () => Verdict.lowDifficulty;
  for (let ticket = 0; ticket < 10; ticket++) lanes.add(share(ticket, true), submitter);
  await lanes.drain(1_000);
  const tallied = validation.calls.flatMap((batch) => batch.accounts().map(({ rejected }) => rejected));
  expect(tallied.reduce((sum, rejected) => sum + rejected, 0)).toBe(10);
});

it('where verification costs nothing there is one lane', async () => {
  const { validation, lanes, submitter } = create('sha256d');
  lanes.add(share(0, true), submitter);
  lanes.add(share(1, false), submitter);
  await lanes.drain(1_000);
  expect(validation.calls.map(({ count }) => count)).toEqual([2]);
});
