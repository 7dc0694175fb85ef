/** The pools as configured, kept by the database: a block is credited even when its pool is configured no more. */
import type { RewardTerms } from '@otedama/rewards';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';
import { LedgerError } from './errors.ts';

export interface RegisteredPool {
  readonly id: string;
  readonly coin: string;
  readonly terms: RewardTerms;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isTerms = (value: unknown): value is RewardTerms =>
  isRecord(value) &&
  (value['scheme'] === 'pplns' || value['scheme'] === 'solo') &&
  typeof value['feeBasisPoints'] === 'number' &&
  isRecord(value['window']) &&
  (value['window']['kind'] === 'work'
    ? typeof value['window']['networkBlocks'] === 'number'
    : value['window']['kind'] === 'time' && typeof value['window']['durationMs'] === 'number');

/** Terms as the database holds them; undefined where they are not known. */
export const readTerms = (value: unknown): RewardTerms | undefined => (isTerms(value) ? value : undefined);

export const parseTerms = (pool: string, value: unknown): RewardTerms => {
  if (isTerms(value)) return value;
  throw new LedgerError('LEDGER_POOL_UNKNOWN', `the terms of pool ${pool} are not known: configure it`);
};

export const registerPools = async (db: Kysely<Schema>, pools: readonly RegisteredPool[]): Promise<void> => {
  for (const { id, coin, terms } of pools) {
    await sql`
      INSERT INTO pool (name, coin, terms) VALUES (${id}, ${coin}, ${JSON.stringify(terms)}::jsonb)
      ON CONFLICT (name) DO UPDATE SET coin = EXCLUDED.coin, terms = EXCLUDED.terms`.execute(db);
  }
};
