/** `otedama ledger export`: every posting of the journal to standard output, as CSV or as a JSON object a line. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ExportedPosting, Ledger } from '@otedama/ledger';
import { formatAmount } from '../format.ts';
import { usage } from '../failure.ts';

export type ExportFormat = 'csv' | 'json';

/** Decimals and symbol of a coin's unit; undefined where nothing is configured that tells. */
export type UnitOf = (poolId: string, coin: string) => { decimals: number; symbol: string } | undefined;

const COLUMNS = [
  'entry',
  'time',
  'pool',
  'kind',
  'reverses',
  'block_height',
  'block_hash',
  'payout_batch',
  'account',
  'address',
  'coin',
  'amount_atomic',
  'amount',
  'symbol',
] as const;
type Record = Readonly<{ [Column in (typeof COLUMNS)[number]]: string }>;

const toRecord = (posting: ExportedPosting, unitOf: UnitOf): Record => {
  const unit = unitOf(posting.poolId, posting.coin);
  return {
    entry: posting.entryId.toString(),
    time: new Date(posting.atMs).toISOString(),
    pool: posting.poolId,
    kind: posting.kind,
    reverses: posting.reverses?.toString() ?? '',
    block_height: posting.block?.height.toString() ?? '',
    block_hash: posting.block?.hash ?? '',
    payout_batch: posting.payoutBatch?.toString() ?? '',
    account: posting.account,
    address: posting.address,
    coin: posting.coin,
    amount_atomic: posting.amountAtomic.toString(),
    amount: unit === undefined ? '' : formatAmount(posting.amountAtomic.toString(), unit.decimals),
    symbol: unit?.symbol ?? '',
  };
};

/** RFC 4180; a leading `=`, `+` or `@` would be run by a spreadsheet, and addresses are what strangers send. */
const csvField = (text: string): string => {
  const safe = /^[=+@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const csvLine = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\r\n`;

const line = (format: ExportFormat, record: Record): string =>
  format === 'json' ? `${JSON.stringify(record)}\n` : csvLine(COLUMNS.map((column) => record[column]));

/** A date is its beginning in UTC. */
export const parseTime = (text: string | undefined, option: string): number | undefined => {
  if (text === undefined) return undefined;
  const atMs = /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw usage(`--${option} must be a time such as 2026-01-31 or 2026-01-31T12:00Z`);
  return atMs;
};

export interface ExportRequest {
  readonly format: ExportFormat;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

/** Waits for whoever reads; returns how many postings there were. */
export const exportJournal = async (
  ledger: Pick<Ledger, 'journal'>,
  { format, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }: ExportRequest,
  unitOf: UnitOf,
  out: Writable,
): Promise<number> => {
  if (format === 'csv') out.write(csvLine(COLUMNS));
  let written = 0;
  for await (const page of ledger.journal({ fromMs, toMs })) {
    const text = page.map((posting) => line(format, toRecord(posting, unitOf))).join('');
    if (!out.write(text)) await once(out, 'drain');
    written += page.length;
  }
  return written;
};
