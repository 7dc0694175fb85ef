/** Answers to people and programs. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { INSTANCES, hourly, pace, quantile, total } from './ask.ts';
import type { Dashboard } from './dashboard.ts';

export const API: Dashboard = {
  uid: 'otedama-api',
  title: 'Otedama / API',
  description: 'Requests, live connections, logins, and how fast the other services answer the API.',
  choices: [{ name: 'instance', label: 'API gateway', of: 'otedama_api_live_clients' }],
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests by status',
          tells: 'A second.',
          as: 'stacked',
          unit: units.RequestsPerSecond,
          series: [
            { ask: pace('otedama_api_request_seconds_count', 'status', INSTANCES), legend: '{{status}}' },
          ],
          alerts: ['OtedamaApiErrors'],
        },
        {
          title: 'Time to answer',
          tells: 'Of all routes.',
          unit: units.Seconds,
          limits: { orange: 0.5, red: 1 },
          series: [
            { ask: quantile(0.95, 'otedama_api_request_seconds', '', INSTANCES), legend: '95 of 100' },
            { ask: quantile(0.5, 'otedama_api_request_seconds', '', INSTANCES), legend: 'half' },
          ],
          alerts: ['OtedamaApiSlow'],
        },
        {
          title: 'Slowest routes',
          tells: 'The ten slowest at 95 of 100.',
          unit: units.Seconds,
          series: [
            {
              ask: `topk(10, ${quantile(0.95, 'otedama_api_request_seconds', 'method, route', INSTANCES)})`,
              legend: '{{method}} {{route}}',
            },
          ],
          alerts: ['OtedamaApiSlow'],
        },
        {
          title: 'Answers of the other services',
          tells: 'How often a second, by outcome: done, timeout, unavailable, failed.',
          as: 'stacked',
          unit: units.RequestsPerSecond,
          series: [
            { ask: pace('otedama_api_query_seconds_count', 'outcome', INSTANCES), legend: '{{outcome}}' },
          ],
          alerts: ['OtedamaApiErrors'],
        },
        {
          title: 'Time of the other services',
          tells: 'To answer the API, at 95 of 100, by subject.',
          unit: units.Seconds,
          series: [
            { ask: quantile(0.95, 'otedama_api_query_seconds', 'subject', INSTANCES), legend: '{{subject}}' },
          ],
          alerts: ['OtedamaApiSlow'],
        },
        {
          title: 'Answers being made',
          tells: 'Worked out now or waiting for their turn to be.',
          unit: units.Short,
          series: [
            { ask: total('otedama_api_answers_loading', 'instance', INSTANCES), legend: '{{instance}}' },
          ],
        },
        {
          title: 'Kept answers',
          tells: 'What they take in memory; bounded.',
          unit: units.BytesIEC,
          series: [
            { ask: total('otedama_api_answer_cache_bytes', 'instance', INSTANCES), legend: '{{instance}}' },
          ],
        },
      ],
    },
    {
      title: 'Live connections',
      panels: [
        {
          title: 'Live clients',
          tells: 'Open WebSocket connections.',
          as: 'stacked',
          unit: units.Short,
          series: [{ ask: total('otedama_api_live_clients', 'instance', INSTANCES), legend: '{{instance}}' }],
        },
        {
          title: 'Live frames',
          tells: 'Written a second.',
          unit: units.RequestsPerSecond,
          series: [
            { ask: pace('otedama_api_live_frames_total', 'instance', INSTANCES), legend: '{{instance}}' },
          ],
        },
        {
          title: 'Live bytes not taken',
          tells: 'Given to live connections that have not taken them yet.',
          unit: units.BytesIEC,
          series: [
            { ask: total('otedama_api_live_pending_bytes', 'instance', INSTANCES), legend: '{{instance}}' },
          ],
        },
        {
          title: 'Live connections ended',
          tells: 'Refused or ended by the server within an hour, by reason.',
          as: 'stacked',
          unit: units.Short,
          series: [
            { ask: hourly('otedama_api_live_dropped_total', 'reason', INSTANCES), legend: '{{reason}}' },
          ],
        },
      ],
    },
    {
      title: 'Who comes in',
      panels: [
        {
          title: 'Logins by outcome',
          tells: 'Within an hour: done, refused, limited (too many).',
          as: 'stacked',
          unit: units.Short,
          series: [{ ask: hourly('otedama_api_logins_total', 'outcome', INSTANCES), legend: '{{outcome}}' }],
          alerts: ['OtedamaLoginsRefused'],
        },
        {
          title: 'Requests over the limit',
          tells: 'Refused a second because their address, key or user sent too many.',
          unit: units.RequestsPerSecond,
          series: [
            { ask: pace('otedama_api_rate_limited_total', 'instance', INSTANCES), legend: '{{instance}}' },
          ],
        },
        {
          title: 'Connections shed',
          tells: 'Ended for others within an hour when all places were taken.',
          unit: units.Short,
          series: [
            {
              ask: hourly('otedama_api_connections_shed_total', 'instance', INSTANCES),
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Connections dropped',
          tells: 'Reset unread a second because their address does not slow down as it is told.',
          unit: units.RequestsPerSecond,
          series: [
            {
              ask: pace('otedama_api_connections_dropped_total', 'instance', INSTANCES),
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Addresses shut out',
          tells: 'Those that do not slow down, for ten seconds each.',
          unit: units.Short,
          series: [
            { ask: total('otedama_api_addresses_out', 'instance', INSTANCES), legend: '{{instance}}' },
          ],
        },
        {
          title: 'Connections',
          tells: 'Open ones, live ones among them.',
          unit: units.Short,
          series: [{ ask: total('otedama_api_connections', 'instance', INSTANCES), legend: '{{instance}}' }],
        },
        {
          title: 'Connections that wait',
          tells: 'To be let in, or to be heard: strangers have a share of the time of the process.',
          unit: units.Short,
          series: [
            {
              ask: total('otedama_api_connections_waiting', 'instance', INSTANCES),
              legend: '{{instance}}',
            },
          ],
        },
      ],
    },
  ],
};
