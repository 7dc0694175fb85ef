/** The jobs of one pool among its validators: gives out those of the leader, takes up those of another. */
import type { Clock, Logger, Subscription } from '@otedama/contracts';
import { buildJob } from '../families/build-job.ts';
import type { Family } from '../families/family.ts';
import type { JobOptions } from '../templates/job.ts';
import type { JobStore } from '../templates/job-store.ts';
import type { JobExchange } from './fellows.ts';
import { decodeShared, encodeSharedJob, encodeSharedTemplate, type SharedTemplate } from './shared-job.ts';

export interface JobSharingDeps {
  readonly jobs: JobExchange;
  readonly store: JobStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface JobSharing<Body> {
  start(): void;
  stop(): void;
  give(options: JobOptions<Body>): void;
  /** After its job. */
  giveTemplate(template: SharedTemplate): void;
  /** What the last job builds on that any validator gave out: display order. */
  lastPrevHash(): string | undefined;
}

export const createJobSharing = <Body>(
  { jobs, store, clock, logger }: JobSharingDeps,
  poolId: string,
  family: Pick<Family<Body>, 'buildJob' | 'condense' | 'tipOf'>,
): JobSharing<Body> => {
  let subscription: Subscription | undefined;
  let last: Body | undefined;
  let giving: Promise<void> = Promise.resolve();
  let taking: Promise<void> = Promise.resolve();

  const takeJob = (options: JobOptions<Body>): void => {
    const body = last === undefined ? options.body : family.condense(options.body, last);
    last = body;
    // The leader hears its own jobs as well, perhaps after older ones: which is the newest is for the log to say.
    const own = store.snapshot().get(options.jobKey);
    store.add(own ?? buildJob(family, { ...options, body }), clock());
    store.expire(clock());
  };

  const take = async (bytes: Buffer): Promise<void> => {
    const { options, template } = await decodeShared<Body>(bytes);
    if (options !== undefined) takeJob(options);
    // One of a job that is gone is refused, as it should be.
    if (template !== undefined) store.adopt(template);
  };

  const tell = (encoded: () => Promise<Buffer>): void => {
    giving = giving
      .then(async () => jobs.publish(poolId, await encoded()))
      .catch((error: unknown) =>
        logger.error({ poolId, error }, 'a job was not told to the other validators'),
      );
  };

  return {
    start() {
      subscription = jobs.subscribe(poolId, (bytes) => {
        taking = taking
          .then(() => take(bytes))
          // Its shares are judged by those who can read it.
          .catch((error: unknown) =>
            logger.error({ poolId, error }, 'a job of another validator was not taken up'),
          );
      });
    },
    stop: () => subscription?.unsubscribe(),
    give: (options) => tell(() => encodeSharedJob(options)),
    giveTemplate: ({ jobKey, extraNonce, blob }) =>
      tell(() => encodeSharedTemplate({ jobKey, extraNonce, blob })),
    lastPrevHash: () => last && family.tipOf(last).prevHash,
  };
};
