/** Our own devices: what they compute, and what it earns. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { INSTANCES, hourly, pace, quantile } from './ask.ts';
import type { Dashboard } from './dashboard.ts';

const DEVICES = `${INSTANCES},device=~"$device"`;

export const MINING_DEVICES: Dashboard = {
  uid: 'otedama-devices',
  title: 'Otedama / Devices',
  description: 'Agents and their devices: hash rate, what became of their shares, and their pools.',
  choices: [
    { name: 'instance', label: 'Agent', of: 'otedama_agent_state' },
    { name: 'device', label: 'Device', of: 'otedama_agent_hashes_per_second' },
  ],
  rows: [
    {
      title: 'Devices',
      panels: [
        {
          title: 'Hash rate of all',
          tells: 'Of the chosen agents and devices, over the last half minute.',
          as: 'stat',
          unit: units.HashesPerSecond,
          series: [{ ask: `sum(otedama_agent_hashes_per_second{${DEVICES}})`, legend: 'all' }],
          alerts: ['OtedamaDeviceSlow'],
        },
        {
          title: 'Agents mining',
          tells: 'Of all that answer.',
          as: 'stat',
          unit: units.Short,
          series: [{ ask: `sum(otedama_agent_state{${INSTANCES},state="mining"})`, legend: 'mining' }],
          alerts: ['OtedamaAgentWithoutPool', 'OtedamaAgentGone'],
        },
        {
          title: 'Shares accepted',
          tells: 'Within the last hour.',
          as: 'stat',
          unit: units.Short,
          decimals: 0,
          series: [
            {
              ask: `sum(increase(otedama_agent_shares_total{${INSTANCES},fate="accepted"}[1h]))`,
              legend: 'accepted',
            },
          ],
        },
        {
          title: 'Shares computed wrong',
          tells: 'Within the last hour: they did not stand the check on their own machine and were not sent.',
          as: 'stat',
          unit: units.Short,
          decimals: 0,
          limits: { red: 1 },
          series: [
            {
              ask: `sum(increase(otedama_agent_shares_total{${INSTANCES},fate="invalid"}[1h])) or vector(0)`,
              legend: 'wrong',
            },
          ],
          alerts: ['OtedamaDeviceWrong'],
        },
        {
          title: 'Hash rate by device',
          tells: 'Over the last half minute, as the device counts.',
          as: 'stacked',
          unit: units.HashesPerSecond,
          series: [
            {
              ask: `otedama_agent_hashes_per_second{${DEVICES}}`,
              legend: '{{instance}} {{device}} {{kind}}',
            },
          ],
          alerts: ['OtedamaDeviceSlow'],
        },
        {
          title: 'Hashes computed',
          tells: 'A second, by the counters: the same without the smoothing.',
          as: 'stacked',
          unit: units.HashesPerSecond,
          series: [
            {
              ask: pace('otedama_agent_hashes_total', 'instance, device, kind', DEVICES),
              legend: '{{instance}} {{device}}',
            },
          ],
        },
        {
          title: 'Searching',
          tells: 'Whether a device searches the present work.',
          as: 'states',
          unit: units.Short,
          words: { '0': { text: 'waits', color: 'orange' }, '1': { text: 'searches', color: 'green' } },
          series: [{ ask: `otedama_agent_device_searching{${DEVICES}}`, legend: '{{instance}} {{device}}' }],
          alerts: ['OtedamaDeviceIdle'],
        },
      ],
    },
    {
      title: 'Shares and pools',
      panels: [
        {
          title: 'Shares by fate',
          tells:
            'Within an hour. `invalid` never left the machine, `repeated` was found before, `dropped` had too many unanswered before it.',
          as: 'stacked',
          unit: units.Short,
          series: [{ ask: hourly('otedama_agent_shares_total', 'fate', INSTANCES), legend: '{{fate}}' }],
          alerts: ['OtedamaAgentSharesLost', 'OtedamaDeviceWrong'],
        },
        {
          title: 'Time to the answer of the pool',
          tells: 'From sending a share.',
          unit: units.Seconds,
          limits: { orange: 0.5, red: 2 },
          series: [
            { ask: quantile(0.99, 'otedama_agent_share_answer_seconds', '', INSTANCES), legend: '99 of 100' },
            { ask: quantile(0.5, 'otedama_agent_share_answer_seconds', '', INSTANCES), legend: 'half' },
          ],
          alerts: ['OtedamaAgentSharesLost'],
        },
        {
          title: 'States of agents',
          tells: 'Off, stopped by a person, connecting, waiting for work, mining.',
          as: 'stacked',
          unit: units.Short,
          decimals: 0,
          series: [{ ask: `sum by (state) (otedama_agent_state{${INSTANCES}})`, legend: '{{state}}' }],
          alerts: ['OtedamaAgentWithoutPool'],
        },
        {
          title: 'Connections to pools',
          tells: 'Within an hour: became ready, failed before, or were lost after.',
          as: 'stacked',
          unit: units.Short,
          series: [
            {
              ask: hourly('otedama_agent_pool_connections_total', 'result', INSTANCES),
              legend: '{{result}}',
            },
          ],
          alerts: ['OtedamaAgentWithoutPool'],
        },
      ],
    },
  ],
};
