/** What accounting counts of itself. Labels come from closed sets: pools of the configuration, states. */
import { Counter, Gauge, type Registry } from 'prom-client';

export interface AccountingMetrics {
  readonly batches: Counter;
  readonly shares: Counter;
  readonly duplicates: Counter;
  readonly blocks: Counter<'pool' | 'state'>;
  readonly failures: Counter;
  readonly balanced: Gauge;
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

export const createAccountingMetrics = (registry: Registry): AccountingMetrics => {
  const registers = [registry];
  return {
    ...createBankrollMetrics(registers),
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
    balanced: new Gauge({
      name: 'otedama_accounting_books_balanced',
      help: '1 when the last proof found assets and liabilities equal, 0 when it did not.',
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
