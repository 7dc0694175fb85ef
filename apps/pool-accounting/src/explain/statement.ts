/** A statement: what the ledger has of an address, each amount with what it was worth, or why that cannot be told. */
import type { PricesConfig } from '@otedama/config';
import type { Statement, StatementRequest, Valuation } from '@otedama/contracts';
import type { Ledger, PriceQuote, StatementBalance, StatementLine } from '@otedama/ledger';
import { valueOf } from '../prices/value.ts';
import { coinOf, type Pools, unitOf } from '../units.ts';

export interface StatementDeps {
  readonly ledger: Pick<Ledger, 'statementBalances' | 'statementLines' | 'pricesAt'>;
  readonly clock: () => number;
  readonly pools: Pools;
  readonly prices: PricesConfig | undefined;
}

/** An amount and the moment that its price is of. */
interface Wanted {
  readonly poolId: string;
  readonly coin: string;
  readonly amountAtomic: bigint;
  readonly atMs: number;
}

const without = (reason: Extract<Valuation, { ok: false }>['reason'], detail: string): Valuation => ({
  ok: false,
  reason,
  detail,
});

const valuationOf = (
  { poolId, coin, amountAtomic, atMs }: Wanted,
  quote: PriceQuote | undefined,
  pools: Pools,
  { currency, maxAgeMs }: PricesConfig,
): Valuation => {
  const unit = coinOf(pools, poolId, coin);
  if (unit === undefined) return without('no_unit', `${coin} is configured no more: its unit is not known`);
  if (quote === undefined) return without('no_price', `no price of ${coin} in ${currency} is known for then`);
  const { price, source, atMs: priceAtMs } = quote;
  if (atMs - priceAtMs > maxAgeMs) {
    const time = new Date(priceAtMs).toISOString();
    return without(
      'stale_price',
      `the last price of ${coin} in ${currency} before is of ${time} (${source})`,
    );
  }
  return { ok: true, currency, value: valueOf(amountAtomic, unit.decimals, price), price, priceAtMs, source };
};

const valuations = async (
  { ledger, pools, prices }: StatementDeps,
  wanted: readonly Wanted[],
): Promise<readonly Valuation[]> => {
  if (prices === undefined) {
    return wanted.map(() => without('no_currency', 'no reference currency is configured'));
  }
  const quotes = await ledger.pricesAt(prices.currency, wanted);
  return wanted.map((each, i) => valuationOf(each, quotes[i], pools, prices));
};

const owed = ({ immatureAtomic, maturedAtomic, payingAtomic }: StatementBalance): bigint =>
  immatureAtomic + maturedAtomic + payingAtomic;

const change = ({ amounts }: StatementLine): bigint =>
  amounts.reduce((sum, { amountAtomic }) => sum + amountAtomic, 0n);

const blockOf = (block: StatementLine['block']) =>
  block === undefined
    ? {}
    : {
        block: {
          height: block.height,
          hash: block.hash,
          ...(block.windowFrom === undefined ? {} : { windowFrom: block.windowFrom.toString() }),
          ...(block.windowTo === undefined ? {} : { windowTo: block.windowTo.toString() }),
        },
      };

const entryOf = (pools: Pools, line: StatementLine, valuation: Valuation | undefined) => ({
  entry: line.entryId.toString(),
  kind: line.kind,
  atMs: line.atMs,
  poolId: line.poolId,
  ...unitOf(pools, line.poolId, line.coin),
  amounts: line.amounts.map(({ account, amountAtomic }) => ({
    account,
    amountAtomic: amountAtomic.toString(),
  })),
  ...blockOf(line.block),
  ...(line.payoutBatch === undefined
    ? {}
    : { payout: { batch: line.payoutBatch.toString(), txids: [...line.txids] } }),
  ...(line.shares === undefined
    ? {}
    : { shares: { from: line.shares.from.toString(), to: line.shares.to.toString() } }),
  ...(valuation === undefined || change(line) === 0n ? {} : { valuation }),
});

export const readStatement = async (
  deps: StatementDeps,
  { address, limit, offset }: StatementRequest,
): Promise<Statement> => {
  const { ledger, clock, pools } = deps;
  const atMs = clock();
  const balances = await ledger.statementBalances(address);
  const found = await ledger.statementLines(address, { limit: limit + 1, offset });
  const lines = found.slice(0, limit);
  const worth = await valuations(deps, [
    ...balances.map(({ poolId, coin, ...rest }) => ({
      poolId,
      coin,
      amountAtomic: owed({ poolId, coin, ...rest }),
      atMs,
    })),
    ...lines.map((line) => ({
      poolId: line.poolId,
      coin: line.coin,
      amountAtomic: change(line),
      atMs: line.atMs,
    })),
  ]);
  const none = without('no_price', 'no price is known');
  return {
    address,
    atMs,
    balances: balances.map((balance, i) => ({
      poolId: balance.poolId,
      ...unitOf(pools, balance.poolId, balance.coin),
      immatureAtomic: balance.immatureAtomic.toString(),
      maturedAtomic: balance.maturedAtomic.toString(),
      payingAtomic: balance.payingAtomic.toString(),
      paidAtomic: balance.paidAtomic.toString(),
      valuation: worth[i] ?? none,
    })),
    entries: lines.map((line, i) => entryOf(pools, line, worth[balances.length + i])),
    limit,
    offset,
    more: found.length > limit,
  };
};
