/** Whether all is well, on one page: for the person who was woken, and for the screen on the wall. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { POOLS, during, greatest, pace } from './ask.ts';
import type { Dashboard } from './dashboard.ts';
import { UP_OR_DOWN, YES_OR_NO } from './panels.ts';

export const FLEET: Dashboard = {
  uid: 'otedama-fleet',
  title: 'Otedama / Fleet',
  description: 'Whether miners have work, shares are kept, blocks arrive and the books are right.',
  choices: [{ name: 'pool', label: 'Pool', of: 'otedama_gateway_sessions' }],
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Alerts firing',
          tells: 'Each has a runbook; the table of alerts in Grafana or Alertmanager names them.',
          as: 'stat',
          unit: units.Short,
          limits: { orange: 1, red: 3 },
          series: [
            {
              ask: 'count(ALERTS{alertname=~"Otedama.*",alertstate="firing"}) or vector(0)',
              legend: 'firing',
            },
          ],
        },
        {
          title: 'Pools with work',
          tells: 'Miners of a pool without work earn nothing.',
          as: 'stat',
          unit: units.Short,
          words: YES_OR_NO,
          series: [{ ask: greatest('otedama_gateway_has_work', 'pool', POOLS), legend: '{{pool}}' }],
          alerts: ['OtedamaNoWork'],
        },
        {
          title: 'Books balanced',
          tells: 'Whether the last proof found assets and liabilities equal.',
          as: 'stat',
          unit: units.Short,
          words: YES_OR_NO,
          series: [{ ask: 'min(otedama_accounting_books_balanced)', legend: 'balanced' }],
          alerts: ['OtedamaBooksUnbalanced'],
        },
        {
          title: 'Blocks found',
          tells: 'Accepted by a daemon within the time that is shown.',
          as: 'stat',
          unit: units.Short,
          decimals: 0,
          series: [
            {
              ask: during('otedama_validator_blocks_total', 'pool', `${POOLS},outcome="accepted"`),
              legend: '{{pool}}',
            },
          ],
          alerts: ['OtedamaBlockRefused'],
        },
        {
          title: 'Processes down',
          tells: 'Targets of Prometheus that do not answer.',
          as: 'stat',
          unit: units.Short,
          limits: { orange: 1, red: 3 },
          series: [
            {
              ask: 'count(up{job=~"stratum-gateway|share-validator|pool-accounting|api-gateway|miner-agent|nats|postgres|redis"} == 0) or vector(0)',
              legend: 'down',
            },
          ],
          alerts: ['OtedamaServiceGone', 'OtedamaInstanceDown'],
        },
        {
          title: 'Versions',
          tells: 'More than one is right during an upgrade only.',
          as: 'stat',
          unit: units.Short,
          series: [{ ask: 'count by (version) (otedama_host_build_info)', legend: '{{version}}' }],
          alerts: ['OtedamaVersionsMixed'],
        },
      ],
    },
    {
      title: 'Mining',
      panels: [
        {
          title: 'Hash rate',
          tells: 'By the work of accepted shares over ten minutes.',
          unit: units.HashesPerSecond,
          series: [{ ask: `pool:otedama_validator_hashes:rate10m{${POOLS}}`, legend: '{{pool}}' }],
          alerts: ['OtedamaHashRateFell'],
        },
        {
          title: 'Workers',
          tells: 'Logins of the connected sessions, of all gateways.',
          as: 'stacked',
          unit: units.Short,
          series: [{ ask: `pool:otedama_gateway_workers:sum{${POOLS}}`, legend: '{{pool}}' }],
          alerts: ['OtedamaSessionsLost'],
        },
        {
          title: 'Sessions of all gateways',
          tells: 'Connected sessions by pool.',
          as: 'stacked',
          unit: units.Short,
          series: [{ ask: `pool:otedama_gateway_sessions:sum{${POOLS}}`, legend: '{{pool}}' }],
          alerts: ['OtedamaSessionsLost'],
        },
        {
          title: 'Shares',
          tells: 'Answered a second, whatever the answer.',
          unit: units.RequestsPerSecond,
          series: [{ ask: `pool:otedama_gateway_shares:rate5m{${POOLS}}`, legend: '{{pool}}' }],
          alerts: ['OtedamaNoShares'],
        },
        {
          title: 'Stale shares',
          tells: 'Shares for work that a newer block has replaced, of all. Below one percent is usual.',
          unit: units.PercentUnit,
          limits: { orange: 0.01, red: 0.03 },
          series: [
            {
              ask: `pool:otedama_gateway_shares_stale:ratio_rate5m{${POOLS}}`,
              legend: '{{pool}}',
            },
          ],
          alerts: ['OtedamaStaleShares'],
        },
        {
          title: 'Refused shares',
          tells: 'Shares refused for other reasons than being late, of all.',
          unit: units.PercentUnit,
          limits: { orange: 0.03, red: 0.1 },
          series: [
            {
              ask: `pool:otedama_gateway_shares_refused:ratio_rate5m{${POOLS}}`,
              legend: '{{pool}}',
            },
          ],
          alerts: ['OtedamaSharesRefused'],
        },
      ],
    },
    {
      title: 'Time',
      panels: [
        {
          title: 'Share to answer, 99 of 100',
          tells: 'From reading a share to its answer, once it is durable.',
          unit: units.Seconds,
          limits: { orange: 0.25, red: 1 },
          series: [{ ask: `pool:otedama_gateway_share_answer_seconds:p99_5m{${POOLS}}`, legend: '{{pool}}' }],
          alerts: ['OtedamaShareAnswersSlow'],
        },
        {
          title: 'Tip to template, 99 of 100',
          tells: 'From the news of a block to new work of ours.',
          unit: units.Seconds,
          limits: { orange: 0.5, red: 2 },
          series: [{ ask: `pool:otedama_validator_template_seconds:p99_10m{${POOLS}}`, legend: '{{pool}}' }],
          alerts: ['OtedamaTemplateSlow'],
        },
        {
          title: 'Template to the last socket, 99 of 100',
          tells: 'Travel to the gateway, and until the last of its miners has the job.',
          unit: units.Seconds,
          limits: { orange: 0.2, red: 0.5 },
          series: [
            {
              ask: `pool_stage:otedama_gateway_template_stage_seconds:p99_10m{${POOLS}}`,
              legend: '{{pool}} {{stage}}',
            },
          ],
          alerts: ['OtedamaBroadcastSlow'],
        },
      ],
    },
    {
      title: 'Money and servers',
      panels: [
        {
          title: 'Not booked',
          tells: 'Entries of the logs that the books do not have yet.',
          unit: units.Short,
          limits: { orange: 1000, red: 5000 },
          series: [{ ask: 'max by (stream) (otedama_accounting_log_lag_entries)', legend: '{{stream}}' }],
          alerts: ['OtedamaBooksBehind', 'OtedamaBlockNotBooked'],
        },
        {
          title: 'Health',
          tells: 'Every part of every process; /health/ready of the process gives the reason.',
          as: 'states',
          unit: units.Short,
          words: UP_OR_DOWN,
          series: [{ ask: 'min by (job, part) (otedama_host_health)', legend: '{{job}} {{part}}' }],
          alerts: ['OtedamaPartDown', 'OtedamaPartDegraded'],
        },
        {
          title: 'Answers of the API',
          tells: 'Requests a second by class of status.',
          unit: units.RequestsPerSecond,
          series: [{ ask: pace('otedama_api_request_seconds_count', 'status', ''), legend: '{{status}}' }],
          alerts: ['OtedamaApiErrors', 'OtedamaApiSlow'],
        },
      ],
    },
  ],
};
