/**
 * The run: inputs of damaged recordings and of random bytes to sessions that live for a few of them or for
 * thousands, with the pool's own events in between. An input that leads somewhere new is kept and damaged
 * further, which is what finds the deeper states. The same seed makes the same run.
 */
import type { FuzzedCodec, FuzzedPool } from './codec.ts';
import { mutate, replaceValue } from './mutate.ts';
import { Peer } from './peer.ts';
import { Random } from './random.ts';

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Inputs kept from earlier runs. */
  readonly corpus: readonly Buffer[];
  /** Called now and then with the number of inputs so far. */
  readonly onProgress?: (inputs: number) => void;
}

export interface FuzzResult {
  readonly inputs: number;
  readonly bytes: number;
  readonly lines: number;
  readonly sessions: number;
  /** Different ways through the code that were seen. */
  readonly ways: number;
  /** Messages, effects and their reasons, as often as inputs led to them. */
  readonly seen: Readonly<Record<string, number>>;
  /** Inputs of this run that led somewhere new, oldest first. */
  readonly kept: readonly Buffer[];
  readonly failure?: FuzzFailure;
}

export interface FuzzFailure {
  readonly error: string;
  /** Number of the input that did it, from 0; the seed leads there again. */
  readonly at: number;
  readonly inputBase64: string;
}

const MAX_WAYS = 20_000;
const MAX_KEPT = 512;
const MAX_KEPT_BYTES = 1024;
const MAX_RANDOM_BYTES = 300;
const PROGRESS_INPUTS = 1 << 14;
/** Most sessions are short; one in sixteen lives long enough to fill what can be filled. */
const SHORT_LIFE = 40;
const LONG_LIFE = 6_000;

class FuzzRun {
  readonly #codec: FuzzedCodec;
  readonly #random: Random;
  readonly #pool: FuzzedPool;
  readonly #seeds: Buffer[];
  readonly #ways = new Set<string>();
  readonly kept: Buffer[] = [];
  readonly seen = new Map<string, number>();
  #peer: Peer;
  #left = 0;
  #nowMs = 1_700_000_000_000;
  sessions = 0;
  bytes = 0;
  #lines = 0;

  constructor(codec: FuzzedCodec, seed: number, corpus: readonly Buffer[]) {
    this.#codec = codec;
    this.#random = new Random(seed);
    this.#pool = codec.createPool();
    this.#pool.offer(1);
    this.#seeds = [...codec.lines.map((line) => Buffer.from(`${line}\n`)), ...corpus];
    this.#peer = this.#open();
  }

  get ways(): number {
    return this.#ways.size;
  }

  get lines(): number {
    return this.#lines + this.#peer.lines;
  }

  createInput(): Buffer {
    const random = this.#random;
    const seed = random.pick(this.#seeds);
    const kind = random.below(16);
    if (kind === 0) return random.bytes(1 + random.below(MAX_RANDOM_BYTES));
    // Garbage alone would end every session within ten lines: some inputs are whole, some merely untrue.
    if (kind < 6) return seed;
    const damage = kind < 11 ? replaceValue : mutate;
    const damaged = damage(seed, random, this.#codec.words, this.#seeds);
    // Without its end a line waits for the next; mostly that is not what is to be tried.
    return random.oneIn(8) ? damaged : Buffer.concat([damaged, Buffer.from('\n')]);
  }

  take(input: Buffer): void {
    if (this.#peer.isClosed || this.#left === 0) this.#peer = this.#open();
    this.#left -= 1;
    this.bytes += input.length;
    this.#peer.traces.clear();
    this.#peer.hear(input);
    this.#happen();
    this.#note(input);
  }

  /** Something of the pool's own, between two inputs. */
  #happen(): void {
    const random = this.#random;
    const peer = this.#peer;
    this.#nowMs += random.oneIn(50) ? random.below(40_000) : random.below(200);
    peer.nowMs = this.#nowMs;
    const kind = random.below(64);
    if (kind < 12) peer.judge();
    else if (kind < 16) peer.event({ kind: 'tick' });
    else if (kind < 20) peer.event(this.#pool.offer(random.next()));
    else if (kind === 20 && random.oneIn(8)) peer.event({ kind: 'work-stopped', reason: 'fuzz' });
    else if (kind === 21) peer.event({ kind: 'notice', text: 'a "notice"\n' });
    else if (kind === 22) peer.event({ kind: 'reconnect', target: undefined, waitSeconds: 1 });
  }

  #note(input: Buffer): void {
    const { traces } = this.#peer;
    for (const [what, count] of traces) this.seen.set(what, (this.seen.get(what) ?? 0) + count);
    const way = Array.from(traces.keys()).sort().join();
    if (this.#ways.has(way) || this.#ways.size >= MAX_WAYS) return;
    this.#ways.add(way);
    if (this.kept.length >= MAX_KEPT || input.length > MAX_KEPT_BYTES) return;
    const kept = Buffer.from(input);
    this.kept.push(kept);
    this.#seeds.push(kept);
  }

  #open(): Peer {
    const random = this.#random;
    if (this.sessions > 0) {
      this.#lines += this.#peer.lines;
      this.#peer.event({ kind: 'disconnected' });
    }
    this.sessions += 1;
    this.#left = 1 + random.below(random.oneIn(16) ? LONG_LIFE : SHORT_LIFE);
    const peer = new Peer(this.#pool, random, this.#nowMs);
    if (!random.oneIn(4)) {
      for (const line of random.pick(this.#codec.logins)) peer.hear(Buffer.from(`${line}\n`));
    }
    return peer;
  }
}

export const fuzz = (codec: FuzzedCodec, options: FuzzOptions): FuzzResult => {
  const run = new FuzzRun(codec, options.seed, options.corpus);
  let failure: FuzzFailure | undefined;
  let at = 0;
  for (; at < options.inputs; at++) {
    const input = run.createInput();
    try {
      run.take(input);
    } catch (error) {
      failure = { error: String((error as Error).stack), at, inputBase64: input.toString('base64') };
      break;
    }
    if (at % PROGRESS_INPUTS === 0) options.onProgress?.(at);
  }
  const { bytes, lines, sessions, ways, kept } = run;
  const seen = Object.fromEntries(Array.from(run.seen).sort());
  const result = { inputs: at, bytes, lines, sessions, ways, seen, kept };
  return failure === undefined ? result : { ...result, failure };
};
