/**
 * Commands and queries about access, which pool-accounting answers for the API: it holds the users, keys and
 * sessions. Secrets in here are said once and never logged; in a fleet that leaves its host, NATS speaks TLS.
 */
import { z } from 'zod';
import { roleSchema } from './access.ts';
import { auditEventSchema } from './audit.ts';

const unixMs = z.number().int();
const id = z.string().regex(/^\d{1,18}$/);
const sessionId = z.uuid();
/** Wider than any policy: what is too long is told so, not dropped. */
const password = z.string().min(1).max(512);
const code = z.string().min(6).max(24);
const address = z.string().max(64);
const agent = z.string().max(200);
export const userNameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,31}$/);
/** What a database takes as well. */
const printable = z
  .string()
  // oxlint-disable-next-line no-control-regex -- spelled out: not every reader of the document knows \P{Cc}
  .regex(/^[^\u0000-\u001f\u007f-\u009f]+$/);
export const keyNameSchema = printable.trim().min(1).max(64);
/** Whatever somebody types for one. */
export const loginNameSchema = printable.min(1).max(64);

export const accessUserSchema = z.object({ id, name: z.string(), role: roleSchema });
export type AccessUser = z.infer<typeof accessUserSchema>;

/** accessState: whether anybody may be known at all, and by which keys access tokens are checked. */
export const accessStateSchema = z.object({
  hasUsers: z.boolean(),
  keys: z.array(
    z.object({
      kid: z.string(),
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      alg: z.literal('EdDSA'),
    }),
  ),
});
export type AccessState = z.infer<typeof accessStateSchema>;

/** accessIdentify: who stands behind a session or a key now. The digest is SHA-256 of the key. */
export const identifyRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), sessionId }),
  z.object({ kind: z.literal('key'), digestHex: z.string().regex(/^[0-9a-f]{64}$/) }),
]);
export type IdentifyRequest = z.infer<typeof identifyRequestSchema>;
export const identifyReplySchema = z.object({
  /** Absent: nobody, or nobody any more. */
  identity: z.object({ kind: z.enum(['user', 'key']), id, name: z.string(), role: roleSchema }).optional(),
});
export type IdentifyReply = z.infer<typeof identifyReplySchema>;

/** accessLogin. The name may be of nobody: that takes as long and is answered the same. */
export const loginRequestSchema = z.object({
  name: loginNameSchema,
  password,
  /** A one-time code or a recovery code. */
  code: code.optional(),
  /** Asked for where the password was set by somebody else. */
  newPassword: password.optional(),
  /** Tried from a device that has logged in to this account before: such attempts do not wait behind others. */
  isKnownDevice: z.boolean(),
  address,
  agent,
});
export type LoginRequest = z.infer<typeof loginRequestSchema>;

export const sessionGrantSchema = z.object({
  user: accessUserSchema,
  sessionId,
  accessToken: z.string(),
  accessExpiresAtMs: unixMs,
  /** Absent where another refresh of the same moment has it. */
  refreshToken: z.string().optional(),
  refreshExpiresAtMs: unixMs,
  /** Proves at later logins that this device logged in to the account once. */
  deviceToken: z.string().optional(),
});
export type SessionGrant = z.infer<typeof sessionGrantSchema>;

/** Reasons that a user may see. `denied` says nothing of what was wrong. */
export const accessRefusalSchema = z.enum([
  'denied',
  'code-needed',
  'new-password-needed',
  'too-short',
  'too-long',
  'too-simple',
  'holds-name',
  'busy',
  'over',
  'reused',
  'unknown',
  'exists',
  'last-admin',
  'full',
  'no-totp',
]);
export type AccessRefusal = z.infer<typeof accessRefusalSchema>;
const refusal = z.object({ ok: z.literal(false), reason: accessRefusalSchema });

export const grantReplySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), grant: sessionGrantSchema }),
  refusal,
]);
export type GrantReply = z.infer<typeof grantReplySchema>;

/** accessRefresh */
export const refreshRequestSchema = z.object({ token: z.string().max(100), address });
export type RefreshRequest = z.infer<typeof refreshRequestSchema>;

/** accessLogout: whoever has one of its tokens may end a session. */
export const logoutRequestSchema = z.union([
  z.object({ token: z.string().max(100), address }),
  z.object({ sessionId, address }),
]);
export type LogoutRequest = z.infer<typeof logoutRequestSchema>;
/** `ended` is false where nothing was left to end. */
export const logoutReplySchema = z.object({ ended: z.boolean() });
export type LogoutReply = z.infer<typeof logoutReplySchema>;

