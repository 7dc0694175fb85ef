/**
 * The live jobs of one pool, in the native verifier and with their bodies. Bounded twice: the newest jobs on
 * the current tip, and for a while those on older tips, whose late blocks may still win.
 */
import type { MinersTemplate, TemplateVerdict } from '@otedama/contracts';
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
  /** A clean job makes all older ones stale. One that is here already is the newest from now on, and as it was. */
  add(job: Job, nowMs: number): void;
  /** Drops what has been stale for long enough. */
  expire(nowMs: number): void;
  /** The jobs of this moment; later changes do not touch the map. */
  snapshot(): ReadonlyMap<number, Job>;
  /** Judges a miner's template, and shares by it from then on. */
  adopt(template: Omit<MinersTemplate, 'poolId'>): TemplateVerdict;
  /** Undefined for a job that is here or was; else resolves when it comes, which may be never. */
  arrivalOf(jobKey: number): Promise<void> | undefined;
}

/** Keys of jobs that are gone, remembered so that nobody waits for them. */
const MAX_GONE = 256;
/** Jobs that are waited for: a peer cannot name one, the gateways know each job before its shares come. */
const MAX_AWAITED = 64;

const adopt = (
  verifier: ShareVerifier,
  job: Job | undefined,
  { jobKey, extraNonce, blob }: Omit<MinersTemplate, 'poolId'>,
): TemplateVerdict => {
  if (job === undefined) return { ok: false, stale: true, reason: 'its job is gone' };
  const adoption = job.adopt?.(extraNonce, blob) ?? { ok: false, reason: 'this pool takes none' };
  if (!adoption.ok) return { ok: false, stale: false, reason: adoption.reason };
  verifier.adoptTemplate(jobKey, Buffer.from(extraNonce), adoption.template);
  return { ok: true };
};

export const createJobStore = (verifier: ShareVerifier, limits: JobStoreLimits = JOB_LIMITS): JobStore => {
  let jobs: ReadonlyMap<number, Kept> = new Map();
  let view: ReadonlyMap<number, Job> = new Map();
  const gone = new Set<number>();
  const awaited = new Map<number, PromiseWithResolvers<void>>();

  const remove = (key: number): void => {
    verifier.removeJob(key);
    gone.add(key);
    const [oldest] = gone;
    if (gone.size > MAX_GONE && oldest !== undefined) gone.delete(oldest);
  };

  const replace = (next: ReadonlyMap<number, Kept>): void => {
    for (const key of jobs.keys()) if (!next.has(key)) remove(key);
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
      // Anew it would be without the templates that miners brought for it.
      if (!jobs.has(jobKey)) verifier.addJob(jobKey, job.verifierJob);
      // What fails here fails again with the first share that needs it, where somebody waits for an answer.
      for (const context of job.contexts) verifier.prepare(context).catch(() => undefined);
      const others = [...jobs].filter(([key]) => key !== jobKey);
      const older = others.map(([key, kept]): readonly [number, Kept] => [
        key,
        cleanJobs && kept.staleSinceMs === undefined ? { ...kept, staleSinceMs: nowMs } : kept,
      ]);
      replace(bounded([...older, [jobKey, { job, staleSinceMs: undefined }]]));
      gone.delete(jobKey);
      awaited.get(jobKey)?.resolve();
      awaited.delete(jobKey);
    },
    expire(nowMs) {
      const isOld = ({ staleSinceMs }: Kept): boolean =>
        staleSinceMs !== undefined && nowMs - staleSinceMs >= limits.staleForMs;
      if (![...jobs.values()].some(isOld)) return;
      replace(new Map([...jobs].filter(([, kept]) => !isOld(kept))));
    },
    snapshot: () => view,
    adopt: (template) => adopt(verifier, view.get(template.jobKey), template),
    arrivalOf(jobKey) {
      if (view.has(jobKey) || gone.has(jobKey)) return undefined;
      const known = awaited.get(jobKey);
      if (known !== undefined) return known.promise;
      const fresh = Promise.withResolvers<void>();
      awaited.set(jobKey, fresh);
      const [oldest] = awaited.keys();
      if (awaited.size > MAX_AWAITED && oldest !== undefined) awaited.delete(oldest);
      return fresh.promise;
    },
  };
};
