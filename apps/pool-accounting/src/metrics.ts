/** What accounting counts of itself. Labels come from closed sets: pools of the configuration, states. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** A duty of a round of the books. */
export type BookStage = 'shares' | 'blocks' | 'credit' | 'chain' | 'payees' | 'prune' | 'proof';

export interface AccountingMetrics {
  readonly batches: Counter;
  readonly shares: Counter;
  readonly duplicates: Counter;
  readonly blocks: Counter<'pool' | 'state'>;
  readonly failures: Counter;
  readonly stageSeconds: Histogram<'stage'>;
  readonly balanced: Gauge;
  readonly proofProblems: Gauge;
  readonly provedAt: Gauge;
  readonly assets: Gauge<'coin'>;
  readonly liabilities: Gauge<'coin'>;
  readonly priceFailures: Counter;
  readonly standing: Gauge<'state'>;
  readonly bankroll: Gauge<'pool'>;
  readonly bankrollReserve: Gauge<'pool'>;
  readonly bankrollPays: Gauge<'pool'>;
}

const createBankrollMetrics = (registers: Registry[]) => ({
  bankroll: new Gauge({
    name: 'otedama_accounting_bankroll_coins',
    help: 'Matured bankroll of a pool that pays by share.',
    labelNames: ['pool'],
    registers,
  }),
  bankrollReserve: new Gauge({
    name: 'otedama_accounting_bankroll_reserve_coins',
    help: 'Bankroll that keeps the risk of ruin as small as configured; infinite where none does.',
    labelNames: ['pool'],
    registers,
  }),
  bankrollPays: new Gauge({
    name: 'otedama_accounting_bankroll_pays',
    help: '1 while shares are paid by the share, 0 while the breaker is open and blocks pay them.',
    labelNames: ['pool'],
    registers,
  }),
});

/** Nothing is said of a proof that was never made. */
const createProofMetrics = (registers: Registry[]) => {
  const metrics = {
    balanced: new Gauge({
      name: 'otedama_accounting_books_balanced',
      help: '1 when the last proof found assets and liabilities equal, 0 when it did not; NaN before the first.',
      registers,
    }),
    proofProblems: new Gauge({
      name: 'otedama_accounting_proof_problems',
      help: 'Number of things that the last proof found wrong, which the log names; NaN before the first.',
      registers,
    }),
    provedAt: new Gauge({
      name: 'otedama_accounting_proved_timestamp_seconds',
      help: 'When the books were last proved, whatever came of it, once a day; NaN before the first.',
      registers,
    }),
    assets: new Gauge({
      name: 'otedama_accounting_assets_coins',
      help: 'What the books hold of a coin, as of the last proof.',
      labelNames: ['coin'],
      registers,
    }),
    liabilities: new Gauge({
      name: 'otedama_accounting_liabilities_coins',
      help: 'What of it is owed to miners or is the own of the pool, as of the last proof.',
      labelNames: ['coin'],
      registers,
    }),
  };
  for (const gauge of [metrics.balanced, metrics.proofProblems, metrics.provedAt]) gauge.set(Number.NaN);
  return metrics;
};

export const createAccountingMetrics = (registry: Registry): AccountingMetrics => {
  const registers = [registry];
  return {
    ...createBankrollMetrics(registers),
    ...createProofMetrics(registers),
    stageSeconds: new Histogram({
      name: 'otedama_accounting_stage_seconds',
      help: 'Duties of a round of the books: shares, blocks, credit, chain, payees, prune, proof; a failed one counts too.',
      labelNames: ['stage'],
      buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 120],
      registers,
    }),
    priceFailures: new Counter({
      name: 'otedama_accounting_price_failures_total',
      help: 'Times that the source of prices gave none at all.',
      registers,
    }),
    batches: new Counter({
      name: 'otedama_accounting_batches_total',
      help: 'Share batches booked.',
      registers,
    }),
    shares: new Counter({
      name: 'otedama_accounting_shares_total',
      help: 'Accepted shares booked.',
      registers,
    }),
    duplicates: new Counter({
      name: 'otedama_accounting_duplicate_shares_total',
      help: 'Accepted shares that stand in the log a second time and were not booked again.',
      registers,
    }),
    blocks: new Counter({
      name: 'otedama_accounting_blocks_total',
      help: 'Blocks that came to a state: immature, matured, orphaned, rejected.',
      labelNames: ['pool', 'state'],
      registers,
    }),
    failures: new Counter({
      name: 'otedama_accounting_failures_total',
      help: 'Rounds of accounting that ended with an error and are tried again.',
      registers,
    }),
    standing: new Gauge({
      name: 'otedama_accounting_state',
      help: '1 for the state that accounting is in: starting, active, standby, held_up.',
      labelNames: ['state'],
      registers,
    }),
  };
};
