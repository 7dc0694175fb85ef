/**
 * One connection under fuzz: bytes through the line decoder and the message decoder into a session, whose
 * effects are carried out as a gateway would, and checked. Anything wrong is thrown.
 */
import {
  type Effect,
  type Lease,
  LineDecoder,
  MAX_LINE_BYTES,
  MAX_PENDING_REPLIES,
  MAX_REMEMBERED_SHARES,
  MAX_WORKERS_PER_SESSION,
  type MinerSession,
  type ShareOutcome,
  decodeMessage,
} from '../../../libs/stratum/src/index.ts';
import { EXTRANONCE1, type Event, type FuzzedPool, SESSION_ID } from './codec.ts';
import type { Random } from './random.ts';

const OUTCOMES: readonly ShareOutcome[] = [
  'accepted',
  'accepted',
  'accepted',
  'low-difficulty',
  'unknown-job',
  'unverifiable',
];

/** Verdicts that a gateway has not answered yet. */
const MAX_OPEN = 64;

const check = (isTrue: boolean, what: string): void => {
  if (!isTrue) throw new Error(what);
};

/** Lines that were seen to be JSON; the same buffer goes to many sessions. */
const known = new WeakSet<Buffer>();

const checkSent = (data: string | Buffer): void => {
  if (typeof data !== 'string') {
    if (known.has(data)) return;
    known.add(data);
  }
  const lines = data.toString('utf8').split('\n');
  check(lines.pop() === '', 'a line without its end was sent');
  for (const line of lines) JSON.parse(line);
};

export class Peer {
  readonly session: MinerSession<unknown>;
  /** What came of the inputs since somebody cleared it, and how often: enough to tell one way through the code from another. */
  readonly traces = new Map<string, number>();
  readonly #pool: FuzzedPool;
  readonly #random: Random;
  readonly #decoder = new LineDecoder();
  readonly #open: number[] = [];
  nowMs: number;
  lines = 0;

  constructor(pool: FuzzedPool, random: Random, nowMs: number) {
    this.#pool = pool;
    this.#random = random;
    this.nowMs = nowMs;
    this.session = pool.open(nowMs);
  }

  get isClosed(): boolean {
    return this.session.core.closed;
  }

  /** As it comes from a socket: in one chunk, or in several. */
  hear(input: Buffer): void {
    const cut = this.#random.oneIn(4) ? this.#random.below(input.length + 1) : input.length;
    for (const chunk of [input.subarray(0, cut), input.subarray(cut)]) {
      this.#decoder.push(Buffer.from(chunk));
      this.#readLines();
    }
    this.#checkBounds(input.length);
  }

  event(event: Event): void {
    for (const effect of this.session.step(event, this.nowMs)) this.#perform(effect);
  }

  /** A verdict on one of the shares that are out, in any order. */
  judge(): void {
    const at = this.#random.below(Math.max(this.#open.length, 1));
    const [ticket] = this.#open.splice(at, 1);
    if (ticket === undefined) return;
    const outcome = this.#random.oneIn(500) ? 'undecided' : this.#random.pick(OUTCOMES);
    this.event({ kind: 'verdict', ticket, outcome });
  }

  #trace(what: string): void {
    this.traces.set(what, (this.traces.get(what) ?? 0) + 1);
  }

  #readLines(): void {
    while (!this.isClosed) {
      const next = this.#decoder.next();
      if (next.kind === 'need-more') return;
      this.lines += 1;
      if (next.kind === 'violation') {
        this.event(next);
        continue;
      }
      const message = decodeMessage(next.bytes);
      this.#trace(message.kind === 'invalid' ? message.fault : message.kind);
      this.event({ kind: 'message', message });
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.#trace('send');
        return checkSent(effect.data);
      case 'lease':
        this.#trace('lease');
        return this.event({ kind: 'leased', lease: this.#lease() });
      case 'submit':
        this.#trace('submit');
        this.#open.push(effect.share.ticket);
        if (this.#open.length > MAX_OPEN) this.judge();
        return;
      case 'transactions':
        this.#trace('transactions');
        return this.event({
          kind: 'transactions',
          ticket: effect.ticket,
          list: this.#random.oneIn(2) ? ['00'] : undefined,
        });
      case 'counted':
        this.#trace(`counted ${effect.outcome}`);
        return;
      case 'fault':
      case 'close':
        this.#trace(`${effect.kind} ${effect.reason}`);
        return;
      case 'authorized':
        this.#trace('authorized');
    }
  }

  #lease(): Lease {
    return {
      sessionId: SESSION_ID,
      extranonce1: Uint8Array.from(EXTRANONCE1).subarray(0, this.#pool.extranonce1Bytes),
    };
  }

  #checkBounds(inputBytes: number): void {
    const { accounts, replies, history } = this.session.core;
    check(this.#decoder.bufferedBytes <= MAX_LINE_BYTES + inputBytes, 'the decoder holds too much');
    check(accounts.size <= MAX_WORKERS_PER_SESSION, 'too many accounts');
    check(replies.awaited <= replies.size, 'too many pending shares');
    check(replies.size <= MAX_PENDING_REPLIES, 'too many replies');
    check(history.size <= MAX_REMEMBERED_SHARES, 'too many remembered shares');
  }
}
