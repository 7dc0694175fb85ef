/**
 * Sees the wall clock jump: its distance from the monotonic clock changes at once, not by the slow corrections
 * of a time daemon. Jobs, bans and windows of work are counted in wall time, so an operator has to know.
 */
import type { Clock, Logger } from '@otedama/contracts';
import type { Health } from '@otedama/observability';
import { Counter, type Registry } from 'prom-client';

export interface ClockCheckDeps {
  readonly health: Health;
  readonly registry: Registry;
  readonly logger: Logger;
  /** Wall and monotonic milliseconds. */
  readonly wallMs: Clock;
  readonly monotonicMs: () => number;
}

/** Time daemons step a clock by less than this only, or slew it. */
const JUMP_MS = 1_000;
/** How long a jump is shown as a state after it happened. */
const SHOWN_MS = 60_000;

export interface ClockCheck {
  /** To be called about once a second. */
  tick(): void;
}

interface Jump {
  readonly byMs: number;
  readonly atMonotonicMs: number;
  readonly at: string;
}

const inSeconds = (ms: number): string => `${ms < 0 ? '-' : '+'}${Math.abs(ms / 1_000).toFixed(1)} s`;

export const createClockCheck = (deps: ClockCheckDeps): ClockCheck => {
  const { health, registry, logger, wallMs, monotonicMs } = deps;
  const jumps = new Counter({
    name: 'otedama_host_clock_jumps_total',
    help: 'Times that the wall clock jumped by a second or more.',
    registers: [],
  });
  registry.registerMetric(jumps);
  let distanceMs = wallMs() - monotonicMs();
  let last: Jump | undefined;
  health.add('clock', () =>
    last === undefined || monotonicMs() - last.atMonotonicMs > SHOWN_MS
      ? { state: 'up' }
      : { state: 'degraded', reason: `the clock jumped by ${inSeconds(last.byMs)} to ${last.at}` },
  );
  return {
    tick() {
      const now = { wall: wallMs(), monotonic: monotonicMs() };
      const byMs = now.wall - now.monotonic - distanceMs;
      distanceMs += byMs;
      if (Math.abs(byMs) < JUMP_MS) return;
      last = { byMs, atMonotonicMs: now.monotonic, at: new Date(now.wall).toISOString() };
      jumps.inc();
      logger.warn({ jumpMs: Math.round(byMs) }, 'the wall clock jumped');
    },
  };
};
