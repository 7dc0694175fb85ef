/** Prices come from one source: a file or a URL. */
import { type ResolveContext, absolutePath } from './context.ts';
import type { PricesConfig } from './model.ts';

const DEFAULT_REFRESH_MS = 5 * 60_000;
const DEFAULT_MAX_AGE_MS = 3_600_000;

const resolveSource = ({ raw, report, ...context }: ResolveContext): PricesConfig['source'] | undefined => {
  const { file, url, price_path: pricePath, time_path: timePath } = raw.prices ?? {};
  if (file !== undefined && url !== undefined) {
    report.problem(['prices', 'url'], 'stands beside "file"; keep one of them');
    return undefined;
  }
  if (file !== undefined) return { kind: 'file', path: absolutePath({ raw, report, ...context }, file) };
  if (url === undefined) {
    report.problem(['prices'], 'needs a "file" or a "url"');
    return undefined;
  }
  if (pricePath === undefined) {
    report.problem(['prices', 'url'], 'needs "price_path" beside it');
    return undefined;
  }
  return { kind: 'http', url, pricePath, timePath };
};

export const resolvePrices = (context: ResolveContext): PricesConfig | undefined => {
  const { prices } = context.raw;
  // What is left has a meaning only with a source.
  if (prices?.currency === undefined && prices?.file === undefined && prices?.url === undefined)
    return undefined;
  const source = resolveSource(context);
  if (prices.currency === undefined) {
    context.report.problem(['prices', 'currency'], 'is required', ['EUR']);
    return undefined;
  }
  if (source === undefined) return undefined;
  return {
    currency: prices.currency,
    source,
    refreshMs: prices.refresh ?? DEFAULT_REFRESH_MS,
    maxAgeMs: prices.max_age ?? DEFAULT_MAX_AGE_MS,
  };
};
