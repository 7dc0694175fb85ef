/**
 * One miner's connection: bytes in, events to its session, effects out. Knows the protocol only through the pure
 * session, and money not at all.
 */
import type { DefenceConfig } from '@otedama/config';
import type { Clock, Logger, MinersTemplate, TemplateVerdict } from '@otedama/contracts';
import type { Guest } from '@otedama/edge';
import type { Ban } from '@otedama/shared-state';
import type { PeerListener, PeerSocket } from '@otedama/sockets';
import {
  type Account,
  type Effect,
  LineDecoder,
  type ShareOutcome,
  type ShareReject,
  type TemplateOutcome,
  decodeMessage,
  isUnproven,
  rejects,
} from '@otedama/stratum';
import { type Peer, banWord } from './defence/ban-hits.ts';
import type { Heap, PeerMemory } from './defence/peer-memory.ts';
import { SlowPeer } from './defence/slow-peer.ts';
import type { Standing } from './defence/standing.ts';
import type { CommonWork, HostedEvent, HostedSession } from './dialects.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Outbox, Sender } from './outbox.ts';
import type { ReadingQueue } from './reading-queue.ts';
import type { Submitter } from './share-batcher.ts';
import type { PoolShares } from './share-counts.ts';
import type { ShareLanes } from './share-lanes.ts';

/** What a connection needs of its pool. */
export interface ConnectionHost {
  readonly poolId: string;
  readonly open: (nowMs: number) => HostedSession;
  readonly lanes: ShareLanes;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly shares: PoolShares;
  readonly memory: PeerMemory;
  readonly defence: Pick<DefenceConfig, 'lineTimeMs' | 'sendTimeMs'>;
  readonly limits: GatewayLimits;
  readonly outbox: Outbox;
  readonly readingQueue: ReadingQueue;
  /** Undefined for who is never banned for its shares. */
  readonly standingOf: (guest: Guest) => Standing | undefined;
  /** To be answered with the event `leased`, or by `refuse`. */
  readonly lease: (connection: Connection, sessionId: string | undefined) => void;
  /** Logged in, or given another difficulty. */
  readonly onChange: (connection: Connection) => void;
  readonly transactions: (jobKey: number) => Promise<readonly string[]>;
  readonly adopt: (template: Omit<MinersTemplate, 'poolId'>) => Promise<TemplateVerdict>;
  /** A template could not be judged. */
  readonly onUnjudged: (error: unknown) => void;
  readonly onWorker: (account: Account) => void;
  readonly onPayoutWish: (account: Account, minimum: string) => void;
  readonly onReject: (reason: string) => void;
  /** It waits for room for shares; somebody has to call `resume`. */
  readonly onHeldUp: (connection: Connection) => void;
  readonly onGone: (connection: Connection) => void;
}

const templateOutcome = (verdict: TemplateVerdict): TemplateOutcome =>
  verdict.ok ? { kind: 'adopted' } : { kind: verdict.stale ? 'stale' : 'refused', detail: verdict.reason };

export class Connection implements PeerListener, Submitter, Sender, Heap, Peer {
  readonly session: HostedSession;
  readonly guest: Guest;
  readonly #peer: PeerSocket;
  readonly #host: ConnectionHost;
  readonly #decoder = new LineDecoder();
  readonly #slowness: SlowPeer;
  readonly #standing: Standing | undefined;
  /** Of what it has waiting here, as the others were told of it. */
  #heapBytes = 0;
  /** It is looked at again then, because it said too much. */
  #pause: NodeJS.Timeout | undefined;
  #gone = false;
  #paused = false;
  /** What the peer says from now on is read and thrown away, so that its goodbye is still seen. */
  #deaf = false;
  #ignoredBytes = 0;
  /** To be sent elsewhere as soon as it has been answered. */
  #leaving = false;
  /** Goes out when the turn of the event loop is over, in one write. */
  #unsent: (string | Buffer)[] = [];
  /** As the session was after its last step. */
  #follows = false;
  /** The work that it was sent since then. */
  #followed: unknown;
  /** The difficulty that others were told of. */
  #knownDifficulty: number | undefined;

