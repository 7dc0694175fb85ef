/** Prices as their sources told them. They are kept for ever and never changed: a statement names the one it used. */
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.ts';

export interface PriceQuote {
  readonly coin: string;
  readonly currency: string;
  readonly atMs: number;
  /** Decimal text, of one whole coin. */
  readonly price: string;
  readonly source: string;
}

/** Returns how many were new. */
export const storeQuotes = async (
  db: Kysely<Schema>,
  quotes: readonly PriceQuote[],
  seenAtMs: number,
): Promise<number> => {
  const { rows } = await sql`
    INSERT INTO price_quote (coin, currency, at_ms, price, source, seen_at_ms)
    SELECT coin, currency, at_ms, price, source, ${seenAtMs}::bigint
      FROM unnest(${quotes.map(({ coin }) => coin)}::text[], ${quotes.map(({ currency }) => currency)}::text[],
                  ${quotes.map(({ atMs }) => atMs)}::bigint[], ${quotes.map(({ price }) => price)}::text[],
                  ${quotes.map(({ source }) => source)}::text[]) AS t (coin, currency, at_ms, price, source)
    ON CONFLICT (coin, currency, at_ms) DO NOTHING RETURNING at_ms`.execute(db);
  return rows.length;
};

export interface PriceMoment {
  readonly coin: string;
  readonly atMs: number;
}

interface Row {
  readonly coin: string | null;
  readonly at_ms: string | null;
  readonly price: string | null;
  readonly source: string | null;
}

/** For each moment the newest quote that is not after it; undefined: there is none. */
export const quotesAt = async (
  db: Kysely<Schema>,
  currency: string,
  moments: readonly PriceMoment[],
): Promise<readonly (PriceQuote | undefined)[]> => {
  const { rows } = await sql<Row>`
    SELECT quote.coin, quote.at_ms, quote.price, quote.source
      FROM unnest(${moments.map(({ coin }) => coin)}::text[], ${moments.map(({ atMs }) => atMs)}::bigint[])
           WITH ORDINALITY AS wanted (coin, at_ms, place)
      LEFT JOIN LATERAL (
        SELECT * FROM price_quote known
         WHERE known.coin = wanted.coin AND known.currency = ${currency} AND known.at_ms <= wanted.at_ms
         ORDER BY known.at_ms DESC LIMIT 1
      ) quote ON true
     ORDER BY wanted.place`.execute(db);
  return rows.map(({ coin, at_ms, price, source }) =>
    coin === null || price === null || source === null
      ? undefined
      : { coin, currency, atMs: Number(at_ms), price, source },
  );
};
