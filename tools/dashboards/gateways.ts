/** The edge: connections, sessions, shares from socket to answer, and work to the last socket. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { CHOSEN, INSTANCES, greatest, hourly, pace, quantile, total } from './ask.ts';
import type { Dashboard } from './dashboard.ts';
import { YES_OR_NO } from './panels.ts';

const GATEWAY = 'job="stratum-gateway",instance=~"$instance"';

export const GATEWAYS: Dashboard = {
  uid: 'otedama-gateways',
  title: 'Otedama / Gateways',
  description:
    'Connections and sessions, shares from socket to answer, work to the last socket, and the defence of the ports.',
  choices: [
    { name: 'pool', label: 'Pool', of: 'otedama_gateway_sessions' },
    { name: 'instance', label: 'Gateway', of: 'otedama_gateway_connections' },
  ],
  rows: [
    {
      title: 'Work',
      panels: [
        {
          title: 'Has work',
          tells: 'Whether miners of the pool have a job at this gateway.',
          as: 'states',
          unit: units.Short,
          words: YES_OR_NO,
          series: [{ ask: `otedama_gateway_has_work{${CHOSEN}}`, legend: '{{instance}} {{pool}}' }],
          alerts: ['OtedamaNoWork', 'OtedamaGatewayWithoutWork'],
        },
        {
          title: 'Age of work',
          tells: 'Since the last news of work. It comes every half minute at least.',
          unit: units.Seconds,
          limits: { orange: 60, red: 120 },
          series: [
            {
              ask: greatest('otedama_gateway_work_age_seconds', 'pool, instance', CHOSEN),
              legend: '{{instance}} {{pool}}',
            },
          ],
          alerts: ['OtedamaWorkTooOld'],
        },
        {
          title: 'Height',
          tells: 'Of the block that miners work on; gateways of one pool agree but for moments.',
          unit: units.Short,
          decimals: 0,
          series: [
            {
              ask: greatest('otedama_gateway_job_height', 'pool, instance', CHOSEN),
              legend: '{{instance}} {{pool}}',
            },
          ],
        },
        {
          title: 'Work to the last socket',
          tells:
            'Stages of new work at 99 of 100: travel to the gateway (by the clocks of two machines), and until the last socket has it.',
          unit: units.Seconds,
          limits: { orange: 0.2, red: 0.5 },
          series: [
            {
              ask: quantile(0.99, 'otedama_gateway_template_stage_seconds', 'pool, stage', CHOSEN),
              legend: '{{pool}} {{stage}}',
            },
          ],
          alerts: ['OtedamaBroadcastSlow'],
        },
        {
          title: 'Broadcasts overtaken',
          tells:
            'Given up for newer work before the last socket, a second. Often means too many sockets for one process.',
          unit: units.RequestsPerSecond,
          series: [
            { ask: pace('otedama_gateway_broadcasts_overtaken_total', 'pool', CHOSEN), legend: '{{pool}}' },
          ],
          alerts: ['OtedamaBroadcastSlow'],
        },
        {
          title: 'Event loop',
          tells: 'For how long the process is held up at a time, at 99 of 100.',
          unit: units.Seconds,
          limits: { orange: 0.1, red: 0.25 },
          series: [{ ask: `nodejs_eventloop_lag_p99_seconds{${GATEWAY}}`, legend: '{{instance}}' }],
          alerts: ['OtedamaEventLoopBusy'],
        },
      ],
    },
    {
      title: 'Shares',
      panels: [
        {
          title: 'Shares by result',
          tells: 'Answered a second: accepted, or the reason of the reject.',
          as: 'stacked',
          unit: units.RequestsPerSecond,
          series: [{ ask: pace('otedama_gateway_shares_total', 'result', CHOSEN), legend: '{{result}}' }],
          alerts: ['OtedamaNoShares'],
        },
        {
          title: 'Shares refused by reason',
          tells: 'Without accepted ones. `stale` and `unknown-job` are late, the rest is wrong.',
          as: 'stacked',
          unit: units.RequestsPerSecond,
          series: [
            {
              ask: pace('otedama_gateway_shares_total', 'result', `${CHOSEN},result!="accepted"`),
              legend: '{{result}}',
            },
          ],
          alerts: ['OtedamaSharesRefused', 'OtedamaStaleShares'],
        },
        {
          title: 'Share to answer',
          tells: 'From reading the first share of a batch to handing its answer to the socket.',
          unit: units.Seconds,
          limits: { orange: 0.25, red: 1 },
          series: [
            {
              ask: quantile(0.99, 'otedama_gateway_share_answer_seconds', 'pool', CHOSEN),
              legend: '{{pool}} 99 of 100',
            },
            {
              ask: quantile(0.5, 'otedama_gateway_share_answer_seconds', 'pool', CHOSEN),
              legend: '{{pool}} half',
            },
          ],
          alerts: ['OtedamaShareAnswersSlow'],
        },
        {
          title: 'Stages of a share',
          tells: 'Each stage at 99 of 100: gathered, queued, durable (judged and in the log), answered.',
          unit: units.Seconds,
          series: [
            {
              ask: quantile(0.99, 'otedama_gateway_share_stage_seconds', 'stage', CHOSEN),
              legend: '{{stage}}',
            },
          ],
          alerts: ['OtedamaShareAnswersSlow'],
        },
        {
          title: 'Batches',
          tells:
            'In flight, waiting for a place in flight, and a second: sent again, given up. Given up is lost work of miners.',
          unit: units.Short,
          series: [
            { ask: total('otedama_gateway_batches_in_flight', 'pool', CHOSEN), legend: '{{pool}} in flight' },
            { ask: total('otedama_gateway_batches_waiting', 'pool', CHOSEN), legend: '{{pool}} waiting' },
            {
              ask: pace('otedama_gateway_batch_retries_total', 'pool', CHOSEN),
              legend: '{{pool}} sent again',
            },
            {
              ask: pace('otedama_gateway_batches_given_up_total', 'pool', CHOSEN),
              legend: '{{pool}} given up',
            },
          ],
          alerts: ['OtedamaSharesNotAcknowledged', 'OtedamaSharesGivenUp', 'OtedamaBatchesRetried'],
        },
        {
          title: 'Sessions held up',
          tells: 'Not read until there is room for their shares.',
          unit: units.Short,
          series: [{ ask: total('otedama_gateway_held_up_sessions', 'pool', CHOSEN), legend: '{{pool}}' }],
          alerts: ['OtedamaSocketsPaused'],
        },
      ],
    },
    {
      title: 'Connections',
      panels: [
        {
          title: 'Connections',
          tells:
            'Of all stages, beside the places there are: not logged in, with accepted shares, waiting for their turn to be read.',
          unit: units.Short,
          series: [
            { ask: total('otedama_gateway_connections', 'instance', INSTANCES), legend: '{{instance}}' },
            { ask: total('otedama_gateway_places', 'instance', INSTANCES), legend: '{{instance}} places' },
            {
              ask: total('otedama_gateway_handshakes', 'instance', INSTANCES),
              legend: '{{instance}} not logged in',
            },
            {
              ask: total('otedama_gateway_proven_connections', 'instance', INSTANCES),
              legend: '{{instance}} proven',
            },
            {
              ask: total('otedama_gateway_waiting_connections', 'instance', INSTANCES),
              legend: '{{instance}} waiting',
            },
            {
              ask: total('otedama_gateway_read_later_connections', 'instance', INSTANCES),
              legend: '{{instance}} read later',
            },
          ],
          alerts: ['OtedamaGatewayFull'],
        },
        {
          title: 'Sessions',
          tells: 'Connected sessions and the workers on them.',
          unit: units.Short,
          series: [
            {
              ask: total('otedama_gateway_sessions', 'pool, instance', CHOSEN),
              legend: '{{instance}} {{pool}}',
            },
            {
              ask: total('otedama_gateway_workers', 'pool, instance', CHOSEN),
              legend: '{{instance}} {{pool}} workers',
            },
          ],
          alerts: ['OtedamaSessionsLost'],
        },
        {
          title: 'Sessions resumed',
          tells: 'Sessions that miners wanted to go on with, within an hour: resumed, or unknown.',
          as: 'stacked',
          unit: units.Short,
          series: [{ ask: hourly('otedama_gateway_resumes_total', 'result', CHOSEN), legend: '{{result}}' }],
          alerts: ['OtedamaResumeDegraded'],
        },
        {
          title: 'Sessions ended by reason',
          tells: 'By the gateway, within an hour.',
          as: 'stacked',
          unit: units.Short,
          series: [{ ask: hourly('otedama_gateway_closed_total', 'reason', CHOSEN), legend: '{{reason}}' }],
          alerts: ['OtedamaSessionsLost'],
        },
        {
          title: 'Resume tickets',
          tells: 'Known here, given up, and whether sessions can resume at this gateway alone.',
          unit: units.Short,
          series: [
            { ask: total('otedama_gateway_tickets', 'instance', INSTANCES), legend: '{{instance}}' },
            {
              ask: total('otedama_gateway_tickets_dropped', 'instance', INSTANCES),
              legend: '{{instance}} given up',
            },
            {
              ask: total('otedama_gateway_tickets_degraded', 'instance', INSTANCES),
              legend: '{{instance}} degraded',
            },
          ],
          alerts: ['OtedamaResumeDegraded'],
        },
        {
          title: 'Extranonce blocks',
          tells: 'Leased from the other gateways; one serves tens of thousands of sessions.',
          unit: units.Short,
          series: [
            {
              ask: total('otedama_gateway_extranonce_blocks', 'instance', INSTANCES),
              legend: '{{instance}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Defence',
      panels: [
        {
          title: 'Connections refused',
          tells: 'A second, by reason.',
          as: 'stacked',
          unit: units.RequestsPerSecond,
          series: [{ ask: pace('otedama_gateway_refused_total', 'reason', CHOSEN), legend: '{{reason}}' }],
          alerts: ['OtedamaConnectionsRefused'],
        },
        {
          title: 'Faults',
          tells: 'Messages that were at fault, a second, and sessions read later because they say too much.',
          as: 'stacked',
          unit: units.RequestsPerSecond,
          series: [
            { ask: pace('otedama_gateway_faults_total', 'reason', CHOSEN), legend: '{{reason}}' },
            { ask: pace('otedama_gateway_slowed_total', 'pool', CHOSEN), legend: '{{pool}} slowed' },
          ],
          alerts: ['OtedamaConnectionsRefused'],
        },
        {
          title: 'Bans',
          tells: 'Known, given up because there were too many, and new within an hour by whom they keep out.',
          unit: units.Short,
          series: [
            { ask: total('otedama_gateway_bans', 'instance', INSTANCES), legend: '{{instance}}' },
            {
              ask: total('otedama_gateway_bans_dropped', 'instance', INSTANCES),
              legend: '{{instance}} given up',
            },
            { ask: hourly('otedama_gateway_bans_total', 'subject', CHOSEN), legend: 'new {{subject}}' },
          ],
          alerts: ['OtedamaSharesRefused'],
        },
        {
          title: 'Known peers',
          tells:
            'Addresses with budgets, and addresses, accounts and workers whose shares are weighed; both are bounded.',
          unit: units.Short,
          series: [
            {
              ask: total('otedama_gateway_known_addresses', 'instance', INSTANCES),
              legend: '{{instance}} addresses',
            },
            {
              ask: total('otedama_gateway_known_conducts', 'instance', INSTANCES),
              legend: '{{instance}} conducts',
            },
          ],
        },
        {
          title: 'Memory for peers',
          tells: 'Heard and not read, sent and not taken.',
          unit: units.BytesIEC,
          series: [
            {
              ask: total('otedama_gateway_peer_memory_bytes', 'instance', INSTANCES),
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Memory of the process',
          tells: 'Resident, of each gateway.',
          unit: units.BytesIEC,
          series: [{ ask: `process_resident_memory_bytes{${GATEWAY}}`, legend: '{{instance}}' }],
        },
      ],
    },
  ],
};
