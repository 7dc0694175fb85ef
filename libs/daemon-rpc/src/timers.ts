/** One-shot timers, injected so that tests own time. Time itself is the `Clock` of the contracts. */
export interface Timers {
  /** Runs `fire` once after the delay; the returned function cancels it. */
  after(delayMs: number, fire: () => void): () => void;
}

export const systemTimers: Timers = {
  after: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after the delay, or at once when the signal aborts. */
export const pause = (timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = timers.after(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
  });

/** Doubling delay between `minMs` and `maxMs`, spread over its upper half so that daemons are not hit in step. */
export const backoffMs = (
  attempt: number,
  limits: { readonly minMs: number; readonly maxMs: number },
  random: () => number,
): number => {
  // 2^30 already is beyond any sensible maximum, and keeps the product finite.
  const full = Math.min(limits.maxMs, limits.minMs * 2 ** Math.min(attempt, 30));
  return Math.round(full / 2 + (full / 2) * random());
};
