/** A job in the way of its family, with what led to it: of that no family needs to know. */
import type { Job, JobOptions } from '../templates/job.ts';
import type { Family } from './family.ts';

export const buildJob = <Body>(family: Pick<Family<Body>, 'buildJob'>, options: JobOptions<Body>): Job => {
  const job = family.buildJob(options);
  return options.trace === undefined ? job : { ...job, trace: options.trace };
};
