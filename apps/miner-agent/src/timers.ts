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

/** Again and again, the delay counted from the end of one run to the next. */
export const every = (timers: Timers, delayMs: number, fire: () => void): (() => void) => {
  let cancel = (): void => undefined;
  const schedule = (): void => {
    cancel = timers.after(delayMs, () => {
      schedule();
      fire();
    });
  };
  schedule();
  return () => cancel();
};
