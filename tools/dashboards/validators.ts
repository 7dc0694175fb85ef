/** Daemons and templates in, verdicts and blocks out. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { CHOSEN, INSTANCES, greatest, hourly, pace, quantile, total } from './ask.ts';
import type { Dashboard } from './dashboard.ts';
import { YES_OR_NO } from './panels.ts';

const VALIDATOR = 'job="share-validator",instance=~"$instance"';

export const VALIDATORS: Dashboard = {
  uid: 'otedama-validators',
  title: 'Otedama / Validators',
  description:
    'Daemons and their templates, who leads, shares that are judged, and blocks on their way to the network.',
  choices: [
    { name: 'pool', label: 'Pool', of: 'otedama_validator_leading' },
    { name: 'instance', label: 'Validator', of: 'otedama_validator_batches_under_way' },
  ],
  rows: [
    {
      title: 'Templates',
      panels: [
        {
          title: 'Leaders',
          tells: 'Who gives out the work of a pool: one, always.',
          as: 'states',
          unit: units.Short,
          words: { '0': { text: 'follows', color: 'blue' }, '1': { text: 'leads', color: 'green' } },
          series: [{ ask: `otedama_validator_leading{${CHOSEN}}`, legend: '{{instance}} {{pool}}' }],
          alerts: ['OtedamaNoLeader', 'OtedamaTwoLeaders'],
        },
        {
          title: 'Daemons',
          tells: 'By state, as the validator sees them.',
          unit: units.Short,
          decimals: 0,
          series: [
            {
              ask: greatest('otedama_validator_daemons', 'pool, coin, state', CHOSEN),
              legend: '{{pool}} {{coin}} {{state}}',
            },
          ],
          alerts: ['OtedamaNoDaemon', 'OtedamaDaemonUnwell'],
        },
        {
          title: 'Work to give',
          tells: 'Whether there is a job to mine.',
          as: 'states',
          unit: units.Short,
          words: YES_OR_NO,
          series: [{ ask: `otedama_validator_has_work{${CHOSEN}}`, legend: '{{instance}} {{pool}}' }],
          alerts: ['OtedamaNoWork'],
        },
        {
          title: 'Age of the template',
          tells: 'Since the daemon gave it. A new one comes every half minute at least.',
          unit: units.Seconds,
          limits: { orange: 60, red: 120 },
          series: [
            {
              ask: greatest('otedama_validator_template_age_seconds', 'pool, instance', CHOSEN),
              legend: '{{instance}} {{pool}}',
            },
          ],
          alerts: ['OtedamaWorkTooOld'],
        },
        {
          title: 'Tip to template',
          tells:
            'From the news to published work at 99 of 100; its stages: until the daemon gave a template, until the job is built.',
          unit: units.Seconds,
          limits: { orange: 0.5, red: 2 },
          series: [
            { ask: quantile(0.99, 'otedama_validator_template_seconds', 'pool', CHOSEN), legend: '{{pool}}' },
            {
              ask: quantile(0.99, 'otedama_validator_template_stage_seconds', 'pool, stage', CHOSEN),
              legend: '{{pool}} {{stage}}',
            },
          ],
          alerts: ['OtedamaTemplateSlow'],
        },
        {
          title: 'Templates by source',
          tells: 'What brought the news, within an hour. Only polls: the push of the daemon is away.',
          as: 'stacked',
          unit: units.Short,
          series: [
            {
              ask: hourly('otedama_validator_template_seconds_count', 'source', CHOSEN),
              legend: '{{source}}',
            },
          ],
        },
        {
          title: 'Failed templates',
          tells: 'Within an hour: a daemon gave none, or one that no job can be made of.',
          unit: units.Short,
          series: [
            { ask: hourly('otedama_validator_template_failures_total', 'pool', CHOSEN), legend: '{{pool}}' },
          ],
          alerts: ['OtedamaTemplatesFail'],
        },
        {
          title: 'Chain',
          tells: 'Height that is mined. It stands still when daemons are not in step with the network.',
          unit: units.Short,
          decimals: 0,
          series: [
            {
              ask: greatest('otedama_validator_height', 'pool, instance', CHOSEN),
              legend: '{{instance}} {{pool}}',
            },
          ],
        },
        {
          title: 'Network difficulty',
          tells: 'Of the block that is mined.',
          unit: units.SiShort,
          series: [
            { ask: greatest('otedama_validator_network_difficulty', 'pool', CHOSEN), legend: '{{pool}}' },
          ],
        },
      ],
    },
    {
      title: 'Shares',
      panels: [
        {
          title: 'Shares by verdict',
          tells: 'Judged a second; a batch that comes again is not counted again.',
          as: 'stacked',
          unit: units.RequestsPerSecond,
          series: [{ ask: pace('otedama_validator_shares_total', 'verdict', CHOSEN), legend: '{{verdict}}' }],
          alerts: ['OtedamaSharesRefused'],
        },
        {
          title: 'Hash rate by validator',
          tells: 'Work behind accepted shares, a second.',
          as: 'stacked',
          unit: units.HashesPerSecond,
          series: [
            {
              ask: pace('otedama_validator_accepted_work_total', 'pool, instance', CHOSEN),
              legend: '{{instance}} {{pool}}',
            },
          ],
          alerts: ['OtedamaHashRateFell'],
        },
        {
          title: 'Stages of a batch',
          tells: 'Each at 99 of 100: judged (verified), durable (until the log has it).',
          unit: units.Seconds,
          limits: { orange: 0.25, red: 1 },
          series: [
            {
              ask: quantile(0.99, 'otedama_validator_share_stage_seconds', 'pool, stage', CHOSEN),
              legend: '{{pool}} {{stage}}',
            },
          ],
          alerts: ['OtedamaShareAnswersSlow'],
        },
        {
          title: 'Batches by outcome',
          tells: 'A second: answered, failed (not durable), refused (too many under way).',
          as: 'stacked',
          unit: units.RequestsPerSecond,
          series: [
            { ask: pace('otedama_validator_batches_total', 'outcome', CHOSEN), legend: '{{outcome}}' },
          ],
          alerts: ['OtedamaBatchesRefused'],
        },
        {
          title: 'Batches under way',
          tells: 'Judged or waiting for the log. At 1024 others are refused. Autoscaling follows it.',
          unit: units.Short,
          limits: { orange: 512, red: 900 },
          series: [
            {
              ask: total('otedama_validator_batches_under_way', 'instance', INSTANCES),
              legend: '{{instance}}',
            },
          ],
          alerts: ['OtedamaBatchesRefused'],
        },
        {
          title: 'Event loop',
          tells: 'For how long the process is held up at a time, at 99 of 100.',
          unit: units.Seconds,
          limits: { orange: 0.1, red: 0.25 },
          series: [{ ask: `nodejs_eventloop_lag_p99_seconds{${VALIDATOR}}`, legend: '{{instance}}' }],
          alerts: ['OtedamaEventLoopBusy'],
        },
        {
          title: 'Live jobs',
          tells: 'Jobs whose shares are judged; bounded.',
          unit: units.Short,
          series: [
            {
              ask: total('otedama_validator_live_jobs', 'pool, instance', CHOSEN),
              legend: '{{instance}} {{pool}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Blocks',
      panels: [
        {
          title: 'Blocks',
          tells: 'Candidates within an hour by what became of them. Rejected ones are lost rewards.',
          as: 'stacked',
          unit: units.Short,
          decimals: 0,
          series: [
            {
              ask: hourly('otedama_validator_blocks_total', 'pool, outcome', CHOSEN),
              legend: '{{pool}} {{outcome}}',
            },
          ],
          alerts: ['OtedamaBlockRefused'],
        },
        {
          title: 'Block stages',
          tells: 'From finding a block: on disk, accepted by the first daemon, in the log; 9 of 10.',
          unit: units.Seconds,
          limits: { orange: 1, red: 2 },
          series: [
            {
              ask: quantile(0.9, 'otedama_validator_block_stage_seconds', 'stage', CHOSEN),
              legend: '{{stage}}',
            },
          ],
          alerts: ['OtedamaBlockSlow'],
        },
        {
          title: 'Answers to blocks',
          tells:
            'What daemons said to submitted blocks, within an hour. `duplicate` after an accepted one is usual.',
          as: 'stacked',
          unit: units.Short,
          series: [
            {
              ask: hourly('otedama_validator_block_submissions_total', 'result', CHOSEN),
              legend: '{{result}}',
            },
          ],
          alerts: ['OtedamaBlockRefused'],
        },
        {
          title: 'Candidates not in the log',
          tells:
            'In a spool, waiting for a place on the block path, and failures to write the spool within an hour.',
          unit: units.Short,
          limits: { red: 1 },
          series: [
            {
              ask: total('otedama_validator_spooled_candidates', 'pool, instance', CHOSEN),
              legend: '{{instance}} {{pool}}',
            },
            {
              ask: total('otedama_validator_candidates_waiting', 'instance', INSTANCES),
              legend: '{{instance}} waiting',
            },
            {
              ask: hourly('otedama_validator_spool_failures_total', 'instance', INSTANCES),
              legend: '{{instance}} spool failed',
            },
          ],
          alerts: ['OtedamaBlockWaitsForLog', 'OtedamaSpoolFails'],
        },
      ],
    },
  ],
};
