/** What the fuzzer needs of a dialect; a further one is one more of these in `codecs.ts`. */
import type { Algorithm } from '../../../libs/chain-params/src/index.ts';
import {
  type CoreEnv,
  type Dialect,
  type MinerSession,
  type SessionEvent,
  ShareTargets,
  type TemplateHead,
} from '../../../libs/stratum/src/index.ts';

export type Event = SessionEvent<unknown>;

export interface FuzzedPool {
  readonly extranonce1Bytes: number;
  open(nowMs: number): MinerSession<unknown>;
  /** New work; `number` decides everything about it. */
  offer(number: number): Event;
}

export interface FuzzedCodec {
  readonly name: string;
  /** Whole lines of miners: recorded, and some that fit this pool. */
  readonly lines: readonly string[];
  /** What miners say to get work from this pool, a list for each way that there is. */
  readonly logins: readonly (readonly string[])[];
  /** Values worth trying in the place of others. */
  readonly words: readonly string[];
  createPool(): FuzzedPool;
}

/** The lease of every session, so that lines can be written that fit it. */
export const SESSION_ID = 'cafebabe';
export const EXTRANONCE1 = [0xa0, 0x01, 0x02, 0x03] as const;

/** Templates of so few keys that jobs are replaced, given again and missed. */
export const KEYS = 4;
export const keyOf = (number: number): number => 0x10 + (number % KEYS);
export const isClean = (number: number): boolean => number % 5 === 0;

/** Difficulty moves, addresses are anything that is not too short. */
export const fuzzEnv = (algorithm: Algorithm): CoreEnv => ({
  targets: new ShareTargets(algorithm),
  vardiff: {
    initialDifficulty: 1024,
    minimumDifficulty: 0.001,
    maximumDifficulty: 1e12,
    targetShareIntervalMs: 5000,
    retargetIntervalMs: 30_000,
  },
  ceilingByNetwork: true,
  parseAddress: (text) =>
    text.length > 4 ? { ok: true, canonical: text } : { ok: false, reason: 'too short' },
  refusesWorker: () => undefined,
  serverVersion: 'fuzz',
  handshakeTimeoutMs: 30_000,
  idleTimeoutMs: 600_000,
});

/** `template` makes the template of a number. */
export const poolOf = <Template extends TemplateHead, Work>(
  dialect: Dialect<Template, Work>,
  template: (number: number) => Template,
): FuzzedPool => ({
  extranonce1Bytes: dialect.extranonce1Bytes,
  open: (nowMs) => dialect.open(nowMs),
  offer: (number) => ({ kind: 'work', work: dialect.book.add(template(number)) }),
});

/** `line` of so many numbers. */
export const times = (count: number, line: (index: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, index) => line(index));

export const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
