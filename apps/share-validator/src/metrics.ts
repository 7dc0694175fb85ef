/** What the validator counts of itself. Labels come from closed sets: pools of the configuration, verdicts, results. */
import { Verdict } from '@otedama/contracts';
import type { TipSource } from '@otedama/daemon-rpc';
import { BoundCounter, BoundHistogram } from '@otedama/observability';
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
  readonly templateStages: BoundHistogram<'pool' | 'stage'>;
  readonly templateFailures: Counter<'pool'>;
  readonly leading: Gauge<'pool'>;
  readonly shareStages: BoundHistogram<'pool' | 'stage'>;
  readonly batches: BoundCounter<'pool' | 'outcome'>;
  readonly shares: BoundCounter<'pool' | 'verdict'>;
  readonly acceptedWork: BoundCounter<'pool'>;
  readonly submissions: Counter<'pool' | 'result'>;
  readonly blocks: Counter<'pool' | 'outcome'>;
  readonly blockStages: BoundHistogram<'pool' | 'stage'>;
  readonly spooled: Gauge<'pool'>;
  readonly spoolFailures: Counter;
}

const BLOCK_STAGES = ['spooled', 'accepted', 'logged'] as const;
export type BlockStage = (typeof BLOCK_STAGES)[number];

const VERDICT_NAMES = new Map<number, string>(Object.entries(Verdict).map(([name, value]) => [value, name]));

export const verdictName = (verdict: number): string => VERDICT_NAMES.get(verdict) ?? 'pending';

const createTemplateMetrics = (registers: Registry[]) => ({
  templateSeconds: new Histogram({
    name: 'otedama_validator_template_seconds',
    help: 'From news of a tip, or the decision to refresh, to the published template, by what brought the news.',
    labelNames: ['pool', 'source'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers,
  }),
  templateStages: new BoundHistogram({
    name: 'otedama_validator_template_stage_seconds',
    help: 'Stages of the same: template (news until the template of a daemon is here), job (until its job is built and published).',
    labelNames: ['pool', 'stage'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers,
  }),
  templateFailures: new Counter({
    name: 'otedama_validator_template_failures_total',
    help: 'Times that a daemon gave no template, or one that no job can be made of.',
    labelNames: ['pool'],
    registers,
  }),
  leading: new Gauge({
    name: 'otedama_validator_leading',
    help: '1 where this validator gives out the work of the pool, 0 where another does.',
    labelNames: ['pool'],
    registers,
  }),
});

const createShareMetrics = (registers: Registry[]) => ({
  shareStages: new BoundHistogram({
    name: 'otedama_validator_share_stage_seconds',
    help: 'Stages of a batch of shares: judged (verified), durable (until the log has acknowledged it).',
    labelNames: ['pool', 'stage'],
    buckets: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5],
    registers,
  }),
  batches: new BoundCounter({
    name: 'otedama_validator_batches_total',
    help: 'Share batches by what became of them: answered, failed (not durable), refused (not taken).',
    labelNames: ['pool', 'outcome'],
    registers,
  }),
  shares: new BoundCounter({
    name: 'otedama_validator_shares_total',
    help: 'Shares judged, by verdict; a batch that comes again is not counted again.',
    labelNames: ['pool', 'verdict'],
    registers,
  }),
  acceptedWork: new BoundCounter({
    name: 'otedama_validator_accepted_work_total',
    help: 'Expected hashes behind accepted shares: its rate is the estimated hash rate of the pool.',
    labelNames: ['pool'],
    registers,
  }),
});

const createBlockMetrics = (registers: Registry[]) => ({
  submissions: new Counter({
    name: 'otedama_validator_block_submissions_total',
    help: 'Answers of daemons to submitted blocks.',
    labelNames: ['pool', 'result'],
    registers,
  }),
  blocks: new Counter({
    name: 'otedama_validator_blocks_total',
    help: 'Block candidates by what became of them: accepted, rejected, sibling (of an own block on the same parent).',
    labelNames: ['pool', 'outcome'],
    registers,
  }),
  blockStages: new BoundHistogram({
    name: 'otedama_validator_block_stage_seconds',
    help: 'Stages of a block candidate, each from its verdict: spooled (on disk), accepted (by the first daemon), logged (in the block log); not of those that a restart took up.',
    labelNames: ['pool', 'stage'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60],
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
});

export const createValidatorMetrics = (registry: Registry): ValidatorMetrics => {
  const registers = [registry];
  return {
    ...createTemplateMetrics(registers),
    ...createShareMetrics(registers),
    ...createBlockMetrics(registers),
  };
};

const BLOCK_OUTCOMES = ['accepted', 'rejected', 'sibling'] as const;

/** What has not happened yet is shown as zero, not as absent. */
export const beginMetrics = (metrics: ValidatorMetrics, pool: string): void => {
  metrics.templateFailures.inc({ pool }, 0);
  metrics.spooled.set({ pool }, 0);
  for (const outcome of BLOCK_OUTCOMES) metrics.blocks.inc({ pool, outcome }, 0);
  for (const stage of BLOCK_STAGES) metrics.blockStages.bind({ pool, stage });
};
