/**
 * Keeps the prices of the pools' coins in the books, as the configured source tells them. Statements read them there:
 * none waits for a source, and what a source once said stays.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Coin } from '@otedama/chain-params';
import type { PoolConfig, PricesConfig } from '@otedama/config';
import type { Clock, Logger } from '@otedama/contracts';
import type { Ledger, PriceQuote } from '@otedama/ledger';
import type { AccountingMetrics } from '../metrics.ts';
import { parsePriceAnswer, parsePriceFile, PriceError } from './parse.ts';

export interface PriceKeeperDeps {
  readonly ledger: Pick<Ledger, 'storePrices'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<AccountingMetrics, 'priceFailures'>;
}

export interface PriceKeeper {
  start(): void;
  stop(): Promise<void>;
  /** Asks the source now; rejects when nothing of it could be had. */
  refresh(): Promise<number>;
}

const ANSWER_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1_048_576;

/** Every coin that the pools mine, once. */
const coinsOf = (pools: readonly PoolConfig[]): readonly Coin[] => [
  ...new Map(
    pools
      .flatMap((pool) => [pool.coin, ...pool.mergedChains.map(({ coin }) => coin)])
      .map((coin) => [coin.id, coin]),
  ).values(),
];

const urlFor = (template: string, { id, symbol }: Coin, currency: string): string =>
  Object.entries({ coin: id, symbol, currency }).reduce(
    (url, [name, value]) => url.replaceAll(`{${name}}`, encodeURIComponent(value)),
    template,
  );

type HttpSource = Extract<PricesConfig['source'], { kind: 'http' }>;

const askFor = async (
  source: HttpSource,
  coin: Coin,
  currency: string,
  clock: Clock,
): Promise<PriceQuote> => {
  const url = urlFor(source.url, coin, currency);
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  if (!response.ok) throw new PriceError(`it answered ${response.status}`);
  const text = await response.text();
  if (text.length > MAX_ANSWER_BYTES) throw new PriceError('its answer is too long');
  // A key may stand in the query of the URL; who answered is its host.
  const { price, atMs } = parsePriceAnswer(text, source, clock());
  return { coin: coin.id, currency, price, atMs, source: new URL(url).host };
};

export const createPriceKeeper = (
  { ledger, clock, logger, metrics }: PriceKeeperDeps,
  { source, currency, refreshMs }: PricesConfig,
  pools: readonly PoolConfig[],
): PriceKeeper => {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const quotes = async (): Promise<readonly PriceQuote[]> => {
    if (source.kind === 'file') {
      const all = parsePriceFile(await readFile(source.path, 'utf8'), `file ${source.path}`);
      return all.filter((quote) => quote.currency === currency);
    }
    const asked = await Promise.allSettled(
      coinsOf(pools).map((coin) => askFor(source, coin, currency, clock)),
    );
    const got = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = asked.find((each) => each.status === 'rejected');
    if (failed !== undefined && got.length === 0) throw failed.reason;
    if (failed !== undefined) logger.warn({ error: failed.reason }, 'a coin has no price at its source');
    return got;
  };
  const refresh = async (): Promise<number> => ledger.storePrices(await quotes(), clock());
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await refresh().catch((error: unknown) => {
        metrics.priceFailures.inc();
        logger.warn({ error }, 'no prices from their source; amounts stay in their own units');
      });
      await delay(refreshMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  };
  return {
    refresh,
    start: () => void (running = loop()),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
