/** Bans as the API shows and takes them. */
import { formatPrefix, parsePrefix } from '@otedama/edge';
import { BAN_REASONS, type Ban, type BanSubject, subjectKey } from '@otedama/shared-state';
import { z } from 'zod';

import { limitSchema, nameSchema, offsetSchema } from '../http/query-params.ts';

const MAX_NETWORK_CHARS = 49;
const MAX_NOTE_CHARS = 200;
/** The last moment of a JavaScript date. */
const MAX_TIME_MS = 8_640_000_000_000_000;
/** Of a range that an operator can mean: a shorter prefix is most of the Internet. */
const SHORTEST_IPV4_BITS = 96 + 8;
const SHORTEST_IPV6_BITS = 16;

export const banSchema = z.object({
  /** For removing it. */
  id: z.string(),
  /** `miner`: whoever names the account from that network, with that worker if there is one. */
  kind: z.enum(['network', 'account', 'miner']),
  /** An address or a range in CIDR form. */
  network: z.string().optional(),
  pool: z.string().optional(),
  account: z.string().optional(),
  worker: z.string().optional(),
  reason: z.enum(BAN_REASONS),
  note: z.string(),
  /** Who ordered it, or the gateway that imposed it. */
  by: z.string(),
  sinceMs: z.number().int(),
  /** Absent: until it is removed. */
  untilMs: z.number().int().optional(),
});
export type ShownBan = z.infer<typeof banSchema>;

const order = {
  note: nameSchema(0, MAX_NOTE_CHARS).default('').describe('Why, for other operators.'),
  untilMs: z
    .number()
    .int()
    .min(0)
    .max(MAX_TIME_MS)
    .optional()
    .describe('In milliseconds since 1970; without it until the ban is removed.'),
};

export const newBanSchema = z.union([
  z.strictObject({
    network: z.string().min(2).max(MAX_NETWORK_CHARS).describe('An address, or a range in CIDR form.'),
    ...order,
  }),
  z.strictObject({
    pool: nameSchema(1, 24).describe('Id of a pool.'),
    account: nameSchema(1, 255).describe('Payout address as the pool shows it.'),
    ...order,
  }),
]);
export type NewBan = z.infer<typeof newBanSchema>;

export const bansParamsSchema = z.strictObject({
  reason: z.enum(BAN_REASONS).optional().describe('Only those for this reason.'),
  limit: limitSchema,
  offset: offsetSchema,
});

export const banParamsSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,1024}$/, 'must be the id of a ban')
    .describe('Id of a ban.'),
});

/** A key has characters that no path likes. */
export const banId = (subject: BanSubject): string => Buffer.from(subjectKey(subject)).toString('base64url');

export const showBan = ({ subject, reason, note, by, sinceMs, untilMs }: Ban): ShownBan => ({
  id: banId(subject),
  kind: subject.kind,
  ...(subject.kind === 'account' ? {} : { network: subject.network }),
  ...(subject.kind === 'network' ? {} : { pool: subject.poolId, account: subject.account }),
  ...(subject.kind === 'miner' && subject.worker !== undefined ? { worker: subject.worker } : {}),
  reason,
  note,
  by,
  sinceMs: Math.round(sinceMs),
  ...(untilMs === undefined ? {} : { untilMs }),
});

/** Or what is wrong with it. An account is taken as it is written. */
export const subjectOf = (ban: NewBan): BanSubject | string => {
  if ('account' in ban) return { kind: 'account', poolId: ban.pool, account: ban.account };
  const prefix = parsePrefix(ban.network);
  if (prefix === undefined) {
    return 'must be an address or a range such as 192.0.2.0/24, without bits behind its length';
  }
  const network = formatPrefix(prefix);
  const shortest = network.includes(':') ? SHORTEST_IPV6_BITS : SHORTEST_IPV4_BITS;
  return prefix.bits < shortest ? 'is most of the Internet' : { kind: 'network', network };
};
