/**
 * Validators of one pool among each other. One of them leads: it gives out the work. The others hold the same
 * daemons, are ready to lead at any moment, and judge shares of the leader's jobs, which they are told with
 * their bodies: any of them can complete a block.
 */
import type { Subscription } from '@otedama/contracts';

export interface Leadership {
  readonly isLeading: boolean;
  /** Called after each change. */
  onChange(listener: () => void): Subscription;
  /** Whether this process has work to give out. One that has none leads nobody, and passes an office it holds on. */
  stand(hasWork: boolean): void;
}

/** Delivery: at least once, in order, with the jobs of the last minutes first for who comes new. */
export interface JobExchange {
  publish(poolId: string, job: Buffer): void;
  subscribe(poolId: string, onJob: (job: Buffer) => void): Subscription;
}

export interface Fellows {
  readonly leadership: Leadership;
  readonly jobs: JobExchange;
}
