/** The pools as configured, kept by the database: a block is credited even when its pool is configured no more. */
import type { BankrollTerms, RewardTerms, SchemeName, Split } from '@otedama/rewards';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { LedgerError } from './errors.ts';

export interface RegisteredPool {
  readonly id: string;
  readonly coin: string;
  readonly terms: RewardTerms;
}

type Fields = Readonly<Record<string, unknown>>;

const SCHEMES: ReadonlySet<unknown> = new Set<SchemeName>(['pplns', 'prop', 'solo', 'pps', 'fpps']);

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

const isScheme = (value: unknown): value is SchemeName => SCHEMES.has(value);

const isWindow = (value: unknown): value is RewardTerms['window'] =>
  isRecord(value) &&
  (value['kind'] === 'work'
    ? typeof value['networkBlocks'] === 'number'
    : value['kind'] === 'time' && typeof value['durationMs'] === 'number');

const isSplit = (value: unknown): value is Split =>
  isRecord(value) && typeof value['address'] === 'string' && typeof value['basisPoints'] === 'number';

const readBankroll = (value: unknown): BankrollTerms | undefined => {
  if (!isRecord(value)) return undefined;
  const { ruinProbability, floorAtomic } = value;
  if (typeof ruinProbability !== 'number' || typeof floorAtomic !== 'string') return undefined;
  return { ruinProbability, floorAtomic: BigInt(floorAtomic) };
};

/** Terms as the database holds them; undefined where they are not known. */
export const readTerms = (value: unknown): RewardTerms | undefined => {
  if (!isRecord(value)) return undefined;
  const { scheme, window, feeBasisPoints, splits = [] } = value;
  const isWhole = isScheme(scheme) && isWindow(window) && typeof feeBasisPoints === 'number';
  if (!isWhole || !Array.isArray(splits) || !splits.every(isSplit)) return undefined;
  const bankroll = readBankroll(value['bankroll']);
  return { scheme, window, feeBasisPoints, splits, ...(bankroll === undefined ? {} : { bankroll }) };
};

/** As `readTerms` takes them. Amounts are text there: JSON has no whole numbers of their size. */
export const writeTerms = ({ bankroll, ...terms }: RewardTerms): string =>
  JSON.stringify({
    ...terms,
    ...(bankroll && { bankroll: { ...bankroll, floorAtomic: bankroll.floorAtomic.toString() } }),
  });

export const parseTerms = (pool: string, value: unknown): RewardTerms => {
  const terms = readTerms(value);
  if (terms !== undefined) return terms;
  throw new LedgerError('LEDGER_POOL_UNKNOWN', `the terms of pool ${pool} are not known: configure it`);
};

export const registerPools = async (db: Kysely<Schema>, pools: readonly RegisteredPool[]): Promise<void> => {
  for (const { id, coin, terms } of pools) {
    await sql`
      INSERT INTO pool (name, coin, terms) VALUES (${id}, ${coin}, ${writeTerms(terms)}::jsonb)
      ON CONFLICT (name) DO UPDATE SET coin = EXCLUDED.coin, terms = EXCLUDED.terms`.execute(db);
  }
};
