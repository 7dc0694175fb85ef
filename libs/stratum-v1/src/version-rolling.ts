/**
 * BIP310 version rolling. The header's version is (job & ~mask) | (bits & mask); XOR and OR, as some pools
 * do it, are wrong as soon as the job has bits inside the mask.
 */

/** Undefined when a bit outside the mask is set. */
export const rollVersion = (jobVersion: number, mask: number, bits: number): number | undefined =>
  (bits & ~mask) === 0 ? ((jobVersion & ~mask) | bits) >>> 0 : undefined;

/** What both sides can roll. */
export const grantMask = (poolMask: number, minerMask: number): number => (poolMask & minerMask) >>> 0;
