/** At most `maxInFlight` tasks at a time and `maxQueued` waiting, in order. */
export interface Limiter {
  /** Resolves with a release function; undefined when the queue is full or the signal aborted. */
  acquire(signal: AbortSignal): Promise<(() => void) | undefined>;
  readonly queued: number;
}

interface Waiter {
  readonly grant: () => void;
}

export const createLimiter = (limits: {
  readonly maxInFlight: number;
  readonly maxQueued: number;
}): Limiter => {
  let inFlight = 0;
  const waiting = new Set<Waiter>();

  const takeSlot = (): (() => void) => {
    inFlight++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      inFlight--;
      const [next] = waiting;
      if (next === undefined) return;
      waiting.delete(next);
      next.grant();
    };
  };

  return {
    acquire(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (inFlight < limits.maxInFlight) return Promise.resolve(takeSlot());
      if (waiting.size >= limits.maxQueued) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const onAbort = (): void => {
          waiting.delete(waiter);
          resolve(undefined);
        };
        const waiter: Waiter = {
          grant: () => {
            signal.removeEventListener('abort', onAbort);
            resolve(takeSlot());
          },
        };
        waiting.add(waiter);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    get queued() {
      return waiting.size;
    },
  };
};
