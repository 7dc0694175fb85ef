/**
 * Parameters as Miningcore takes them: names and words in either case, words also by their number, and what is unknown
 * is ignored, since front ends send parameters of their own (against caches, for one).
 */
import { z } from 'zod';

import { ProblemError } from '../http/problem.ts';
import { minerInPath, parseParams, poolInPath, whole } from '../http/query-params.ts';

const MAX_PAGE_SIZE = 1_000;
const MAX_PAGE = 10_000;
const MAX_HOURS = 24 * 31;

const poolId = poolInPath;
const address = minerInPath;

const page = {
  page: whole(0, MAX_PAGE).default(0).describe('From 0.'),
  pageSize: whole(1, MAX_PAGE_SIZE).default(15),
};

/** A word out of a list, in any case, or its number, which counts from 1. */
const word = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.preprocess((value) => {
    const text = String(value).toLowerCase();
    return words[Number(text) - 1] ?? text;
  }, z.enum(words));

const ranges = word(['day', 'month', 'hour']);

export const everyPoolParams = z.object({
  topMinersRange: whole(0, MAX_HOURS).optional().describe('Has no effect.'),
});
export const poolParams = z.object({ poolId, ...everyPoolParams.shape });
export const performanceParams = z.object({
  poolId,
  r: word(['day', 'month']).default('day').describe('How far back.'),
  i: word(['hour', 'day']).default('hour').describe('Length of a step.'),
});
export const minersParams = z.object({ poolId, ...page, ...everyPoolParams.shape });

const states = z.preprocess(
  (value) => (value === undefined || Array.isArray(value) ? value : [value]),
  z
    .array(word(['pending', 'orphaned', 'confirmed']))
    .min(1)
    .max(3)
    .default(['confirmed', 'pending', 'orphaned']),
);
export const everyBlockParams = z.object({ ...page, state: states });
export const blocksParams = z.object({ poolId, ...page, state: states });
export const minerBlocksParams = z.object({ poolId, address, ...page, state: states });
export const paymentsParams = z.object({ poolId, ...page });
export const minerPageParams = z.object({ poolId, address, ...page });
export const minerParams = z.object({ poolId, address });
export const minerStatsParams = z.object({ poolId, address, perfMode: ranges.default('day') });
export const minerPerformanceParams = z.object({ poolId, address, mode: ranges.default('day') });

export type PageParams = { readonly page: number; readonly pageSize: number };

/** What the schema knows of path and query; anything else is left out. */
export function readParams<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  query: object,
  path: object = {},
): z.output<z.ZodObject<Shape>> {
  const names = new Map(Object.keys(schema.shape).map((name) => [name.toLowerCase(), name]));
  const given = Object.entries({ ...query, ...path }).flatMap(([name, value]) => {
    const known = names.get(name.toLowerCase());
    return known === undefined ? [] : [[known, value] as const];
  });
  return parseParams(schema, Object.fromEntries(given));
}

/** Deeper than this nobody is led: an answer says how many there are at most. */
export const MAX_DEPTH = 10_000;

export const rangeOf = ({ page: number, pageSize }: PageParams) => ({
  limit: pageSize,
  offset: Math.min(number * pageSize, MAX_DEPTH),
});

export const noSuchPool = (): never => {
  throw new ProblemError('not-found', { detail: 'There is no such pool.' });
};
