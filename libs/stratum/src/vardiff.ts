/**
 * Variable difficulty: keeps a session near one share per target interval, whatever hashes behind it. No
 * clock inside. The rate is judged by the difficulty that shares really had (jobs given under the old
 * difficulty count as what they are), and a change needs evidence: the distance from the wanted count has
 * to exceed both a dead band and 2.5 standard deviations of a Poisson process. So a steady miner is left
 * alone, and a huge one is caught within its first shares.
 *
 * A suggested difficulty widens the dead band eightfold: it is honoured in both directions for as long as
 * the rate of shares stays bearable. A minimum of the miner's own is never undercut.
 */

export interface VardiffOptions {
  readonly initialDifficulty: number;
  readonly minimumDifficulty: number;
  readonly maximumDifficulty: number;
  readonly targetShareIntervalMs: number;
  /** Ordinary changes keep this distance; only a flood is answered at once. */
  readonly retargetIntervalMs: number;
}

/** Owned by one session; only the functions below write to it. */
export interface Vardiff {
  readonly options: VardiffOptions;
  difficulty: number;
  /** The miner's own minimum; 0 for none. */
  floor: number;
  /** Above the network's difficulty a miner would throw blocks away. */
  ceiling: number;
  band: number;
  windowStartMs: number;
  /** Shares of the window, and the sum of their difficulties. */
  shares: number;
  work: number;
}

const BAND = 1.5;
const BAND_IF_SUGGESTED = 8;
const SIGMAS = 2.5;
/** Fewer shares than this can be one delayed packet. */
const SHARES_TO_RAISE = 8;
/** So far above the wanted count that waiting for the retarget interval would be a flood. */
const FLOOD = 4;
/** One step at most, up or down: a stalled link that empties at once must not throw a miner off. */
const MAX_STEP = 16;
/** Without any share the rate is unknown; the chance of 6 intervals of silence by accident is 1 in 400. */
const SILENT_INTERVALS = 6;
const SILENT_STEP = 4;
const FAULTY_STEP = 4;
/** The window forgets its older half at this many intervals, so that it follows a miner that changes. */
const WINDOW_INTERVALS = 64;

/** Whole numbers where that costs no precision: they survive firmware that reads integers only. */
const round = (difficulty: number): number =>
  difficulty >= 16 ? Math.round(difficulty) : Number(difficulty.toPrecision(4));

/** The same for a bound: never above it. */
const roundDown = (difficulty: number): number => (difficulty >= 16 ? Math.floor(difficulty) : difficulty);

const lowest = ({ options, floor }: Vardiff): number =>
  Math.min(Math.max(options.minimumDifficulty, floor), options.maximumDifficulty);

const clamp = (vardiff: Vardiff, difficulty: number): number => {
  const least = lowest(vardiff);
  const most = Math.max(roundDown(Math.min(vardiff.options.maximumDifficulty, vardiff.ceiling)), least);
  return Math.min(Math.max(round(difficulty), least), most);
};

/** For the moment when a miner gets work at all: time without work is no evidence. */
export const startWindow = (vardiff: Vardiff, nowMs: number): void => {
  vardiff.windowStartMs = nowMs;
  vardiff.shares = 0;
  vardiff.work = 0;
};

/** True when the difficulty is another one now; the window starts over then. */
const change = (vardiff: Vardiff, difficulty: number, nowMs: number): boolean => {
  const next = clamp(vardiff, difficulty);
  if (next === vardiff.difficulty) return false;
  vardiff.difficulty = next;
  startWindow(vardiff, nowMs);
  return true;
};

export const createVardiff = (options: VardiffOptions, nowMs: number): Vardiff => {
  const vardiff: Vardiff = {
    options,
    difficulty: options.initialDifficulty,
    floor: 0,
    ceiling: Number.POSITIVE_INFINITY,
    band: BAND,
    windowStartMs: nowMs,
    shares: 0,
    work: 0,
  };
  vardiff.difficulty = clamp(vardiff, options.initialDifficulty);
  return vardiff;
};

