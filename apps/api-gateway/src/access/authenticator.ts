/**
 * Who asks for something that is not public: a key or token in the headers, the cookie of a session, or, where a pool
 * has neither users nor `api.auth`, whoever reaches it by an IP address or `localhost`: a name could be pointed here by
 * somebody else's web page (DNS rebinding).
 */
import { timingSafeEqual } from 'node:crypto';

import { digestOf, isApiKey, shownPart } from '@otedama/access';
import type { ApiConfig } from '@otedama/config';
import type { Access, Clock } from '@otedama/contracts';
import type { FastifyRequest } from 'fastify';

import {
  type Asked,
  isForwarded,
  isProvenSameOrigin,
  isSameOrigin,
  isUnspoofableHost,
  presentedKey,
} from '../http/access.ts';
import type { NoteRefused } from '../http/audited.ts';
import type { Identity } from '../http/identity.ts';
import { ProblemError } from '../http/problem.ts';
import { type StateReader, createStateReader } from './access-state.ts';
import { readCookie } from './cookies.ts';
import { type Identities, createIdentities } from './identities.ts';
import type { AccessLimits } from './limits.ts';
import { type TokenReader, createTokenReader } from './tokens.ts';

export interface AuthenticatorDeps {
  readonly queries: Access;
  readonly limits: AccessLimits;
  readonly noteRefused: NoteRefused;
  readonly clock: Clock;
}

const LOCAL: Identity = { kind: 'local', id: 'local', name: 'local', role: 'operator' };
const CONFIGURED: Identity = { kind: 'key', id: 'api_key', name: 'api.api_key', role: 'admin' };

const CHALLENGE = { 'www-authenticate': 'Bearer realm="otedama"' };
/** What looks signed is one of our tokens whose time has come, as a rule; nobody guesses a signature. */
const SIGNED_TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export class Authenticator {
  readonly state: StateReader;
  readonly tokens: TokenReader;
  readonly identities: Identities;
  readonly #limits: AccessLimits;
  readonly #noteRefused: NoteRefused;
  readonly #isClosed: boolean;
  readonly #configured: Buffer | undefined;

  constructor({ queries, limits, noteRefused, clock }: AuthenticatorDeps, auth: ApiConfig['auth']) {
    this.state = createStateReader(queries, clock);
    this.tokens = createTokenReader(this.state, clock);
    this.identities = createIdentities(queries, clock);
    this.#limits = limits;
    this.#noteRefused = noteRefused;
    this.#isClosed = auth.enabled;
    this.#configured = auth.apiKey && digestOf(auth.apiKey.reveal());
  }

  /** Throws the problem that says why nobody is known. */
  async require(request: FastifyRequest): Promise<Identity> {
    const identity = await this.find(request);
    if (identity !== undefined) return identity;
    const detail = 'Log in, or send a key as "Authorization: Bearer" or "X-API-Key".';
    throw new ProblemError('unauthorized', { detail, headers: CHALLENGE });
  }

  /** Undefined: nobody claims to be somebody. Throws where somebody does and is not. */
  async find(request: Asked): Promise<Identity | undefined> {
    this.requireOwnOrigin(request);
    const key = presentedKey(request.headers);
    if (key !== undefined) return this.#byKey(key, request);
    const cookie = readCookie(request, 'access');
    if (cookie !== undefined) {
      this.requireProvenOrigin(request);
      const identity = await this.#bySession(cookie);
      if (identity !== undefined) return identity;
    }
    return this.#local(request);
  }

  /** No page of another origin may ask for anything that is not public. */
  requireOwnOrigin({ headers, host }: Asked): void {
    if (isSameOrigin({ origin: headers.origin, host })) return;
    throw new ProblemError('forbidden', { detail: 'A page of another origin may not do this.' });
  }

  /** A cookie vouches for a change only where the browser says that our own page sent it. */
  requireProvenOrigin({ headers, host, method }: Asked): void {
    if (SAFE_METHODS.has(method) || isProvenSameOrigin(headers, host)) return;
    throw new ProblemError('forbidden', {
      detail: 'With a cookie, Origin or Sec-Fetch-Site must say who asks.',
    });
  }

  async #byKey(key: string, request: Asked): Promise<Identity> {
    const digest = digestOf(key);
    // Digests have one length and hide where two keys begin to differ.
    if (this.#configured !== undefined && timingSafeEqual(digest, this.#configured)) return CONFIGURED;
    const identity = isApiKey(key)
      ? await this.#byStoredKey(digest, request.ip)
      : ((await this.#bySession(key)) ?? (await this.#byCommand(key)));
    if (identity !== undefined) return identity;
    if (!SIGNED_TOKEN.test(key)) {
      const name = isApiKey(key) ? shownPart(key) : 'unknown';
      await this.#noteRefused(request, { actor: { kind: 'key', id: '', name }, action: 'key.use' });
    }
    throw new ProblemError('unauthorized', { detail: 'Not this key, or not any more.', headers: CHALLENGE });
  }

  async #byStoredKey(digest: Buffer, address: string): Promise<Identity | undefined> {
    const request = { kind: 'key', digestHex: digest.toString('hex') } as const;
    const known = this.identities.peek(request);
    if (known !== undefined) return known;
    this.#limits.requireFewWrongKeys(address);
    const identity = await this.identities.find(request);
    if (identity === undefined) this.#limits.noteWrongKey(address);
    return identity;
  }

  async #bySession(token: string): Promise<Identity | undefined> {
    const sessionId = await this.tokens.session(token);
    return sessionId === undefined ? undefined : this.identities.find({ kind: 'session', sessionId });
  }

  async #byCommand(token: string): Promise<Identity | undefined> {
    const user = await this.tokens.command(token);
    return user && { kind: 'os', ...user, role: 'operator' };
  }

  async #local({ headers, host }: Asked): Promise<Identity | undefined> {
    if (this.#isClosed || (await this.state.hasUsers())) return undefined;
    if (isUnspoofableHost(host) && !isForwarded(headers)) return LOCAL;
    throw new ProblemError('forbidden', {
      detail:
        'Without users and keys, this is allowed by IP address or localhost only, and through no proxy.',
    });
  }
}
