/** What the validator counts of itself. Labels come from closed sets: pools of the configuration, verdicts, results. */
import { Verdict } from '@otedama/contracts';
import type { TipSource } from '@otedama/daemon-rpc';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Why a template was built. */
export type TemplateSource =
  | TipSource
  | 'own-block'
  | 'empty'
  | 'refresh'
  | 'failover'
  | 'aux'
  | 'payees'
  | 'takeover';

export interface ValidatorMetrics {
  readonly templateSeconds: Histogram<'pool' | 'source'>;
  readonly batchSeconds: Histogram<'pool'>;
  readonly leading: Gauge<'pool'>;
  readonly shares: Counter<'pool' | 'verdict'>;
  readonly submissions: Counter<'pool' | 'result'>;
  readonly blocks: Counter<'pool' | 'outcome'>;
  readonly spooled: Gauge<'pool'>;
  readonly spoolFailures: Counter;
}

const VERDICT_NAMES = new Map<number, string>(Object.entries(Verdict).map(([name, value]) => [value, name]));

export const verdictName = (verdict: number): string => VERDICT_NAMES.get(verdict) ?? 'pending';

export const createValidatorMetrics = (registry: Registry): ValidatorMetrics => {
  const registers = [registry];
  return {
    templateSeconds: new Histogram({
      name: 'otedama_validator_template_seconds',
      help: 'From news of a tip, or the decision to refresh, to the published template.',
      labelNames: ['pool', 'source'],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'otedama_validator_batch_seconds',
      help: 'Time to verify one share batch.',
      labelNames: ['pool'],
      buckets: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
      registers,
    }),
    leading: new Gauge({
      name: 'otedama_validator_leading',
      help: '1 where this validator gives out the work of the pool, 0 where another does.',
      labelNames: ['pool'],
      registers,
    }),
    shares: new Counter({
      name: 'otedama_validator_shares_total',
      help: 'Shares judged, by verdict.',
      labelNames: ['pool', 'verdict'],
      registers,
    }),
    submissions: new Counter({
      name: 'otedama_validator_block_submissions_total',
      help: 'Answers of daemons to submitted blocks.',
      labelNames: ['pool', 'result'],
      registers,
    }),
    blocks: new Counter({
      name: 'otedama_validator_blocks_total',
      help: 'Block candidates by what became of them.',
      labelNames: ['pool', 'outcome'],
      registers,
    }),
    spooled: new Gauge({
      name: 'otedama_validator_spooled_candidates',
      help: 'Block candidates that the block log does not have yet.',
      labelNames: ['pool'],
      registers,
    }),
    spoolFailures: new Counter({
      name: 'otedama_validator_spool_failures_total',
      help: 'Block candidates that could not be written to the spool.',
      registers,
    }),
  };
};