/** Intervals since the window began; never 0, a burst can arrive within one millisecond. */
const elapsedIntervals = (vardiff: Vardiff, nowMs: number): number =>
  Math.max(nowMs - vardiff.windowStartMs, 1) / vardiff.options.targetShareIntervalMs;

const forgetOlderHalf = (vardiff: Vardiff, nowMs: number): void => {
  vardiff.windowStartMs = nowMs - (nowMs - vardiff.windowStartMs) / 2;
  vardiff.shares /= 2;
  vardiff.work /= 2;
};

/** The difficulty that the evidence asks for; undefined while it asks for none. */
const wanted = (vardiff: Vardiff, nowMs: number): number | undefined => {
  const expected = elapsedIntervals(vardiff, nowMs);
  const { band, difficulty } = vardiff;
  const seen = vardiff.work / difficulty;
  const waited = nowMs - vardiff.windowStartMs >= vardiff.options.retargetIntervalMs;
  const high = expected * band + SIGMAS * Math.sqrt(expected * band) + 1;
  if (vardiff.shares >= SHARES_TO_RAISE && seen > high && (waited || seen > FLOOD * high)) {
    return difficulty * Math.min(seen / expected, MAX_STEP);
  }
  if (!waited) return undefined;
  if (vardiff.shares === 0) {
    return expected >= (SILENT_INTERVALS * band) / BAND ? difficulty / SILENT_STEP : undefined;
  }
  const low = expected / band - SIGMAS * Math.sqrt(expected / band);
  return seen < low ? difficulty * Math.max(seen / expected, 1 / MAX_STEP) : undefined;
};

const judge = (vardiff: Vardiff, nowMs: number): boolean => {
  const difficulty = wanted(vardiff, nowMs);
  if (difficulty !== undefined && change(vardiff, difficulty, nowMs)) return true;
  if (elapsedIntervals(vardiff, nowMs) > WINDOW_INTERVALS) forgetOlderHalf(vardiff, nowMs);
  return false;
};

/** An accepted share, at the difficulty of its job. True when the session's difficulty changed. */
export const recordShare = (vardiff: Vardiff, shareDifficulty: number, nowMs: number): boolean => {
  vardiff.shares += 1;
  vardiff.work += shareDifficulty;
  return judge(vardiff, nowMs);
};

/** Called now and then for sessions that say nothing. True when the session's difficulty changed. */
export const recordSilence = (vardiff: Vardiff, nowMs: number): boolean => judge(vardiff, nowMs);

/** The miner's wish, up or down; kept within the limits of the pool. */
export const suggestDifficulty = (vardiff: Vardiff, difficulty: number, nowMs: number): boolean => {
  vardiff.band = BAND_IF_SUGGESTED;
  return change(vardiff, difficulty, nowMs);
};

/** Of a session whose shares are mostly no good. */
export const raiseDifficulty = (vardiff: Vardiff, nowMs: number): boolean =>
  change(vardiff, vardiff.difficulty * FAULTY_STEP, nowMs);

/** Start here, with no further wish; also for a session that comes back. */
export const startDifficulty = (vardiff: Vardiff, difficulty: number, nowMs: number): boolean =>
  change(vardiff, difficulty, nowMs);

/** A minimum of the miner's own; 0 takes it back. */
export const setFloor = (vardiff: Vardiff, floor: number, nowMs: number): boolean => {
  vardiff.floor = floor;
  return change(vardiff, vardiff.difficulty, nowMs);
};

/** A difficulty below it stays exactly what it is. */
export const setCeiling = (vardiff: Vardiff, ceiling: number, nowMs: number): boolean => {
  vardiff.ceiling = ceiling;
  return vardiff.difficulty > ceiling && change(vardiff, vardiff.difficulty, nowMs);
};
