/**
 * Query parameters of the REST API: strict (an unknown one is an error, since it would otherwise be ignored
 * silently), defaulted, and documented by the same schemas.
 */
import { z } from 'zod';

import { ProblemError } from './problem.ts';

export const MAX_LIMIT = 1_000;
const MAX_OFFSET = 10_000_000;
const MINUTE_MS = 60_000;
const MAX_WINDOW_MS = 7 * 24 * 60 * MINUTE_MS;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: MINUTE_MS, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d{1,6})([smhd])$/;

/** NaN for what is not a duration. */
const toMs = (text: string): number => {
  const [, count = '', unit = ''] = DURATION.exec(text) ?? [];
  return Number(count) * (UNIT_MS[unit] ?? Number.NaN);
};

const pool = z.string().min(1).max(24).optional().describe('Id of a pool.');
const address = z.string().min(1).max(255).optional().describe('Payout address of a miner.');
const limit = z.coerce.number().int().min(1).max(MAX_LIMIT).default(100).describe('Entries in the answer.');
const offset = z.coerce.number().int().min(0).max(MAX_OFFSET).default(0).describe('Entries to skip.');

export const statsParamsSchema = z.strictObject({
  window: z
    .string()
    .regex(DURATION, 'must be a number and a unit of s, m, h or d, such as 1h')
    .refine((text) => !(toMs(text) < MINUTE_MS || toMs(text) > MAX_WINDOW_MS), 'must be from 1m to 7d')
    .default('1h')
    .describe('How far back, such as 30m, 1h or 7d.'),
});
export const workersParamsSchema = z.strictObject({ pool, address, limit, offset });
export const blocksParamsSchema = z.strictObject({ pool, limit, offset });
export const balancesParamsSchema = z.strictObject({ pool, address, limit, offset });

const coin = z.string().min(1).max(64).describe('Id of a coin, such as bitcoin.');
const blockHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
  .describe('Hash of a block, as explorers show it.');

export const settlementParamsSchema = z.strictObject({ coin, hash: blockHash, address, limit, offset });

export const statementParamsSchema = z.strictObject({
  address: z.string().min(1).max(255).describe('Payout address of a miner.'),
  limit,
  offset,
});

const poolInPath = z.string().min(1).max(24).describe('Id of a pool.');
const whole = z.coerce.number().int().min(0);

export const receiptsParamsSchema = z.strictObject({ pool: poolInPath, limit, offset });

export const sharesParamsSchema = z.strictObject({
  pool: poolInPath,
  address: z.string().min(1).max(255).describe('Payout address of a miner.'),
  worker: z.string().max(255).optional().describe('Name of a worker.'),
  at: whole
    .max(Number.MAX_SAFE_INTEGER)
    .describe('When about the share was sent, in milliseconds since 1970.'),
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
    .regex(/^\d{1,19}$/, 'must be a whole number')
    .describe('Entry of the log of shares.'),
  index: whole.max(65_535).describe('Place of the share in that entry.'),
});

export const minerParamsSchema = z.strictObject({
  address: z.string().min(1).max(255).describe('Payout address of the miner.'),
});

export const windowMsOf = (params: z.infer<typeof statsParamsSchema>): number => toMs(params.window);

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
