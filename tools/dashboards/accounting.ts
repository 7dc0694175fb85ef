/** The books, what they owe, how it is paid, and the audit log. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { POOLS, greatest, hourly, pace, quantile } from './ask.ts';
import type { Dashboard } from './dashboard.ts';
import { YES_OR_NO } from './panels.ts';

const COINS = 'coin=~"$coin"';
const WALLETS = `${POOLS},${COINS}`;

export const ACCOUNTING: Dashboard = {
  uid: 'otedama-accounting',
  title: 'Otedama / Accounting',
  description: 'Whether the books are kept, are proved and agree, what is owed, and payouts on their way.',
  choices: [
    { name: 'pool', label: 'Pool', of: 'otedama_validator_leading' },
    { name: 'coin', label: 'Coin', of: 'otedama_accounting_assets_coins' },
  ],
  rows: [
    {
      title: 'Books',
      panels: [
        {
          title: 'Balanced',
          tells: 'Whether the last proof found assets and liabilities equal.',
          as: 'stat',
          unit: units.Short,
          words: YES_OR_NO,
          series: [{ ask: 'min(otedama_accounting_books_balanced)', legend: 'balanced' }],
          alerts: ['OtedamaBooksUnbalanced'],
        },
        {
          title: 'Problems found',
          tells: 'By the last proof; the log of pool-accounting names each.',
          as: 'stat',
          unit: units.Short,
          limits: { red: 1 },
          series: [{ ask: 'max(otedama_accounting_proof_problems)', legend: 'problems' }],
          alerts: ['OtedamaBooksUnbalanced'],
        },
        {
          title: 'Last proof',
          tells: 'How long ago. The books are proved once a day.',
          as: 'stat',
          unit: units.Seconds,
          limits: { orange: 26 * 3600, red: 30 * 3600 },
          series: [{ ask: 'time() - max(otedama_accounting_proved_timestamp_seconds > 0)', legend: 'ago' }],
          alerts: ['OtedamaBooksNotProved'],
        },
        {
          title: 'Audit entries waiting',
          tells: 'Changes by hand that are in the log AUDIT and not in the chain yet.',
          as: 'stat',
          unit: units.Short,
          limits: { orange: 1, red: 10 },
          series: [{ ask: 'max(otedama_audit_lag_entries)', legend: 'entries' }],
          alerts: ['OtedamaAuditStuck'],
        },
        {
          title: 'Wallets able to pay',
          tells: 'As the last round found them.',
          as: 'stat',
          unit: units.Short,
          words: YES_OR_NO,
          series: [
            { ask: greatest('otedama_payout_wallet_up', 'pool, coin', WALLETS), legend: '{{pool}} {{coin}}' },
          ],
          alerts: ['OtedamaWalletDown'],
        },
        {
          title: 'Needs a person',
          tells: 'Things about payouts that somebody should decide; /health names them.',
          as: 'stat',
          unit: units.Short,
          limits: { orange: 1, red: 10 },
          series: [
            { ask: greatest('otedama_payout_attention', 'pool, coin', WALLETS), legend: '{{pool}} {{coin}}' },
          ],
          alerts: ['OtedamaPayoutAttention'],
        },
        {
          title: 'State',
          tells: 'Of each accounting process: one is active, others stand by.',
          as: 'states',
          unit: units.Short,
          words: { '0': { text: '-', color: 'transparent' }, '1': { text: 'is', color: 'green' } },
          series: [
            { ask: 'max by (instance, state) (otedama_accounting_state)', legend: '{{instance}} {{state}}' },
          ],
          alerts: ['OtedamaNoBookkeeper', 'OtedamaBooksHeldUp'],
        },
        {
          title: 'Entries not booked',
          tells: 'Of the logs of shares (batches) and blocks.',
          unit: units.Short,
          limits: { orange: 1000, red: 5000 },
          series: [{ ask: 'max by (stream) (otedama_accounting_log_lag_entries)', legend: '{{stream}}' }],
          alerts: ['OtedamaBooksBehind', 'OtedamaBlockNotBooked'],
        },
        {
          title: 'Booked',
          tells: 'A second: batches, shares, and shares that stood in the log twice and were booked once.',
          unit: units.RequestsPerSecond,
          series: [
            { ask: pace('otedama_accounting_batches_total', 'instance', ''), legend: 'batches' },
            { ask: pace('otedama_accounting_shares_total', 'instance', ''), legend: 'shares' },
            { ask: pace('otedama_accounting_duplicate_shares_total', 'instance', ''), legend: 'again' },
          ],
        },
        {
          title: 'Duties of a round',
          tells: 'How long each takes, at 95 of 100.',
          unit: units.Seconds,
          series: [
            { ask: quantile(0.95, 'otedama_accounting_stage_seconds', 'stage', ''), legend: '{{stage}}' },
          ],
          alerts: ['OtedamaBooksBehind'],
        },
        {
          title: 'Failed rounds',
          tells:
            'Within an hour: of the books, of payouts, of the audit log, of prices. Each is tried again.',
          unit: units.Short,
          limits: { orange: 5, red: 20 },
          series: [
            { ask: hourly('otedama_accounting_failures_total', 'instance', ''), legend: 'books' },
            {
              ask: hourly('otedama_payout_failures_total', 'pool, coin', WALLETS),
              legend: 'payouts {{pool}} {{coin}}',
            },
            { ask: hourly('otedama_audit_failures_total', 'instance', ''), legend: 'audit' },
            { ask: hourly('otedama_accounting_price_failures_total', 'instance', ''), legend: 'prices' },
          ],
          alerts: ['OtedamaBooksFail', 'OtedamaAuditFails', 'OtedamaPricesMissing'],
        },
        {
          title: 'PostgreSQL connections',
          tells: 'Of accounting: idle, busy, and statements that wait for one.',
          as: 'stacked',
          unit: units.Short,
          series: [{ ask: 'sum by (state) (otedama_ledger_postgres_connections)', legend: '{{state}}' }],
          alerts: ['OtedamaDatabaseWaits'],
        },
      ],
    },
    {
      title: 'Coins',
      panels: [
        {
          title: 'Assets and liabilities',
          tells: 'Of a coin as of the last proof: they are equal.',
          unit: units.Short,
          series: [
            { ask: greatest('otedama_accounting_assets_coins', 'coin', COINS), legend: '{{coin}} assets' },
            {
              ask: greatest('otedama_accounting_liabilities_coins', 'coin', COINS),
              legend: '{{coin}} liabilities',
            },
          ],
          alerts: ['OtedamaBooksUnbalanced'],
        },
        {
          title: 'Blocks by state',
          tells: 'That came to a state within an hour: immature, matured, orphaned, rejected.',
          as: 'stacked',
          unit: units.Short,
          series: [
            {
              ask: hourly('otedama_accounting_blocks_total', 'pool, state', POOLS),
              legend: '{{pool}} {{state}}',
            },
          ],
          alerts: ['OtedamaBlocksOrphaned', 'OtedamaBlockNotBooked'],
        },
        {
          title: 'Bankroll',
          tells:
            'Of pools that pay by the share, beside the reserve that keeps the risk of ruin small. Nothing for other pools.',
          unit: units.Short,
          series: [
            { ask: greatest('otedama_accounting_bankroll_coins', 'pool', POOLS), legend: '{{pool}}' },
            {
              ask: greatest('otedama_accounting_bankroll_reserve_coins', 'pool', POOLS),
              legend: '{{pool}} reserve',
            },
          ],
          alerts: ['OtedamaBankrollLow'],
        },
        {
          title: 'Pays by the share',
          tells: 'Whether it does, or blocks pay the shares because the bankroll is spent.',
          as: 'states',
          unit: units.Short,
          words: YES_OR_NO,
          series: [{ ask: greatest('otedama_accounting_bankroll_pays', 'pool', POOLS), legend: '{{pool}}' }],
          alerts: ['OtedamaPayByShareStopped'],
        },
      ],
    },
    {
      title: 'Payouts',
      panels: [
        {
          title: 'Owed',
          tells:
            'What may be paid, beside what the wallet can spend. Amounts below the minimum of a miner are in it.',
          unit: units.Short,
          series: [
            {
              ask: greatest('otedama_payout_owed_coins', 'pool, coin', WALLETS),
              legend: '{{pool}} {{coin}} owed',
            },
            {
              ask: greatest('otedama_payout_wallet_spendable_coins', 'pool, coin', WALLETS),
              legend: '{{pool}} {{coin}} spendable',
            },
          ],
          alerts: ['OtedamaWalletShort'],
        },
        {
          title: 'Miners owed',
          tells: 'Accounts that something is owed to.',
          unit: units.Short,
          series: [
            {
              ask: greatest('otedama_payout_owed_miners', 'pool, coin', WALLETS),
              legend: '{{pool}} {{coin}}',
            },
          ],
        },
        {
          title: 'Open batches by state',
          tells: 'Payouts that may still change.',
          as: 'stacked',
          unit: units.Short,
          decimals: 0,
          series: [
            {
              ask: greatest('otedama_payout_batches_open', 'pool, coin, state', WALLETS),
              legend: '{{pool}} {{coin}} {{state}}',
            },
          ],
          alerts: ['OtedamaPayoutStuck'],
        },
        {
          title: 'Oldest open batch',
          tells: 'How long it is not in the chain.',
          unit: units.Seconds,
          limits: { orange: 2 * 3600, red: 6 * 3600 },
          series: [
            {
              ask: greatest('otedama_payout_oldest_open_seconds', 'pool, coin', WALLETS),
              legend: '{{pool}} {{coin}}',
            },
          ],
          alerts: ['OtedamaPayoutStuck'],
        },
        {
          title: 'Last planned',
          tells: 'How long ago it was gone through whom to pay.',
          unit: units.Seconds,
          limits: { orange: 24 * 3600, red: 36 * 3600 },
          series: [
            {
              ask: `time() - ${greatest('otedama_payout_planned_timestamp_seconds', 'pool, coin', WALLETS)}`,
              legend: '{{pool}} {{coin}}',
            },
          ],
          alerts: ['OtedamaPayoutsNotPlanned'],
        },
        {
          title: 'Rounds of payouts',
          tells: 'How long they take, at 95 of 100.',
          unit: units.Seconds,
          series: [
            {
              ask: quantile(0.95, 'otedama_payout_round_seconds', 'pool, coin', WALLETS),
              legend: '{{pool}} {{coin}}',
            },
          ],
        },
        {
          title: 'Audit',
          tells:
            'Entries moved into the chain within an hour, and the number of the last one, which never falls.',
          unit: units.Short,
          decimals: 0,
          series: [
            { ask: hourly('otedama_audit_taken_total', 'instance', ''), legend: 'moved' },
            { ask: 'max(otedama_audit_head_sequence)', legend: 'last entry' },
          ],
          alerts: ['OtedamaAuditHeadFell', 'OtedamaAuditFails'],
        },
      ],
    },
  ],
};
