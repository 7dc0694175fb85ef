/**
 * What a family of coins does in its own way between its daemon and its jobs. Everything else here (which tip
 * to follow, when to refresh, which jobs live, how a block travels) is the same for all.
 */
import type { PoolTemplate } from '@otedama/contracts';
import type { Job, JobOptions } from '../templates/job.ts';
import type { OfferedTip } from '../templates/choice.ts';

export type ParsedBody<Body> =
  | { readonly ok: true; readonly template: Body }
  | { readonly ok: false; readonly reason: string };

/**
 * Work on a new tip before the daemon has a template for it: an empty block, for chains whose rules allow to
 * say what it must be.
 */
export interface EarlyWork<Body> {
  /** Undefined where it cannot be said. */
  next(previous: Body, tipHeader: Uint8Array, nowSeconds: number): Body | undefined;
  /** The daemon's own template shows that the early one was wrong. */
  isDisproved(early: Body, full: Body): boolean;
  /** Display order. */
  hashOf(header: Uint8Array): string;
  /** The header that begins a submission. */
  headerOf(submission: string): Uint8Array;
}

export interface Family<Body, Template extends PoolTemplate = PoolTemplate> {
  /** Of a daemon's reply to getBlockTemplate. */
  parse(value: unknown): ParsedBody<Body>;
  tipOf(body: Body): OfferedTip;
  /** Miners who have the first gain nothing by the second. */
  isSame(a: Body, b: Body): boolean;
  /** The new one, sharing memory with its predecessor where they are equal. */
  condense(body: Body, previous: Body): Body;
  buildJob(options: JobOptions<Body>): Job<Template>;
  readonly early: EarlyWork<Body> | undefined;
}
