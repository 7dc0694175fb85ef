/**
 * Ids of jobs on the wire: the template's key, then which of a session's jobs on that template it is. The same
 * template is given again under other terms, and a share names the terms by its job's id.
 */

/** A job id ends in two hex digits that number the terms it was given under. */
export const MAX_VARIANT = 0xff;

export interface JobId {
  readonly jobKey: number;
  readonly variant: number;
}

/** Lower-case hex: the template's key, then two digits for the variant. */
export const formatJobId = (jobKey: number, variant: number): string =>
  `${jobKey.toString(16)}${variant.toString(16).padStart(2, '0')}`;

/** A u32 and a byte in hex. */
const JOB_ID = /^([0-9a-f]{1,8})([0-9a-f]{2})$/i;

export const parseJobId = (text: unknown): JobId | undefined => {
  if (typeof text !== 'string') return undefined;
  const match = JOB_ID.exec(text);
  if (match === null) return undefined;
  return { jobKey: Number.parseInt(match[1] ?? '', 16), variant: Number.parseInt(match[2] ?? '', 16) };
};
