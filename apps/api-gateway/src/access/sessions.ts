/** Logging in and out as the API does it: budgets before, the audit log for what failed, cookies behind. */
import type {
  Access,
  AccessRefusal,
  AccessUser,
  Clock,
  GrantReply,
  LoginRequest,
  SessionGrant,
} from '@otedama/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { NoteRefused } from '../http/audited.ts';
import { ProblemError } from '../http/problem.ts';
import type { ApiMetrics } from '../metrics.ts';
import type { Authenticator } from './authenticator.ts';
import { clearSession, readCookie, setCookies } from './cookies.ts';
import type { AccessLimits } from './limits.ts';
import { refusalProblem } from './refusals.ts';

export interface Credentials extends Pick<LoginRequest, 'name' | 'password' | 'code' | 'newPassword'> {
  /** `cookie`: for a browser; no token is in the answer. */
  readonly as: 'token' | 'cookie';
}

export interface GivenSession {
  readonly user: AccessUser;
  readonly accessExpiresAtMs: number;
  readonly refreshExpiresAtMs: number;
  readonly accessToken?: string;
  readonly refreshToken?: string;
}

export interface SessionsDeps {
  readonly queries: Access;
  readonly authenticator: Authenticator;
  readonly limits: AccessLimits;
  readonly noteRefused: NoteRefused;
  readonly metrics: ApiMetrics;
  readonly clock: Clock;
}

const MAX_AGENT_CHARS = 200;
/** As long as accounting says; a browser may keep it longer to no end. */
const DEVICE_COOKIE_MS = 90 * 24 * 3_600_000;
/** Not failures: somebody is halfway through. */
const HALFWAY: ReadonlySet<AccessRefusal> = new Set(['code-needed', 'new-password-needed']);

const agentOf = ({ headers }: FastifyRequest): string =>
  (headers['user-agent'] ?? '').slice(0, MAX_AGENT_CHARS);

export class Sessions {
  readonly #deps: SessionsDeps;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  async login(
    request: FastifyRequest,
    reply: FastifyReply,
    { as, ...credentials }: Credentials,
  ): Promise<GivenSession> {
    const { authenticator, limits, queries, metrics } = this.#deps;
    authenticator.requireOwnOrigin(request);
    const { name } = credentials;
    const deviceId = await this.#deviceOf(request, name);
    try {
      limits.takeLogin({ address: request.ip, name, deviceId });
    } catch (error) {
      if (error instanceof ProblemError) await this.#noteRefusal(request, name, 'too-often');
      throw error;
    }
    const answer = await queries.login({
      ...credentials,
      isKnownDevice: deviceId !== undefined,
      address: request.ip,
      agent: agentOf(request),
    });
    if (!answer.ok) {
      if (!HALFWAY.has(answer.reason)) await this.#noteRefusal(request, name, answer.reason);
      throw refusalProblem(answer.reason);
    }
    metrics.logins.inc({ outcome: 'done' });
    await this.#leave(request);
    return this.#give(request, reply, answer.grant, as);
  }

  async refresh(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string | undefined,
  ): Promise<GivenSession> {
    const { authenticator, queries } = this.#deps;
    authenticator.requireOwnOrigin(request);
    const cookie = token === undefined ? readCookie(request, 'refresh') : undefined;
    if (cookie !== undefined) authenticator.requireProvenOrigin(request);
    const shown = token ?? cookie;
    const answer: GrantReply =
      shown === undefined
        ? { ok: false, reason: 'over' }
        : await queries.refresh({ token: shown, address: request.ip });
    if (answer.ok) return this.#give(request, reply, answer.grant, cookie === undefined ? 'token' : 'cookie');
    if (cookie !== undefined) clearSession(request, reply);
    throw refusalProblem(answer.reason);
  }

  /** Ends the session whose tokens came along, whichever of them still counts. */
  async logout(request: FastifyRequest, reply: FastifyReply): Promise<{ readonly ended: boolean }> {
    const { authenticator, queries } = this.#deps;
    const address = request.ip;
    const token = readCookie(request, 'refresh');
    if (token !== undefined) {
      authenticator.requireOwnOrigin(request);
      authenticator.requireProvenOrigin(request);
      clearSession(request, reply);
      const { ended } = await queries.logout({ token, address });
      authenticator.identities.forget();
      if (ended) return { ended };
    }
    const { sessionId } = await authenticator.require(request);
    if (sessionId === undefined) return { ended: false };
    clearSession(request, reply);
    const { ended } = await queries.logout({ sessionId, address });
    authenticator.identities.forget();
    return { ended };
  }

  /** Whoever logs in anew has no use for the session before. */
  async #leave(request: FastifyRequest): Promise<void> {
    const token = readCookie(request, 'refresh');
    if (token !== undefined) await this.#deps.queries.logout({ token, address: request.ip });
  }

  async #deviceOf(request: FastifyRequest, name: string): Promise<string | undefined> {
    const token = readCookie(request, 'device');
    return token === undefined ? undefined : this.#deps.authenticator.tokens.device(token, name);
  }

  async #noteRefusal(request: FastifyRequest, name: string, reason: string): Promise<void> {
    const { noteRefused, metrics } = this.#deps;
    metrics.logins.inc({ outcome: reason === 'too-often' ? 'limited' : 'refused' });
    await noteRefused(request, {
      actor: { kind: 'user', id: '', name },
      action: 'session.start',
      target: name,
      details: { reason },
    });
  }

  #give(
    request: FastifyRequest,
    reply: FastifyReply,
    grant: SessionGrant,
    as: Credentials['as'],
  ): GivenSession {
    const { user, accessToken, accessExpiresAtMs, refreshToken, refreshExpiresAtMs, deviceToken } = grant;
    const given = { user, accessExpiresAtMs, refreshExpiresAtMs };
    if (as === 'token') {
      return { ...given, accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) };
    }
    const nowMs = this.#deps.clock();
    setCookies(request, reply, [
      { name: 'access', value: accessToken, lifeMs: accessExpiresAtMs - nowMs },
      ...(refreshToken === undefined
        ? []
        : [{ name: 'refresh' as const, value: refreshToken, lifeMs: refreshExpiresAtMs - nowMs }]),
      ...(deviceToken === undefined
        ? []
        : [{ name: 'device' as const, value: deviceToken, lifeMs: DEVICE_COOKIE_MS }]),
    ]);
    return given;
  }
}
