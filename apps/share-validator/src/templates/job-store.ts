/**
 * The live jobs of one pool, in the native verifier and with their bodies. Bounded twice: the newest jobs on
 * the current tip, and for a while those on older tips, whose late blocks may still win.
 */
import type { ShareVerifier } from '../shares/share-verifier.ts';
import type { Job } from './job.ts';

export interface JobStoreLimits {
  /** A refresh each half minute: ten minutes of one tip. */
  readonly maxCurrent: number;
  readonly maxStale: number;
  readonly staleForMs: number;
}

export const JOB_LIMITS: JobStoreLimits = { maxCurrent: 20, maxStale: 20, staleForMs: 60_000 };
/** With chains mined below, up to a job every two seconds comes on top: a minute of one tip at that pace. */
export const MERGED_JOB_LIMITS: JobStoreLimits = { ...JOB_LIMITS, maxCurrent: 32 };

interface Kept {
  readonly job: Job;
  /** Set when the tip changed. */
  readonly staleSinceMs: number | undefined;
}

export interface JobStore {
  /** A clean job makes all older ones stale. */
  add(job: Job, nowMs: number): void;
  /** Drops what has been stale for long enough. */
  expire(nowMs: number): void;
  /** The jobs of this moment; later changes do not touch the map. */
  snapshot(): ReadonlyMap<number, Job>;
}

export const createJobStore = (verifier: ShareVerifier, limits: JobStoreLimits = JOB_LIMITS): JobStore => {
  let jobs: ReadonlyMap<number, Kept> = new Map();
  let view: ReadonlyMap<number, Job> = new Map();

  const replace = (next: ReadonlyMap<number, Kept>): void => {
    for (const key of jobs.keys()) if (!next.has(key)) verifier.removeJob(key);
    jobs = next;
    view = new Map([...next].map(([key, { job }]) => [key, job]));
  };

  /** Entries are in order of age: the newest of each kind stay. */
  const bounded = (entries: readonly (readonly [number, Kept])[]): ReadonlyMap<number, Kept> => {
    const stale = entries.filter(([, { staleSinceMs }]) => staleSinceMs !== undefined);
    const current = entries.filter(([, { staleSinceMs }]) => staleSinceMs === undefined);
    return new Map([...stale.slice(-limits.maxStale), ...current.slice(-limits.maxCurrent)]);
  };

  return {
    add(job, nowMs) {
      const { jobKey, cleanJobs } = job.template;
      verifier.addJob(jobKey, job.verifierJob);
      // What fails here fails again with the first share that needs it, where somebody waits for an answer.
      for (const context of job.contexts) verifier.prepare(context).catch(() => undefined);
      const older = [...jobs].map(([key, kept]): readonly [number, Kept] => [
        key,
        cleanJobs && kept.staleSinceMs === undefined ? { ...kept, staleSinceMs: nowMs } : kept,
      ]);
      replace(bounded([...older, [jobKey, { job, staleSinceMs: undefined }]]));
    },
    expire(nowMs) {
      const isOld = ({ staleSinceMs }: Kept): boolean =>
        staleSinceMs !== undefined && nowMs - staleSinceMs >= limits.staleForMs;
      if (![...jobs.values()].some(isOld)) return;
      replace(new Map([...jobs].filter(([, kept]) => !isOld(kept))));
    },
    snapshot: () => view,
  };
};
