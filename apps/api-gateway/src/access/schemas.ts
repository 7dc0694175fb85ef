/** Bodies and answers of the resources about access. */
import {
  accessUserSchema,
  keyNameSchema,
  loginNameSchema,
  manageReplySchema,
  roleSchema,
  userNameSchema,
} from '@otedama/contracts';
import { z } from 'zod';

const password = z.string().min(1).max(512);
const code = z.string().min(6).max(24).describe('Of the authenticator app, or a recovery code.');

export const credentialsSchema = z.strictObject({
  name: loginNameSchema,
  password,
  code: code.optional(),
  newPassword: password.optional().describe('Where the password was set by somebody else.'),
  as: z
    .enum(['token', 'cookie'])
    .default('token')
    .describe('How the session is given: tokens in the answer, or cookies for a browser.'),
});

export const refreshSchema = z.strictObject({
  refreshToken: z.string().max(100).optional().describe('Absent: the cookie.'),
});

export const givenSessionSchema = z.object({
  user: accessUserSchema,
  accessExpiresAtMs: z.number().int(),
  refreshExpiresAtMs: z.number().int(),
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
});

export const endedSchema = z.object({ ended: z.boolean() });

export const whoSchema = z.object({
  /** Absent: nobody. */
  identity: z
    .object({ kind: z.enum(['user', 'key', 'local', 'os']), name: z.string(), role: roleSchema })
    .optional(),
  canLogIn: z.boolean().describe('Whether there are users.'),
});
export type Who = z.infer<typeof whoSchema>;

export const proofSchema = z.strictObject({ password, code: code.optional() });
export const newPasswordSchema = proofSchema.extend({ newPassword: password });
export const confirmTotpSchema = proofSchema.extend({
  newCode: code.describe('The first one of the new authenticator app.'),
});
export const doneSchema = z.object({ ok: z.literal(true) });
export const totpSchema = z.object({ secret: z.string(), uri: z.string() });
export const recoveryCodesSchema = z.object({ recoveryCodes: z.array(z.string()) });

export const newUserSchema = z.strictObject({ name: userNameSchema, role: roleSchema });
export const userChangeSchema = z.strictObject({
  role: roleSchema.optional(),
  isDisabled: z.boolean().optional(),
});
export const userResetSchema = z.strictObject({
  password: z.boolean().default(false).describe('Make a new first password.'),
  totp: z.boolean().default(false).describe('Forget the authenticator app and the recovery codes.'),
});
export const userNameParamsSchema = z.strictObject({ name: userNameSchema });

const HOUR_MS = 3_600_000;
const DAYS = 24 * HOUR_MS;
export const newKeySchema = z.strictObject({
  name: keyNameSchema,
  role: roleSchema,
  expiresInDays: z.number().int().min(1).max(3_650).optional().describe('Absent: it does not expire.'),
});
export const expiryOf = (days: number | undefined, nowMs: number): { expiresAtMs?: number } =>
  days === undefined ? {} : { expiresAtMs: nowMs + days * DAYS };
export const keyParamsSchema = z.strictObject({ id: z.string().regex(/^\d{1,18}$/) });
export const sessionParamsSchema = z.strictObject({ id: z.uuid() });

/** The secret is told now and never again. */
export const madeSchema = manageReplySchema.options[0];
