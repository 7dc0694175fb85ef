/**
 * Query parameters of the REST API: strict (an unknown one is an error, since it would otherwise be ignored
 * silently), defaulted, and documented by the same schemas.
 */
import { MAX_AUDIT_ROWS, PAYMENT_CURSOR, blockStateSchema, minerSortSchema } from '@otedama/contracts';
import { z } from 'zod';

import { ProblemError } from './problem.ts';

export const MAX_LIMIT = 1_000;
const MAX_OFFSET = 10_000_000;
const MINUTE_MS = 60_000;
/** The last moment of a JavaScript date. */
const MAX_TIME_MS = 8_640_000_000_000_000;

const UNITS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 24 * 60 * MINUTE_MS } as const;
const DURATION = /^(\d{1,6})([mhd])$/;

/** Of what was checked to be a duration; NaN for what is none. */
export const durationMs = (text: string): number => {
  const [, count = '', unit = ''] = DURATION.exec(text) ?? [];
  return Number(count) * (Object.entries(UNITS).find(([name]) => name === unit)?.[1] ?? Number.NaN);
};

/** A name that people gave. Control characters are in none; a database would take offence at one of them. */
const name = (least: number, most: number) =>
  z
    .string()
    .min(least)
    .max(most)
    // oxlint-disable-next-line no-control-regex -- spelled out: not every reader of the document knows \p{Cc}
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must have no control characters');

/** Written as digits: what else JavaScript reads as a number is none here. */
export const whole = (least: number, most: number) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : text),
    z.number().int().min(least).max(most),
  );

export const poolInPath = name(1, 24).describe('Id of a pool.');
export const minerInPath = name(1, 255).describe('Payout address of a miner.');
const pool = poolInPath.optional();
const address = minerInPath.optional();
const worker = name(0, 255).optional().describe('Name of a worker.');
const limit = whole(1, MAX_LIMIT).default(100).describe('Entries in the answer.');
const offset = whole(0, MAX_OFFSET).default(0).describe('Entries to skip.');

const coin = name(1, 64).describe('Id of a coin, such as bitcoin.');
const blockHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
  .describe('Hash of a block, as explorers show it.');

/** Pattern of the whole numbers from 1 on: what it lets through is in range, also for who reads the document only. */
const upTo = (most: number): string => {
  const digits = [...String(most)].map(Number);
  const below = digits.map((digit, place) => {
    const least = place === 0 ? 1 : 0;
    const rest = digits.length - place - 1;
    if (digit <= least) return undefined;
    return `${digits.slice(0, place).join('')}[${least}-${digit - 1}]${'\\d'.repeat(rest)}`;
  });
  const shorter = digits.length > 1 ? [`[1-9]\\d{0,${digits.length - 2}}`] : [];
  return `(?:${[...shorter, ...below.filter((part) => part !== undefined), String(most)].join('|')})`;
};

/** From a minute to so many days, in one unit. */
const duration = (days: number) => {
  const ranges = Object.entries(UNITS).map(([unit, ms]) => `${upTo((days * UNITS.d) / ms)}${unit}`);
  return z
    .string()
    .regex(
      new RegExp(`^(?:${ranges.join('|')})$`),
      `must be from 1m to ${days}d, a whole number of minutes (m), hours (h) or days (d)`,
    );
};

export const statsParamsSchema = z.strictObject({
  window: duration(7).default('1h').describe('How far back, such as 30m, 1h or 7d.'),
});
export const workersParamsSchema = z.strictObject({ pool, address, limit, offset });
export const poolParamsSchema = z.strictObject({ pool: poolInPath });
export const blocksParamsSchema = z.strictObject({
  pool,
  coin: coin.optional(),
  state: blockStateSchema.optional().describe('What has become of the block.'),
  finder: minerInPath.optional().describe('Payout address of the miner that found it.'),
  limit,
  offset,
});
export const blockParamsSchema = z.strictObject({ coin, hash: blockHash });
export const roundsParamsSchema = z.strictObject({ pool, coin: coin.optional(), limit, offset });
export const minersParamsSchema = z.strictObject({
  pool,
  sort: minerSortSchema.default('hashrate').describe('What comes first is the greatest, or the latest.'),
  limit,
  offset,
});
export const minerWorkersParamsSchema = z.strictObject({ address: minerInPath, pool, limit, offset });
export const paymentsParamsSchema = z.strictObject({
  pool,
  address,
  after: z
    .string()
    .regex(PAYMENT_CURSOR, 'must be what `next` of a page before says')
    .optional()
    .describe('The `next` of the page before.'),
  limit,
});
const window = duration(90).default('1h').describe('How far back, such as 30m, 24h or 7d.');
const step = duration(7).optional().describe('Width of a point; as fits the window without it.');
export const poolHashrateParamsSchema = z.strictObject({ pool: poolInPath, window, step });
export const minerHashrateParamsSchema = z.strictObject({
  address: minerInPath,
  pool: poolInPath,
  worker,
  window,
  step,
});
export const agentParamsSchema = z.strictObject({
  instance: name(1, 255).describe('Name of the agent; `local` where it has none.'),
});
export const noParamsSchema = z.strictObject({});
export const balancesParamsSchema = z.strictObject({ pool, address, limit, offset });

