/**
 * One miner's socket: bytes in, events to its session, effects out. Knows the protocol only through the pure
 * session, and money not at all.
 */
import type { Socket } from 'node:net';
import type { Clock, Logger } from '@otedama/contracts';
import {
  type Account,
  type Effect,
  type Lease,
  LineDecoder,
  type Session,
  type SessionEnv,
  type SessionEvent,
  type ShareOutcome,
  createSession,
  decodeMessage,
  step,
} from '@otedama/stratum-v1';
import { BYE_MS, MAX_SEND_QUEUE_BYTES, MAX_UNANSWERED, RESUME_REPLIES } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { ShareBatcher, Submitter } from './share-batcher.ts';

/** What a connection needs of its pool. */
export interface ConnectionHost {
  readonly poolId: string;
  readonly env: SessionEnv;
  readonly batcher: ShareBatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly lease: (sessionId: string | undefined) => Lease;
  readonly transactions: (jobKey: number) => Promise<readonly string[]>;
  readonly onWorker: (account: Account) => void;
  readonly onReject: (reason: string) => void;
  readonly onGone: (connection: Connection) => void;
}

export class Connection implements Submitter {
  readonly session: Session;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #decoder = new LineDecoder();
  #gone = false;
  #paused = false;
  /** Sends of one step leave in one write. */
  #corked = false;

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.session = createSession(host.env, host.clock());
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (chunk: Buffer) => {
      // A peer that was sent away may go on talking; nobody listens.
      if (this.session.closed) return;
      this.#decoder.push(chunk);
      this.#readLines();
    });
    // The reason of a broken socket is in the close that follows.
    socket.on('error', (error) => host.logger.debug({ error: error.message }, 'socket error'));
    socket.on('close', () => this.#onClose());
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  event(event: SessionEvent): void {
    this.#apply(step(this.session, event, this.#host.clock()));
  }

  settle(ticket: number, outcome: ShareOutcome): void {
    this.event({ kind: 'verdict', ticket, outcome });
    if (this.#paused && this.session.replies.size <= RESUME_REPLIES) this.resume();
  }

  /** There may be room for shares again. */
  resume(): void {
    if (!this.#paused || this.#gone) return;
    this.#paused = false;
    this.#readLines();
    if (!this.#paused) this.#socket.resume();
  }

  /** Takes no more from the peer; what it is owed still goes out. */
  stopReading(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  /** What is written goes out first, within a moment. */
  end(): void {
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), BYE_MS).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #readLines(): void {
    while (!this.session.closed) {
      if (this.#host.batcher.isSaturated || this.session.replies.size >= MAX_UNANSWERED) {
        this.#paused = true;
        this.#socket.pause();
        return;
      }
      const decoded = this.#decoder.next();
      if (decoded.kind === 'need-more') return;
      if (decoded.kind === 'line') this.event({ kind: 'message', message: decodeMessage(decoded.bytes) });
      else this.event({ kind: 'violation', violation: decoded.violation });
    }
  }

  #apply(effects: readonly Effect[]): void {
    const cork = effects.length > 1 && !this.#corked;
    if (cork) {
      this.#corked = true;
      this.#socket.cork();
    }
    for (const effect of effects) this.#perform(effect);
    if (cork) {
      this.#corked = false;
      this.#socket.uncork();
    }
  }

  #perform(effect: Effect): void {
    const { poolId, metrics, batcher } = this.#host;
    switch (effect.kind) {
      case 'send':
        return this.#write(effect.data);
      case 'submit':
        return batcher.add(effect.share, this);
      case 'counted':
        metrics.shares.inc({ pool: poolId, result: effect.outcome });
        if (effect.outcome === 'accepted') return;
        this.#host.onReject(effect.outcome);
        if (effect.account !== undefined) batcher.tally(effect.account);
        return;
      case 'lease':
        return this.event({ kind: 'leased', lease: this.#host.lease(effect.sessionId) });
      case 'authorized':
        return this.#host.onWorker(effect.account);
      case 'transactions':
        return this.#fetchTransactions(effect.ticket, effect.jobKey);
      case 'fault':
        return metrics.faults.inc({ pool: poolId, reason: effect.reason });
      case 'close':
        metrics.closed.inc({ pool: poolId, reason: effect.reason });
        return this.end();
    }
  }

  #write(data: string | Buffer): void {
    if (this.#gone || !this.#socket.writable) return;
    this.#socket.write(data);
    if (this.#socket.writableLength <= MAX_SEND_QUEUE_BYTES) return;
    this.#host.metrics.closed.inc({ pool: this.#host.poolId, reason: 'slow-reader' });
    this.#socket.destroy();
  }

  #fetchTransactions(ticket: number, jobKey: number): void {
    this.#host.transactions(jobKey).then(
      (list) => this.event({ kind: 'transactions', ticket, list }),
      () => this.event({ kind: 'transactions', ticket, list: undefined }),
    );
  }

  #onClose(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.event({ kind: 'disconnected' });
    this.#host.onGone(this);
  }
}