/** accessOwn: what a user changes of its own account, proving again who it is. */
export const ownRequestSchema = z.object({
  userId: id,
  sessionId,
  address,
  password,
  code: code.optional(),
  action: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('password'), newPassword: password }),
    /** A new secret, which counts from its first code on. */
    z.object({ kind: z.literal('totp-begin') }),
    z.object({ kind: z.literal('totp-confirm'), code }),
    z.object({ kind: z.literal('totp-end') }),
    z.object({ kind: z.literal('end-sessions'), keepOwn: z.boolean() }),
  ]),
});
export type OwnRequest = z.infer<typeof ownRequestSchema>;
export const ownReplySchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    totp: z.object({ secret: z.string(), uri: z.string() }).optional(),
    recoveryCodes: z.array(z.string()).optional(),
  }),
  refusal,
]);
export type OwnReply = z.infer<typeof ownReplySchema>;

export const actedBySchema = z.object({
  actor: auditEventSchema.shape.actor,
  address: address.optional(),
});
export type AccessActor = z.infer<typeof actedBySchema>;

/** accessManage: what an admin changes. */
export const manageRequestSchema = z.object({
  by: actedBySchema,
  action: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('add-user'), name: userNameSchema, role: roleSchema }),
    z.object({
      kind: z.literal('change-user'),
      name: userNameSchema,
      role: roleSchema.optional(),
      isDisabled: z.boolean().optional(),
    }),
    z.object({
      kind: z.literal('reset-user'),
      name: userNameSchema,
      password: z.boolean(),
      totp: z.boolean(),
    }),
    z.object({
      kind: z.literal('add-key'),
      name: keyNameSchema,
      role: roleSchema,
      expiresAtMs: unixMs.optional(),
    }),
    z.object({ kind: z.literal('revoke-key'), id }),
    /** `userId`: only if it is a session of this user. */
    z.object({ kind: z.literal('end-session'), id: sessionId, userId: id.optional() }),
    z.object({ kind: z.literal('end-sessions'), name: userNameSchema }),
  ]),
});
export type ManageRequest = z.infer<typeof manageRequestSchema>;
export type ManageAction = ManageRequest['action'];
export const manageReplySchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    /** A key or a first password: told now and never again. */
    secret: z.string().optional(),
    id: z.string().optional(),
  }),
  refusal,
]);
export type ManageReply = z.infer<typeof manageReplySchema>;

export const userSummarySchema = z.object({
  name: z.string(),
  role: roleSchema,
  isDisabled: z.boolean(),
  hasTotp: z.boolean(),
  /** Set by somebody else: the next login asks for a new one. */
  isPasswordTemporary: z.boolean(),
  createdAtMs: unixMs,
  lastLoginAtMs: unixMs.optional(),
});
export type UserSummary = z.infer<typeof userSummarySchema>;

export const keySummarySchema = z.object({
  id,
  name: z.string(),
  role: roleSchema,
  /** How the key begins. */
  shown: z.string(),
  createdBy: z.string(),
  createdAtMs: unixMs,
  expiresAtMs: unixMs.optional(),
  /** To the minute. */
  lastUsedAtMs: unixMs.optional(),
});
export type KeySummary = z.infer<typeof keySummarySchema>;

export const sessionSummarySchema = z.object({
  id: sessionId,
  user: z.string(),
  startedAtMs: unixMs,
  refreshedAtMs: unixMs,
  expiresAtMs: unixMs,
  address: z.string(),
  agent: z.string(),
});
export type SessionSummary = z.infer<typeof sessionSummarySchema>;

export const sessionsRequestSchema = z.object({ userId: id.optional() });

/** What accounting does for those who want to get in; the API asks it over the bus. */
export interface Access {
  state(): Promise<AccessState>;
  identify(request: IdentifyRequest): Promise<IdentifyReply>;
  login(request: LoginRequest): Promise<GrantReply>;
  refresh(request: RefreshRequest): Promise<GrantReply>;
  logout(request: LogoutRequest): Promise<LogoutReply>;
  own(request: OwnRequest): Promise<OwnReply>;
  manage(request: ManageRequest): Promise<ManageReply>;
  users(): Promise<UserSummary[]>;
  keys(): Promise<KeySummary[]>;
  sessions(request: { readonly userId?: string | undefined }): Promise<SessionSummary[]>;
}
