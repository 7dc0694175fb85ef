/**
 * How long it takes to make a batch of 5,000 outputs out of the books: debts read, planned, and booked with the batch in
 * one transaction. Twice as many miners are owed something; each has been paid before. Prints JSON.
 *
 *   node libs/ledger/bench/payout-batch.bench.ts
 */
import { availableParallelism, cpus } from 'node:os';
import { planPayouts } from '@otedama/payouts';
import { createLedger } from '../src/ledger.ts';
import { createPayoutOutbox } from '../src/payouts/outbox.ts';
import { creditMatured, startTestDatabase } from '../src/testing/index.ts';

const OUTPUTS = 5_000;
const ROUNDS = 5;
const MINIMUM = 1_000_000n;
const CHAIN = { pool: 'main', coin: 'litecoin' };

const database = await startTestDatabase();
const outbox = createPayoutOutbox(database.db);
const ledger = createLedger(database.db);
const terms = {
  scheme: 'solo',
  window: { kind: 'work', networkBlocks: 1 },
  feeBasisPoints: 0,
  splits: [],
} as const;
await ledger.registerPools([{ id: CHAIN.pool, coin: CHAIN.coin, terms }]);

/** Half of the miners reach the minimum with each credit, and the other half of it stays what it was. */
const owed = (round: number): Record<string, bigint> =>
  Object.fromEntries(
    Array.from({ length: 2 * OUTPUTS }, (_, index) => [
      `miner-${index}`,
      index < OUTPUTS ? MINIMUM + BigInt(index) : BigInt(round + 1),
    ]),
  );

const rounds: { readMs: number; planMs: number; bookMs: number }[] = [];
for (let round = 0; round < ROUNDS; round++) {
  await creditMatured(database, { ...CHAIN, owed: owed(round), atMs: round });
  const began = performance.now();
  const debts = await outbox.debts(CHAIN);
  const read = performance.now();
  const plan = planPayouts({
    owed: debts,
    canonical: (address) => address,
    costs: { dustAtomic: () => 294n, baseFeeAtomic: 120n, payeeFeeAtomic: 34n },
    rules: {
      minimumAtomic: MINIMUM,
      lowestMinimumAtomic: MINIMUM,
      feeRule: 'miners',
      maxPayees: OUTPUTS,
      maxFeeBasisPoints: 500,
      approveAboveAtomic: undefined,
      batchLimitAtomic: undefined,
    },
    funds: { spendableAtomic: 10n ** 15n, dayLeftAtomic: undefined },
  });
  const planned = performance.now();
  if (debts.length !== 2 * OUTPUTS || plan.outputs.length !== OUTPUTS) throw new Error('the plan is wrong');
  const id = await outbox.plan(CHAIN, { feeRule: 'miners', payees: plan.outputs }, round);
  rounds.push({ readMs: read - began, planMs: planned - read, bookMs: performance.now() - planned });
  // Out of the way of the next one.
  await outbox.awaitApproval(id, { atMs: round });
}
const proof = await ledger.prove();
await database.dispose();
if (!proof.ok) throw new Error(proof.problems.join('\n'));

const median = (values: readonly number[]): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
process.stdout.write(
  `${JSON.stringify({
    bench: 'payout-batch',
    outputs: OUTPUTS,
    accounts: 2 * OUTPUTS,
    rounds: ROUNDS,
    medianReadMs: median(rounds.map(({ readMs }) => readMs)),
    medianPlanMs: median(rounds.map(({ planMs }) => planMs)),
    medianBookMs: median(rounds.map(({ bookMs }) => bookMs)),
    medianWholeMs: median(rounds.map(({ readMs, planMs, bookMs }) => readMs + planMs + bookMs)),
    cpu: cpus()[0]?.model,
    threads: availableParallelism(),
  })}\n`,
);
