/** The session of whoever asks: log in, refresh, log out, who am I, and what a user changes of its own account. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Access, OwnReply, OwnRequest } from '@otedama/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Authenticator } from '../access/authenticator.ts';
import type { AccessLimits } from '../access/limits.ts';
import { granted } from '../access/refusals.ts';
import {
  type Who as WhoAsks,
  confirmTotpSchema,
  credentialsSchema,
  newPasswordSchema,
  proofSchema,
  refreshSchema,
} from '../access/schemas.ts';
import type { GivenSession, Sessions } from '../access/sessions.ts';
import { type Identity, Requires, Who } from '../http/identity.ts';
import { ProblemError } from '../http/problem.ts';
import { parseParams } from '../http/query-params.ts';
import { ACCESS_LIMITS, ACCESS_QUERIES, AUTHENTICATOR, SESSIONS } from '../tokens.ts';

type Granted = Extract<OwnReply, { ok: true }>;

@Controller('api/v1/session')
export class SessionController {
  readonly #sessions: Sessions;
  readonly #authenticator: Authenticator;
  readonly #queries: Access;
  readonly #limits: AccessLimits;

  constructor(
    @Inject(SESSIONS) sessions: Sessions,
    @Inject(AUTHENTICATOR) authenticator: Authenticator,
    @Inject(ACCESS_QUERIES) queries: Access,
    @Inject(ACCESS_LIMITS) limits: AccessLimits,
  ) {
    this.#sessions = sessions;
    this.#authenticator = authenticator;
    this.#queries = queries;
    this.#limits = limits;
  }

  @Get()
  async who(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WhoAsks> {
    void reply.header('cache-control', 'no-store');
    const [identity, canLogIn] = await Promise.all([
      this.#authenticator.find(request).catch((error: unknown) => {
        // Nobody, for whatever reason; what a service did not answer is another matter.
        if (error instanceof ProblemError) return undefined;
        throw error;
      }),
      this.#authenticator.state.hasUsers(),
    ]);
    if (identity === undefined) return { canLogIn };
    const { kind, name, role } = identity;
    return { identity: { kind, name, role }, canLogIn };
  }

  @Post()
  @HttpCode(200)
  login(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: unknown,
  ): Promise<GivenSession> {
    return this.#sessions.login(request, reply, parseParams(credentialsSchema, body));
  }

  @Post('refresh')
  @HttpCode(200)
  refresh(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: unknown,
  ): Promise<GivenSession> {
    const { refreshToken } = parseParams(refreshSchema, body ?? {});
    return this.#sessions.refresh(request, reply, refreshToken);
  }

  @Delete()
  logout(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ readonly ended: boolean }> {
    return this.#sessions.logout(request, reply);
  }

  @Post('password')
  @HttpCode(200)
  @Requires('viewer')
  async setPassword(
    @Req() request: FastifyRequest,
    @Who() who: Identity,
    @Body() body: unknown,
  ): Promise<{ ok: true }> {
    const { newPassword, ...proof } = parseParams(newPasswordSchema, body);
    await this.#own(request, who, { ...proof, action: { kind: 'password', newPassword } });
    return { ok: true };
  }

  @Post('totp')
  @HttpCode(200)
  @Requires('viewer')
  async beginTotp(
    @Req() request: FastifyRequest,
    @Who() who: Identity,
    @Body() body: unknown,
  ): Promise<NonNullable<Granted['totp']>> {
    const proof = parseParams(proofSchema, body);
    const { totp } = await this.#own(request, who, { ...proof, action: { kind: 'totp-begin' } });
    if (totp === undefined) throw new ProblemError('bad-reply');
    return totp;
  }

  @Post('totp/confirm')
  @HttpCode(200)
  @Requires('viewer')
  async confirmTotp(
    @Req() request: FastifyRequest,
    @Who() who: Identity,
    @Body() body: unknown,
  ): Promise<{ recoveryCodes: readonly string[] }> {
    const { newCode, ...proof } = parseParams(confirmTotpSchema, body);
    const action = { kind: 'totp-confirm', code: newCode } as const;
    const { recoveryCodes = [] } = await this.#own(request, who, { ...proof, action });
    return { recoveryCodes };
  }

  @Post('totp/remove')
  @HttpCode(200)
  @Requires('viewer')
  async removeTotp(
    @Req() request: FastifyRequest,
    @Who() who: Identity,
    @Body() body: unknown,
  ): Promise<{ ok: true }> {
    await this.#own(request, who, { ...parseParams(proofSchema, body), action: { kind: 'totp-end' } });
    return { ok: true };
  }

  @Post('others/end')
  @HttpCode(200)
  @Requires('viewer')
  async endOthers(
    @Req() request: FastifyRequest,
    @Who() who: Identity,
    @Body() body: unknown,
  ): Promise<{ ok: true }> {
    const action = { kind: 'end-sessions', keepOwn: true } as const;
    await this.#own(request, who, { ...parseParams(proofSchema, body), action });
    this.#authenticator.identities.forget();
    return { ok: true };
  }

  async #own(
    request: FastifyRequest,
    { id: userId, sessionId }: Identity,
    change: Pick<OwnRequest, 'password' | 'code' | 'action'>,
  ): Promise<Granted> {
    if (sessionId === undefined) {
      throw new ProblemError('forbidden', { detail: 'Only a user that has logged in has an account.' });
    }
    this.#limits.takeOwnProof(sessionId);
    const own = { ...change, userId, sessionId, address: request.ip };
    return granted<OwnReply>(await this.#queries.own(own));
  }
}
