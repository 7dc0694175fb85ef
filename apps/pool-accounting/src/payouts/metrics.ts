/** What paying out counts of itself. Pools and coins are those of the configuration. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export const OPEN_STATES = [
  'planned',
  'awaiting_approval',
  'approved',
  'signed',
  'broadcast',
  'confirmed',
  'conflicted',
] as const;

export interface PayoutMetrics {
  readonly failures: Counter<'pool' | 'coin'>;
  readonly up: Gauge<'pool' | 'coin'>;
  readonly attention: Gauge<'pool' | 'coin'>;
  readonly batches: Gauge<'pool' | 'coin' | 'state'>;
  readonly oldestOpen: Gauge<'pool' | 'coin'>;
  readonly plannedAt: Gauge<'pool' | 'coin'>;
  readonly spendable: Gauge<'pool' | 'coin'>;
  readonly owed: Gauge<'pool' | 'coin'>;
  readonly owedMiners: Gauge<'pool' | 'coin'>;
  readonly roundSeconds: Histogram<'pool' | 'coin'>;
}

/** A wallet that another process pays from by now. */
export const forgetWallet = (metrics: PayoutMetrics, wallet: { pool: string; coin: string }): void => {
  const { up, attention, oldestOpen, plannedAt, spendable, owed, owedMiners, batches } = metrics;
  for (const gauge of [up, attention, oldestOpen, plannedAt, spendable, owed, owedMiners])
    gauge.remove(wallet);
  for (const state of OPEN_STATES) batches.remove({ ...wallet, state });
};

const createMoneyMetrics = (registers: Registry[]) => ({
  spendable: new Gauge({
    name: 'otedama_payout_wallet_spendable_coins',
    help: 'What the wallet can spend now.',
    labelNames: ['pool', 'coin'],
    registers,
  }),
  owed: new Gauge({
    name: 'otedama_payout_owed_coins',
    help: 'What is owed to miners and may be paid, those below their minimum included.',
    labelNames: ['pool', 'coin'],
    registers,
  }),
  owedMiners: new Gauge({
    name: 'otedama_payout_owed_miners',
    help: 'Accounts that it is owed to.',
    labelNames: ['pool', 'coin'],
    registers,
  }),
});

export const createPayoutMetrics = (registry: Registry): PayoutMetrics => {
  const registers = [registry];
  return {
    ...createMoneyMetrics(registers),
    failures: new Counter({
      name: 'otedama_payout_failures_total',
      help: 'Rounds of paying out that ended with an error and are tried again.',
      labelNames: ['pool', 'coin'],
      registers,
    }),
    up: new Gauge({
      name: 'otedama_payout_wallet_up',
      help: '1 when the last round found the wallet able to pay, 0 when it did not.',
      labelNames: ['pool', 'coin'],
      registers,
    }),
    attention: new Gauge({
      name: 'otedama_payout_attention',
      help: 'Things about payouts that an operator should look at; /health names them.',
      labelNames: ['pool', 'coin'],
      registers,
    }),
    batches: new Gauge({
      name: 'otedama_payout_batches_open',
      help: 'Batches of payouts that may still change, by state.',
      labelNames: ['pool', 'coin', 'state'],
      registers,
    }),
    oldestOpen: new Gauge({
      name: 'otedama_payout_oldest_open_seconds',
      help: 'Age of the oldest batch that is not confirmed in the chain; 0 without one.',
      labelNames: ['pool', 'coin'],
      registers,
    }),
    plannedAt: new Gauge({
      name: 'otedama_payout_planned_timestamp_seconds',
      help: 'When it was last gone through whom to pay; nothing before the first time.',
      labelNames: ['pool', 'coin'],
      registers,
    }),
    roundSeconds: new Histogram({
      name: 'otedama_payout_round_seconds',
      help: 'Rounds of paying out, failed ones included.',
      labelNames: ['pool', 'coin'],
      buckets: [0.01, 0.05, 0.2, 1, 5, 20, 60],
      registers,
    }),
  };
};
