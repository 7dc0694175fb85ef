/** The orderly end: steps from the latest to the first, all of them, within a deadline. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@otedama/contracts';

export interface DrainStep {
  readonly what: string;
  readonly run: () => Promise<void>;
}

/**
 * Takes the steps from the end of the list; one may add others, which then come next. False when a step failed
 * or the time was up; what did not end in time is named in the log.
 */
export const drain = async (steps: DrainStep[], deadlineMs: number, logger: Logger): Promise<boolean> => {
  let current = '';
  let isClean = true;
  const all = async (): Promise<'done'> => {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const { what, run } = step;
      current = what;
      try {
        await run();
      } catch (error) {
        isClean = false;
        logger.error({ error, what }, 'a part did not stop in good order');
      }
    }
    return 'done';
  };
  const timer = new AbortController();
  const late = delay(deadlineMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
  const outcome = await Promise.race([all(), late]);
  timer.abort();
  if (outcome === 'done') return isClean;
  logger.error({ what: current, deadlineMs }, 'the drain took too long; ending without it');
  return false;
};