  constructor(peer: PeerSocket, guest: Guest, host: ConnectionHost) {
    this.#peer = peer;
    this.guest = guest;
    this.#host = host;
    this.#slowness = new SlowPeer(peer, host.defence);
    this.session = host.open(host.clock());
    this.#standing = host.standingOf(guest);
  }

  /** `unread`: what the peer has said already. */
  begin(unread: Buffer): void {
    this.#peer.listen(this);
    if (unread.length > 0) this.onData(unread);
    if (!this.#paused) this.#peer.resume();
  }

  onData(bytes: Buffer): void {
    if (this.#deaf) return this.#ignore(bytes.length);
    this.guest.heard(bytes.length, this.#host.monotonicMs());
    this.#decoder.push(bytes);
    this.#readLines();
    // The memory is that of all peers.
    return this.#decoder.release();
  }

  get isGone(): boolean {
    return this.#gone;
  }

  event(event: HostedEvent): void {
    const nowMs = this.#host.clock();
    if (this.#followed !== undefined) this.session.catchUp?.(this.#followed, nowMs);
    this.#followed = undefined;
    const effects = this.session.step(event, nowMs);
    this.#follows = this.session.core.follows;
    this.#apply(effects);
    this.#tellChange();
    if (this.#leaving) this.#leaveIfAnswered();
    // Not only verdicts let replies go: a first template answers a subscribe that much may wait behind.
    if (this.#paused && this.session.core.replies.size <= this.#host.limits.resumeReplies) this.resume();
  }

  /** Stages new work for a session that needs its line and nothing else. False: it has to be told by the event. */
  follow({ parts, work }: CommonWork): boolean {
    if (!this.#follows || this.#gone || this.#deaf || this.#unsent.length > 0) return false;
    this.#followed = work;
    if (this.#peer.isWritable) this.#peer.stage(parts);
    return true;
  }

  settle(ticket: number, outcome: ShareOutcome): void {
    this.#standing?.onVerdict(outcome);
    this.event({ kind: 'verdict', ticket, outcome });
    if (this.#gone) this.#leaveStanding();
  }

  /** There may be room for shares again. */
  resume(): void {
    if (!this.#paused || this.#deaf || this.#gone) return;
    this.#paused = false;
    this.#readLines();
    if (!this.#paused) this.#peer.resume();
  }

  /** Takes no more from the peer; what it is owed still goes out. */
  stopReading(): void {
    this.#deaf = true;
    this.#peer.resume();
  }

  /** Who has so much to say does not say goodbye. What it is owed before it is moved on still goes out. */
  #ignore(bytes: number): void {
    this.#ignoredBytes += bytes;
    if (this.#ignoredBytes <= this.#host.limits.maxIgnoredBytes) return;
    if (this.#peer.isWritable) this.#peer.pause();
    else this.#peer.destroy();
  }

  /** The miner is to go on at another gateway: it is told so where its protocol can, and sent away in any case. */
  moveOn(): void {
    if (this.#gone || this.session.core.closed) return;
    this.stopReading();
    this.#leaving = true;
    this.#leaveIfAnswered();
  }

  /** What is written goes out first, within a moment. */
  end(): void {
    this.stopReading();
    this.flush();
    this.#peer.end();
    setTimeout(() => this.#peer.destroy(), this.#host.limits.byeMs).unref();
  }

  /** At once, whatever waits. */
  hangUp(): void {
    this.#peer.destroy();
  }

  /** Sends the miner away with a word to its owner. */
  refuse(reason: string, text: string): void {
    if (this.#gone || this.session.core.closed) return;
    this.event({ kind: 'notice', text });
    this.#host.metrics.closed.inc({ pool: this.#host.poolId, reason });
    this.end();
  }

  /** It is kept out from now on, and told why in the words of its dialect. */
  expel(ban: Ban): void {
    if (this.#gone || this.session.core.closed) return;
    const word = banWord(ban);
    const { wording } = this.session.core;
    this.#write(wording.notice(rejects[word].text) ?? wording.refused('null', word));
    this.#host.metrics.closed.inc({ pool: this.#host.poolId, reason: word });
    this.end();
  }

  /** The miner goes on with this session on another connection: what it has here is dead, even if nobody noticed. */
  supersede(): void {
    this.#host.metrics.closed.inc({ pool: this.#host.poolId, reason: 'superseded' });
    this.hangUp();
    this.onClose();
  }

  /** Whatever there is leaves together, by the next commit of the outbox. */
  flush(): void {
    const unsent = this.#unsent;
    if (unsent.length === 0) return;
    this.#unsent = [];
    if (!this.#gone && this.#peer.isWritable) this.#peer.stage(unsent);
  }

  onQueueChange(): void {
    if (this.#peer.queuedBytes > this.#host.limits.maxSendQueueBytes) this.#cut('slow-reader');
    else this.#tellHeap();
  }

  onClose(error?: Error): void {
    if (this.#gone) return;
    this.#gone = true;
    if (error !== undefined) this.#logBroken(error);
    clearTimeout(this.#pause);
    this.#host.readingQueue.remove(this);
    this.guest.leave();
    this.#host.memory.forget(this);
    this.event({ kind: 'disconnected' });
    this.#leaveStanding();
    this.#host.onGone(this);
  }

  /** To be called now and then: whoever neither takes nor gives what it began to has to go. */
  watch(nowMs: number): void {
    if (this.#gone) return;
    this.#tellHeap();
    // A line that is not read is not late.
    const isLate = !this.#paused && this.#slowness.isLate(this.#decoder.bufferedBytes, nowMs);
    if (isLate) this.refuse('slow-sender', 'Disconnected: the line was not complete in time');
    else if (this.#slowness.isStuck(nowMs)) this.#cut('slow-reader');
  }

  get poolId(): string {
    return this.#host.poolId;
  }

  get address(): string {
    return this.guest.address;
  }

  get network(): string | undefined {
    return this.#standing?.network;
  }

  get accounts(): Iterable<Account> {
    return this.session.core.accounts.values();
  }

  get hasWorked(): boolean {
    return this.guest.stage === 'proven';
  }

  measure(): number {
    this.#heapBytes = this.#gone ? 0 : this.#decoder.bufferedBytes + this.#peer.queuedBytes;
    return this.#heapBytes;
  }

  drop(): void {
    this.#cut('memory');
  }

  #logBroken({ message }: Error): void {
    const { logger, poolId } = this.#host;
    const { sessionId } = this.session.core.lease ?? {};
    logger.debug({ poolId, sessionId, error: message }, 'socket error');
  }

  #readLines(): void {
    this.#readOn();
    this.#tellHeap();
  }

  #readOn(): void {
    for (let lines = 0; !this.session.core.closed && !this.#deaf; lines++) {
      if (this.#mustWait(lines)) {
        this.#paused = true;
        this.#peer.pause();
        return;
      }
      const decoded = this.#decoder.next();
      if (decoded.kind === 'need-more') return;
      this.guest.took();
      this.#slowness.onLine();
      if (decoded.kind === 'line') this.event({ kind: 'message', message: decodeMessage(decoded.bytes) });
      else this.event({ kind: 'violation', violation: decoded.violation });
    }
  }

  /** Nearly always there is nothing, and nothing to be told. */
  #tellHeap(): void {
    const before = this.#heapBytes;
    const bytes = this.measure();
    if (bytes !== before) this.#host.memory.tell(this, bytes);
  }

  #cut(reason: string): void {
    this.#host.metrics.closed.inc({ pool: this.#host.poolId, reason });
    this.#peer.destroy();
  }

  #mustWait(lines: number): boolean {
    const { limits, readingQueue } = this.#host;
    if (this.session.core.replies.size >= limits.maxUnanswered) return true;
    if (lines >= limits.maxLinesATurn && this.#decoder.bufferedBytes > 0) {
      readingQueue.add(this);
      return true;
    }
    if (this.guest.isSpent) {
      this.#slowDown();
      return true;
    }
    const verifyMs = this.#standing?.verificationWaitMs(this.#host.monotonicMs) ?? 0;
    // Whoever has not logged in has nothing to be verified, and others of its address may have used up all.
    if (verifyMs > 0 && this.session.core.accounts.size > 0) {
      this.#lookAgainIn(verifyMs);
      return true;
    }
    if (!this.#host.lanes.isSaturated(isUnproven(this.session.core))) return false;
    this.#host.onHeldUp(this);
    return true;
  }

  #slowDown(): void {
    if (this.#pause !== undefined) return;
    const { metrics, monotonicMs, poolId } = this.#host;
    metrics.slowed.inc({ pool: poolId });
    this.#lookAgainIn(this.guest.waitMs(monotonicMs()));
  }

  #lookAgainIn(waitMs: number): void {
    const { limits, monotonicMs } = this.#host;
    this.#pause ??= setTimeout(
      () => {
        this.#pause = undefined;
        // Its budget is filled up by the clock, whatever it says meanwhile.
        this.guest.waitMs(monotonicMs());
        this.resume();
      },
      Math.max(waitMs, limits.minPauseMs),
    );
  }

  #apply(effects: readonly Effect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    const { poolId, metrics, lanes } = this.#host;
    switch (effect.kind) {
      case 'send':
        return this.#write(effect.data);
      case 'submit':
        this.#standing?.onSubmit();
        return lanes.add(effect.share, this);
      case 'counted':
        this.#host.shares.add(effect.outcome);
        return effect.outcome === 'accepted'
          ? this.#earn(effect.account)
          : this.#charge(effect.outcome, effect.account);
      case 'lease':
        return this.#host.lease(this, effect.sessionId);
      case 'authorized':
        this.guest.addWorker(effect.account.address, this.#host.monotonicMs());
        this.#standing?.login(effect.account);
        return this.#host.onWorker(effect.account);
      case 'payout-wish':
        return this.#host.onPayoutWish(effect.account, effect.minimum);
      case 'transactions':
        return this.#fetchTransactions(effect.ticket, effect.jobKey);
      case 'adopt':
        return this.#adopt(effect);
      case 'line-limit':
        return this.#decoder.limitLines(effect.bytes);
      case 'fault':
        return metrics.faults.inc({ pool: poolId, reason: effect.reason });
      case 'close':
        metrics.closed.inc({ pool: poolId, reason: effect.reason });
        return this.end();
    }
  }

  #earn(account: Account | undefined): void {
    this.guest.earn();
    this.#standing?.earn(account);
  }

  #charge(reason: ShareReject, account: Account | undefined): void {
    this.#host.onReject(reason);
    if (account !== undefined) this.#host.lanes.tally(account);
    this.#standing?.charge(account, reason);
  }

  /** What it sent counts for it, also when it did not wait for the verdict. */
  #leaveStanding(): void {
    if (this.session.core.replies.awaited === 0) this.#standing?.leave();
  }

  #write(data: string | Buffer): void {
    if (this.#gone || !this.#peer.isWritable) return;
    this.#unsent.push(data);
    this.#host.outbox.add(this);
  }

  #leaveIfAnswered(): void {
    if (this.session.core.replies.size > 0) return;
    this.#leaving = false;
    this.#host.metrics.closed.inc({ pool: this.#host.poolId, reason: 'moved' });
    this.event({ kind: 'reconnect', target: undefined, waitSeconds: 0 });
    this.end();
  }

  #tellChange(): void {
    const { vardiff, accounts, lease } = this.session.core;
    if (this.#knownDifficulty === vardiff.difficulty || accounts.size === 0 || lease === undefined) return;
    this.#knownDifficulty = vardiff.difficulty;
    this.#host.onChange(this);
  }

  #fetchTransactions(ticket: number, jobKey: number): void {
    this.#host.transactions(jobKey).then(
      (list) => this.event({ kind: 'transactions', ticket, list }),
      () => this.event({ kind: 'transactions', ticket, list: undefined }),
    );
  }

  #adopt({ ticket, jobKey, extraNonce, blob }: Extract<Effect, { kind: 'adopt' }>): void {
    const { adopt, onUnjudged } = this.#host;
    adopt({ jobKey, extraNonce, blob }).then(
      (verdict) => this.event({ kind: 'template-judged', ticket, outcome: templateOutcome(verdict) }),
      (error: unknown) => {
        onUnjudged(error);
        this.event({ kind: 'template-judged', ticket, outcome: { kind: 'unchecked' } });
      },
    );
  }
}
