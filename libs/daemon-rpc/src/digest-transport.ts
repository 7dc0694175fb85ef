/**
 * HTTP Digest with a server whose nonce belongs to one connection, as monerod's does: each connection is kept
 * together with its challenge, and a request that is challenged is repeated on the connection that asked.
 */
import { randomBytes } from 'node:crypto';
import type { Agent } from 'node:http';
import {
  type DigestChallenge,
  digestAuthorization,
  type HttpLogin,
  parseDigestChallenge,
} from './http-auth.ts';
import { createAgent, exchange, type TransportResult } from './http-exchange.ts';

type Login = Exclude<HttpLogin, { readonly kind: 'none' }>;

interface Options {
  readonly url: string;
  readonly maxResponseBytes: number;
}

interface Transport {
  post(body: Buffer, signal: AbortSignal): Promise<TransportResult>;
  close(): void;
}

/** One connection, and what its server asked on it. */
interface Lane {
  readonly agent: Agent;
  challenge: DigestChallenge | undefined;
  uses: number;
}

const MAX_FREE_LANES = 4;
/** A kept connection that died, a challenge on the new one, the answer to it, and one to spare. */
const MAX_ATTEMPTS = 4;
const UNAUTHORIZED = 401;

export class DigestTransport implements Transport {
  readonly #url: URL;
  readonly #maxResponseBytes: number;
  readonly #login: Login;
  readonly #lanes = new Set<Lane>();
  readonly #free: Lane[] = [];

  constructor({ url, maxResponseBytes }: Options, login: Login) {
    this.#url = new URL(url);
    this.#maxResponseBytes = maxResponseBytes;
    this.#login = login;
  }

  async post(body: Buffer, signal: AbortSignal): Promise<TransportResult> {
    const lane = this.#take();
    try {
      return await this.#postOn(lane, body, signal);
    } finally {
      this.#release(lane);
    }
  }

  close(): void {
    for (const { agent } of this.#lanes) agent.destroy();
    this.#lanes.clear();
    this.#free.length = 0;
  }

  #take(): Lane {
    const kept = this.#free.pop();
    if (kept !== undefined) return kept;
    const agent = createAgent(this.#url, { maxSockets: 1 });
    const lane = { agent, challenge: undefined, uses: 0 };
    this.#lanes.add(lane);
    return lane;
  }

  #release(lane: Lane): void {
    if (this.#free.length < MAX_FREE_LANES && this.#lanes.has(lane)) {
      this.#free.push(lane);
      return;
    }
    this.#lanes.delete(lane);
    lane.agent.destroy();
  }

  async #postOn(lane: Lane, body: Buffer, signal: AbortSignal): Promise<TransportResult> {
    const request = {
      url: this.#url,
      maxResponseBytes: this.#maxResponseBytes,
      agent: lane.agent,
      body,
      signal,
    };
    let refused: TransportResult | undefined;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const result = await exchange({ ...request, authorization: this.#authorizationOf(lane) });
      if (result === 'idle-close') continue;
      if (!result.ok || result.status !== UNAUTHORIZED) return result;
      // The first refusal brings the nonce of a new connection; the second is about the password.
      const challenge = parseDigestChallenge(result.challenges);
      if (refused !== undefined || challenge === undefined) return result;
      refused = result;
      lane.challenge = challenge;
      lane.uses = 0;
    }
    return refused ?? { ok: false, fault: { kind: 'unreachable', cause: new Error('connection closed') } };
  }

  #authorizationOf(lane: Lane): string | undefined {
    if (lane.challenge === undefined) return undefined;
    lane.uses++;
    const { user, password } = this.#login;
    return digestAuthorization(
      lane.challenge,
      { user, password: password.reveal() },
      {
        method: 'POST',
        uri: `${this.#url.pathname}${this.#url.search}`,
        count: lane.uses,
        clientNonce: randomBytes(12).toString('hex'),
      },
    );
  }
}
