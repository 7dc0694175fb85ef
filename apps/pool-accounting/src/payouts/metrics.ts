/** What paying out counts of itself. Pools and coins are those of the configuration. */
import { Counter, Gauge, type Registry } from 'prom-client';

export interface PayoutMetrics {
  readonly failures: Counter<'pool' | 'coin'>;
  readonly up: Gauge<'pool' | 'coin'>;
  readonly attention: Gauge<'pool' | 'coin'>;
  readonly batches: Gauge<'pool' | 'coin' | 'state'>;
  readonly spendable: Gauge<'pool' | 'coin'>;
}

export const createPayoutMetrics = (registry: Registry): PayoutMetrics => {
  const registers = [registry];
  const labelNames = ['pool', 'coin'] as const;
  return {
    failures: new Counter({
      name: 'otedama_payout_failures_total',
      help: 'Rounds of paying out that ended with an error and are tried again.',
      labelNames,
      registers,
    }),
    up: new Gauge({
      name: 'otedama_payout_wallet_up',
      help: '1 when the last round found the wallet able to pay, 0 when it did not.',
      labelNames,
      registers,
    }),
    attention: new Gauge({
      name: 'otedama_payout_attention',
      help: 'Things about payouts that an operator should look at; /health names them.',
      labelNames,
      registers,
    }),
    batches: new Gauge({
      name: 'otedama_payout_batches_open',
      help: 'Batches of payouts that may still change, by state.',
      labelNames: [...labelNames, 'state'],
      registers,
    }),
    spendable: new Gauge({
      name: 'otedama_payout_wallet_spendable',
      help: 'What the wallet can spend now, in coins.',
      labelNames,
      registers,
    }),
  };
};