export const settlementParamsSchema = z.strictObject({ coin, hash: blockHash, address, limit, offset });

export const statementParamsSchema = z.strictObject({
  address: minerInPath,
  limit,
  offset,
});

export const receiptsParamsSchema = z.strictObject({ pool: poolInPath, limit, offset });

export const sharesParamsSchema = z.strictObject({
  pool: poolInPath,
  address: minerInPath,
  worker,
  at: whole(0, MAX_TIME_MS)
    .optional()
    .describe('When about the share was sent, in milliseconds since 1970; without it now.'),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
    .optional()
    .describe('Proof-of-work hash of the share, in either byte order.'),
  limit,
});

export const shareProofParamsSchema = z.strictObject({
  pool: poolInPath,
  sequence: z
    .string()
    .regex(/^\d{1,18}$/, 'must be a whole number')
    .describe('Entry of the log of shares.'),
  index: whole(0, 65_535).describe('Place of the share in that entry.'),
});

export { limit as limitSchema, name as nameSchema, offset as offsetSchema };

export const minerParamsSchema = z.strictObject({ address: minerInPath });

const auditText = name(1, 255).optional();
const atMs = whole(0, Number.MAX_SAFE_INTEGER).optional();

export const auditParamsSchema = z.strictObject({
  actor: auditText.describe('Id or name of whoever did it.'),
  action: auditText.describe('Such as payout.approve, or payout for all that begin so.'),
  target: auditText.describe('What it was done to.'),
  from: atMs.describe('Not before, in milliseconds since 1970.'),
  to: atMs.describe('Before, in milliseconds since 1970.'),
  limit: whole(1, MAX_AUDIT_ROWS - 1)
    .default(50)
    .describe('Entries in the answer.'),
  offset,
});

export const payoutsParamsSchema = z.strictObject({
  pool,
  open: z.enum(['true', 'false']).default('false').describe('true: only those that may still change.'),
  limit,
  offset,
});
export const payoutPlanParamsSchema = z.strictObject({ pool });
export const payoutParamsSchema = z.strictObject({
  id: z
    .string()
    .regex(/^\d{1,18}$/, 'must be a whole number')
    .describe('Id of a batch.'),
});

const parameterOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue.path.join('.');

/** The parameters, or the problem that lists every wrong one. */
export function parseParams<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  throw new ProblemError('invalid-request', {
    detail: 'Some query parameters are wrong.',
    errors: result.error.issues.map((issue) => ({
      parameter: parameterOf(issue),
      message: issue.code === 'unrecognized_keys' ? 'is not a parameter of this resource' : issue.message,
    })),
  });
}

/**
 * Parameters of path and query together. One that the path has already is no parameter of the query: it would
 * otherwise be ignored.
 */
export function parseBoth<Schema extends z.ZodType>(
  schema: Schema,
  path: object,
  query: object,
): z.output<Schema> {
  const twice = Object.keys(query).find((key) => Object.hasOwn(path, key));
  if (twice !== undefined) {
    throw new ProblemError('invalid-request', {
      detail: 'Some query parameters are wrong.',
      errors: [{ parameter: twice, message: 'is in the path' }],
    });
  }
  return parseParams(schema, { ...query, ...path });
}

/** One page of a longer list. */
export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    limit: z.number().int(),
    offset: z.number().int(),
    /** There are entries after these. */
    more: z.boolean(),
  });

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly limit: number;
  readonly offset: number;
  readonly more: boolean;
}

/** Asks for one entry more than wanted, which tells whether there is a next page. */
export async function fetchPage<Item>(
  params: { readonly limit: number; readonly offset: number },
  fetch: (range: { readonly limit: number; readonly offset: number }) => Promise<readonly Item[]>,
): Promise<Page<Item>> {
  const { limit, offset } = params;
  const rows = await fetch({ limit: limit + 1, offset });
  return { items: rows.slice(0, limit), limit, offset, more: rows.length > limit };
}

/** One page of a list that goes on where the last one ended. */
export const pageByKeySchema = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    limit: z.number().int(),
    /** For `after`; absent on the last page. */
    next: z.string().optional(),
  });

export interface PageByKey<Item> {
  readonly items: readonly Item[];
  readonly limit: number;
  readonly next?: string;
}
