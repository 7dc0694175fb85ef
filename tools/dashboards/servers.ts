/** Processes and machines, and the servers between them: NATS with JetStream, PostgreSQL, Redis. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { INSTANCES, greatest, hourly, pace, quantile, total } from './ask.ts';
import type { Dashboard } from './dashboard.ts';
import { UP_OR_DOWN, YES_OR_NO } from './panels.ts';

const OURS = `job=~"stratum-gateway|share-validator|pool-accounting|api-gateway|miner-agent",${INSTANCES}`;
const BOOKS = 'datname!~"template.*|"';

export const SERVERS: Dashboard = {
  uid: 'otedama-servers',
  title: 'Otedama / Servers',
  description:
    'Processes and machines; NATS with JetStream, PostgreSQL and Redis, as the processes and as the servers see it.',
  choices: [{ name: 'instance', label: 'Process', of: 'otedama_host_build_info' }],
  rows: [
    {
      title: 'Processes and machines',
      panels: [
        {
          title: 'Parts',
          tells: 'Every part of every process; /health/ready gives the reason.',
          as: 'states',
          unit: units.Short,
          words: UP_OR_DOWN,
          series: [{ ask: `otedama_host_health{${INSTANCES}}`, legend: '{{instance}} {{part}}' }],
          alerts: ['OtedamaPartDown', 'OtedamaPartDegraded'],
        },
        {
          title: 'CPU',
          tells: 'Cores that each process uses.',
          unit: units.Short,
          series: [
            {
              ask: `rate(process_cpu_seconds_total{${OURS}}[$__rate_interval])`,
              legend: '{{job}} {{instance}}',
            },
          ],
          alerts: ['OtedamaEventLoopBusy'],
        },
        {
          title: 'Event loop',
          tells: 'For how long a process is held up at a time, at 99 of 100.',
          unit: units.Seconds,
          limits: { orange: 0.1, red: 0.25 },
          series: [{ ask: `nodejs_eventloop_lag_p99_seconds{${OURS}}`, legend: '{{job}} {{instance}}' }],
          alerts: ['OtedamaEventLoopBusy'],
        },
        {
          title: 'Memory',
          tells: 'Resident.',
          unit: units.BytesIEC,
          series: [{ ask: `process_resident_memory_bytes{${OURS}}`, legend: '{{job}} {{instance}}' }],
          alerts: ['OtedamaInstanceDown'],
        },
        {
          title: 'Garbage collection',
          tells: 'Seconds a second, of all kinds.',
          unit: units.PercentUnit,
          series: [
            {
              ask: pace('nodejs_gc_duration_seconds_sum', 'job, instance', OURS),
              legend: '{{job}} {{instance}}',
            },
          ],
          alerts: ['OtedamaEventLoopBusy'],
        },
        {
          title: 'File descriptors',
          tells: 'Open, of those that may be.',
          unit: units.PercentUnit,
          limits: { orange: 0.7, red: 0.85 },
          series: [
            { ask: `process_open_fds{${OURS}} / process_max_fds{${OURS}}`, legend: '{{job}} {{instance}}' },
          ],
          alerts: ['OtedamaFilesRunOut'],
        },
        {
          title: 'Free disk',
          tells: 'Where the process keeps its data.',
          unit: units.BytesIEC,
          limits: { orange: 10 * 1024 ** 3, red: 2 * 1024 ** 3, isFalling: true },
          series: [
            { ask: greatest('otedama_host_disk_free_bytes', 'instance', INSTANCES), legend: '{{instance}}' },
          ],
          alerts: ['OtedamaDiskFull', 'OtedamaDiskFilling'],
        },
        {
          title: 'Clock jumps',
          tells: 'Of a second or more, within an hour.',
          unit: units.Short,
          limits: { red: 1 },
          series: [
            { ask: hourly('otedama_host_clock_jumps_total', 'instance', INSTANCES), legend: '{{instance}}' },
          ],
          alerts: ['OtedamaClockJumped'],
        },
        {
          title: 'Builds',
          tells: 'Processes by version of Otedama and of Node.',
          as: 'stacked',
          unit: units.Short,
          decimals: 0,
          series: [
            {
              ask: `count by (version, node) (otedama_host_build_info{${INSTANCES}})`,
              legend: '{{version}}, Node {{node}}',
            },
          ],
          alerts: ['OtedamaVersionsMixed'],
        },
      ],
    },
    {
      title: 'NATS, as the processes see it',
      panels: [
        {
          title: 'Connected to NATS',
          tells: 'Whether each process is.',
          as: 'states',
          unit: units.Short,
          words: YES_OR_NO,
          series: [{ ask: `otedama_bus_connected{${INSTANCES}}`, legend: '{{job}} {{instance}}' }],
          alerts: ['OtedamaBusDown'],
        },
        {
          title: 'Lost connections',
          tells: 'To NATS, within an hour.',
          unit: units.Short,
          series: [
            {
              ask: hourly('otedama_bus_connection_losses_total', 'job, instance', INSTANCES),
              legend: '{{job}} {{instance}}',
            },
          ],
          alerts: ['OtedamaBusFlaps'],
        },
        {
          title: 'Entries waiting for a log',
          tells: 'Given to a durable log that has not acknowledged them. At 4096 more are refused.',
          unit: units.Short,
          limits: { orange: 1024, red: 2048 },
          series: [
            {
              ask: total('otedama_bus_log_waiting_entries', 'job, instance, stream', INSTANCES),
              legend: '{{job}} {{stream}}',
            },
          ],
          alerts: ['OtedamaLogBackedUp'],
        },
        {
          title: 'Requests by subject',
          tells: 'A second, by outcome: done, failed.',
          unit: units.RequestsPerSecond,
          series: [
            {
              ask: pace('otedama_bus_request_seconds_count', 'subject, outcome', INSTANCES),
              legend: '{{subject}} {{outcome}}',
            },
          ],
          alerts: ['OtedamaRequestsFail'],
        },
        {
          title: 'Time of requests',
          tells: 'To answer a command or a query of another service, at 95 of 100.',
          unit: units.Seconds,
          series: [
            {
              ask: quantile(0.95, 'otedama_bus_request_seconds', 'subject', INSTANCES),
              legend: '{{subject}}',
            },
          ],
          alerts: ['OtedamaRequestsFail'],
        },
        {
          title: 'Messages',
          tells: 'A second over the connections of the processes.',
          unit: units.RequestsPerSecond,
          series: [
            {
              ask: pace('otedama_bus_messages_total', 'job, direction', INSTANCES),
              legend: '{{job}} {{direction}}',
            },
          ],
        },
        {
          title: 'Bytes',
          tells: 'A second over the connections of the processes.',
          unit: units.BytesPerSecondIEC,
          series: [
            {
              ask: pace('otedama_bus_bytes_total', 'job, direction', INSTANCES),
              legend: '{{job}} {{direction}}',
            },
          ],
        },
      ],
    },
    {
      title: 'NATS and JetStream',
      panels: [
        {
          title: 'Healthy',
          tells: 'What each server says at /healthz: 0 is well.',
          as: 'states',
          unit: units.Short,
          words: { '0': { text: 'well', color: 'green' }, '1': { text: 'not well', color: 'red' } },
          series: [{ ask: 'max by (instance) (nats_healthz_status)', legend: '{{instance}}' }],
          alerts: ['OtedamaNatsUnhealthy'],
        },
        {
          title: 'JetStream storage',
          tells: 'Used, of what it may use. Full means that nothing more is acknowledged.',
          unit: units.PercentUnit,
          limits: { orange: 0.6, red: 0.8 },
          series: [
            {
              ask: 'max by (instance) (nats_varz_jetstream_stats_storage / (nats_varz_jetstream_config_max_storage > 0))',
              legend: '{{instance}}',
            },
          ],
          alerts: ['OtedamaJetStreamFull'],
        },
        {
          title: 'Streams',
          tells: 'Bytes of each. Shares are trimmed a week after they are booked.',
          unit: units.BytesIEC,
          series: [{ ask: 'max by (stream_name) (nats_stream_total_bytes)', legend: '{{stream_name}}' }],
          alerts: ['OtedamaJetStreamFull', 'OtedamaDiskFilling'],
        },
        {
          title: 'Entries of streams',
          tells: 'Appended a second.',
          unit: units.RequestsPerSecond,
          series: [
            {
              ask: 'max by (stream_name) (rate(nats_stream_last_seq[$__rate_interval]))',
              legend: '{{stream_name}}',
            },
          ],
        },
        {
          title: 'Not delivered to readers',
          tells: 'Entries that the readers of a stream have not been given yet.',
          unit: units.Short,
          series: [{ ask: 'max by (stream_name) (nats_consumer_num_pending)', legend: '{{stream_name}}' }],
          alerts: ['OtedamaBooksBehind'],
        },
        {
          title: 'NATS connections',
          tells: 'Of each server.',
          unit: units.Short,
          series: [{ ask: 'max by (instance) (nats_varz_connections)', legend: '{{instance}}' }],
          alerts: ['OtedamaBusDown'],
        },
        {
          title: 'Slow consumers',
          tells: 'Connections cut off because they did not take their messages, since the server started.',
          unit: units.Short,
          series: [{ ask: 'max by (instance) (nats_varz_slow_consumers)', legend: '{{instance}}' }],
          alerts: ['OtedamaNatsSlowConsumers'],
        },
        {
          title: 'Messages of the servers',
          tells: 'In and out, a second.',
          unit: units.RequestsPerSecond,
          series: [
            {
              ask: 'sum by (instance) (rate(nats_varz_in_msgs[$__rate_interval]))',
              legend: '{{instance}} in',
            },
            {
              ask: 'sum by (instance) (rate(nats_varz_out_msgs[$__rate_interval]))',
              legend: '{{instance}} out',
            },
          ],
        },
        {
          title: 'Memory of NATS',
          tells: 'Resident, of each server.',
          unit: units.BytesIEC,
          series: [{ ask: 'max by (instance) (nats_varz_mem)', legend: '{{instance}}' }],
        },
      ],
    },
    {
      title: 'PostgreSQL',
      panels: [
        {
          title: 'PostgreSQL up',
          tells: 'Whether it answers its exporter.',
          as: 'states',
          unit: units.Short,
          words: UP_OR_DOWN,
          series: [{ ask: 'max by (instance) (pg_up)', legend: '{{instance}}' }],
          alerts: ['OtedamaPostgresDown'],
        },
        {
          title: 'Connections by state',
          tells: 'Beside those that there may be.',
          as: 'stacked',
          unit: units.Short,
          series: [{ ask: 'sum by (state) (pg_stat_activity_count > 0)', legend: '{{state}}' }],
          alerts: ['OtedamaPostgresConnections'],
        },
        {
          title: 'Transactions',
          tells: 'A second: committed, rolled back.',
          unit: units.RequestsPerSecond,
          series: [
            {
              ask: `sum by (datname) (rate(pg_stat_database_xact_commit{${BOOKS}}[$__rate_interval]))`,
              legend: '{{datname}} committed',
            },
            {
              ask: `sum by (datname) (rate(pg_stat_database_xact_rollback{${BOOKS}}[$__rate_interval]))`,
              legend: '{{datname}} rolled back',
            },
          ],
        },
        {
          title: 'Oldest transaction',
          tells: 'By state. One that is open for long keeps dead rows and may hold locks.',
          unit: units.Seconds,
          limits: { orange: 300, red: 900 },
          series: [
            {
              ask: 'max by (datname, state) (pg_stat_activity_max_tx_duration{state=~"active|idle in transaction.*",datname!~"template.*"})',
              legend: '{{datname}} {{state}}',
            },
          ],
          alerts: ['OtedamaPostgresLongTransaction'],
        },
        {
          title: 'Size of the databases',
          tells: 'On disk.',
          unit: units.BytesIEC,
          series: [{ ask: `max by (datname) (pg_database_size_bytes{${BOOKS}})`, legend: '{{datname}}' }],
          alerts: ['OtedamaDiskFilling'],
        },
        {
          title: 'Blocks from memory',
          tells: 'Of all that were read. Below 99 % of a busy database it needs more memory.',
          unit: units.PercentUnit,
          series: [
            {
              ask: `sum by (datname) (rate(pg_stat_database_blks_hit{${BOOKS}}[$__rate_interval])) / (sum by (datname) (rate(pg_stat_database_blks_hit{${BOOKS}}[$__rate_interval])) + sum by (datname) (rate(pg_stat_database_blks_read{${BOOKS}}[$__rate_interval])) > 0)`,
              legend: '{{datname}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Redis',
      panels: [
        {
          title: 'Redis up',
          tells: 'Whether it answers its exporter.',
          as: 'states',
          unit: units.Short,
          words: UP_OR_DOWN,
          series: [{ ask: 'max by (instance) (redis_up)', legend: '{{instance}}' }],
          alerts: ['OtedamaRedisDown'],
        },
        {
          title: 'Memory of Redis',
          tells: 'Used.',
          unit: units.BytesIEC,
          series: [{ ask: 'max by (instance) (redis_memory_used_bytes)', legend: '{{instance}}' }],
        },
        {
          title: 'Commands',
          tells: 'A second.',
          unit: units.RequestsPerSecond,
          series: [
            {
              ask: 'sum by (instance) (rate(redis_commands_processed_total[$__rate_interval]))',
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Keys',
          tells: 'Resume tickets, bans and budgets.',
          unit: units.Short,
          series: [{ ask: 'sum by (instance) (redis_db_keys)', legend: '{{instance}}' }],
        },
        {
          title: 'Clients of Redis',
          tells: 'Connected.',
          unit: units.Short,
          series: [{ ask: 'max by (instance) (redis_connected_clients)', legend: '{{instance}}' }],
          alerts: ['OtedamaResumeDegraded'],
        },
      ],
    },
  ],
};
