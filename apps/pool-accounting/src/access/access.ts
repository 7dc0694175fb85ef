/** Logins, sessions and whoever stands behind them: the one place that knows the secrets of users. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  digestOf,
  formatRefreshToken,
  isAlive,
  isRefreshToken,
  judgeRefresh,
  MAX_SESSIONS_OF_USER,
  SECRET_BYTES,
  sessionLimits,
} from '@otedama/access';
import type {
  Access,
  AccessRefusal,
  AccessState,
  AccessUser,
  Clock,
  GrantReply,
  IdentifyReply,
  IdentifyRequest,
  KeySummary,
  LoginRequest,
  LogoutReply,
  LogoutRequest,
  ManageReply,
  ManageRequest,
  OwnReply,
  OwnRequest,
  RefreshRequest,
  SessionGrant,
  SessionSummary,
  UserSummary,
} from '@otedama/contracts';
import type { AccessStore } from '@otedama/ledger';
import type { AccessContext } from './context.ts';
import { judgeClaim, judgeNewPassword } from './factors.ts';
import { manageAccess } from './manage.ts';
import { changeOwn } from './own.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createTokens } from './tokens.ts';

export interface AccessDeps {
  readonly store: AccessStore;
  readonly clock: Clock;
  readonly passwords?: Passwords;
}

export interface AccessOptions {
  readonly tokenExpiryMs: number;
}

const MAX_LISTED = 1_000;

const refuse = (reason: AccessRefusal): { ok: false; reason: AccessRefusal } => ({ ok: false, reason });

interface Begun {
  readonly user: AccessUser;
  readonly sessionId: string;
  readonly startedAtMs: number;
  readonly refreshToken: string | undefined;
}

class AccessDesk implements Access {
  readonly #context: AccessContext;

  constructor(context: AccessContext) {
    this.#context = context;
  }

  async state(): Promise<AccessState> {
    const { store, tokens } = this.#context;
    return { hasUsers: await store.hasUsers(), keys: await tokens.publicKeys() };
  }

  async identify(request: IdentifyRequest): Promise<IdentifyReply> {
    const { store, limits, clock } = this.#context;
    if (request.kind === 'key') {
      const key = await store.identifyKey(Buffer.from(request.digestHex, 'hex'), clock());
      return key === undefined ? {} : { identity: { kind: 'key', ...key } };
    }
    const session = await store.findSession(request.sessionId);
    if (session === undefined || !isAlive(session, limits, clock())) return {};
    return { identity: { kind: 'user', ...session.user } };
  }

  async login(request: LoginRequest): Promise<GrantReply> {
    const { store, passwords, clock } = this.#context;
    const { name, password, code, newPassword, isKnownDevice, address, agent } = request;
    const known = await store.findUser({ name });
    const judged = await judgeClaim(known, { password, code, isKnownDevice }, this.#context);
    if (!judged.ok) return judged;
    const { user, second } = judged;
    if (user.isPasswordTemporary && newPassword === undefined) return refuse('new-password-needed');
    const fault = newPassword === undefined ? undefined : judgeNewPassword(newPassword, user.name, password);
    if (fault !== undefined) return refuse(fault);
    const sessionId = randomUUID();
    const refreshToken = formatRefreshToken(randomBytes(SECRET_BYTES));
    const atMs = clock();
    const begun = await store.startSession(
      {
        proof: { userId: user.id, password: user.password, second },
        session: { id: sessionId, refreshDigest: digestOf(refreshToken), address, agent },
        newPassword: newPassword === undefined ? undefined : await passwords.hash(newPassword),
        most: MAX_SESSIONS_OF_USER,
      },
      atMs,
    );
    if (begun === undefined) return refuse('denied');
    const grant = await this.#grant({ user, sessionId, startedAtMs: atMs, refreshToken });
    const deviceToken = await this.#context.tokens.device(user.name);
    return { ok: true, grant: { ...grant, deviceToken } };
  }

  async refresh({ token, address }: RefreshRequest): Promise<GrantReply> {
    if (!isRefreshToken(token)) return refuse('over');
    const { store, limits, clock } = this.#context;
    const next = formatRefreshToken(randomBytes(SECRET_BYTES));
    const atMs = clock();
    const refreshed = await store.refreshSession(
      {
        digest: digestOf(token),
        nextDigest: digestOf(next),
        judge: (session, replacedAtMs) => judgeRefresh(session, replacedAtMs, limits, atMs),
      },
      atMs,
      address,
    );
    if (refreshed === undefined) return refuse('over');
    const { verdict, session } = refreshed;
    if (verdict === 'over' || verdict === 'reused') return refuse(verdict);
    const { user, id: sessionId, startedAtMs } = session;
    const refreshToken = verdict === 'rotate' ? next : undefined;
    return { ok: true, grant: await this.#grant({ user, sessionId, startedAtMs, refreshToken }) };
  }

  async logout(request: LogoutRequest): Promise<LogoutReply> {
    const { store, clock } = this.#context;
    const { address } = request;
    const of = 'token' in request ? { digest: digestOf(request.token) } : { id: request.sessionId };
    return { ended: await store.endSession({ of, address }, clock()) };
  }

  own(request: OwnRequest): Promise<OwnReply> {
    return changeOwn(this.#context, request);
  }

  manage({ action, by }: ManageRequest): Promise<ManageReply> {
    return manageAccess(this.#context, action, by);
  }

  users(): Promise<UserSummary[]> {
    return this.#context.store.users();
  }

  keys(): Promise<KeySummary[]> {
    const { store, clock } = this.#context;
    return store.keys(clock());
  }

  sessions({ userId }: { readonly userId?: string | undefined }): Promise<SessionSummary[]> {
    const { store, limits, clock } = this.#context;
    const atMs = clock();
    return store.sessions({
      userId,
      ...limits,
      refreshedAfterMs: atMs - limits.idleMs,
      startedAfterMs: atMs - limits.absoluteMs,
      limit: MAX_LISTED,
    });
  }

  async #grant({ user, sessionId, startedAtMs, refreshToken }: Begun): Promise<SessionGrant> {
    const { tokens, limits, clock } = this.#context;
    const { token, expiresAtMs } = await tokens.access(user, sessionId);
    return {
      user: { id: user.id, name: user.name, role: user.role },
      sessionId,
      accessToken: token,
      accessExpiresAtMs: expiresAtMs,
      refreshExpiresAtMs: Math.min(clock() + limits.idleMs, startedAtMs + limits.absoluteMs),
      ...(refreshToken === undefined ? {} : { refreshToken }),
    };
  }
}

export const createAccess = (
  { store, clock, passwords = createPasswords() }: AccessDeps,
  { tokenExpiryMs }: AccessOptions,
): Access =>
  new AccessDesk({
    store,
    passwords,
    tokens: createTokens(store, clock),
    limits: sessionLimits(tokenExpiryMs),
    clock,
  });
