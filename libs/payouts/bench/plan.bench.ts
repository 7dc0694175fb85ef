/**
 * How long a batch of 5,000 outputs takes to plan: addresses read and grouped as a wallet does it, oldest debts first,
 * the fee split to the last unit. Half of the miners stay below the minimum. Prints JSON.
 *
 *   node libs/payouts/bench/plan.bench.ts
 */
import { createHash } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import { encodeWitnessAddress, findCoin, parseAddress } from '@otedama/chain-params';
import { type OwedAccount, planPayouts } from '../src/index.ts';

const OUTPUTS = 5_000;
const RUNS = 15;
const MINIMUM = 1_000_000n;

const coin = findCoin('litecoin', 'mainnet');
if (coin === undefined) throw new Error('there is no Litecoin');

const addressOf = (index: number): string => {
  const digest = createHash('sha256').update(String(index)).digest();
  return encodeWitnessAddress(coin, 0, digest.subarray(0, index % 2 === 0 ? 20 : 32));
};

const owed: OwedAccount[] = Array.from({ length: 2 * OUTPUTS }, (_, index) => ({
  account: addressOf(index),
  owedAtomic: index < OUTPUTS ? MINIMUM + BigInt(index * 977) : MINIMUM - 1n,
  owedSinceMs: (index * 7_919) % 100_000,
  minimumAtomic: undefined,
}));

const canonical = (address: string): string => {
  const parsed = parseAddress(coin, address);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.canonical;
};

const milliseconds: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const began = performance.now();
  const plan = planPayouts({
    owed,
    canonical,
    costs: { dustAtomic: () => 294n, baseFeeAtomic: 120n, payeeFeeAtomic: 34n },
    rules: {
      minimumAtomic: MINIMUM,
      lowestMinimumAtomic: MINIMUM,
      feeRule: 'miners',
      maxPayees: OUTPUTS,
      maxFeeBasisPoints: 500,
      approveAboveAtomic: 1n,
      batchLimitAtomic: undefined,
    },
    funds: { spendableAtomic: 10n ** 15n, dayLeftAtomic: 10n ** 15n },
  });
  milliseconds.push(performance.now() - began);
  const paid = plan.outputs.reduce((sum, { amountAtomic }) => sum + amountAtomic, 0n);
  if (plan.outputs.length !== OUTPUTS || paid + plan.feeAtomic !== plan.grossAtomic) {
    throw new Error('the plan is wrong');
  }
}

milliseconds.sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({
    bench: 'payout-plan',
    outputs: OUTPUTS,
    accounts: owed.length,
    runs: RUNS,
    medianMs: Number(milliseconds[Math.floor(RUNS / 2)]?.toFixed(1)),
    slowestMs: Number(milliseconds.at(-1)?.toFixed(1)),
    cpu: cpus()[0]?.model,
    threads: availableParallelism(),
  })}\n`,
);
