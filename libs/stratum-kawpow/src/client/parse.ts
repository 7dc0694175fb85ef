/** What KawPow pools send, from unknown to typed. Undefined means unusable. */
import { parseHash32 } from '@otedama/stratum';
import { parseName, parseTarget } from '@otedama/stratum/client';

export interface KawpowJob {
  readonly jobId: string;
  readonly headerHash: Uint8Array;
  readonly height: number;
  /** Absent where the pool relies on mining.set_target. */
  readonly target: bigint | undefined;
  readonly clean: boolean;
}

const MAX_HEIGHT = 0xffff_ffff;

/** A number, or its hex with `0x`. */
const parseHeight = (value: unknown): number | undefined => {
  const height = typeof value === 'string' && /^0x[0-9a-f]{1,8}$/i.test(value) ? Number(value) : value;
  return typeof height === 'number' && Number.isInteger(height) && height >= 0 && height <= MAX_HEIGHT
    ? height
    : undefined;
};

/** Job, header hash, seed hash, target, clean, height, bits. Epoch and program follow from the height alone. */
export const parseNotify = (params: unknown): KawpowJob | undefined => {
  if (!Array.isArray(params)) return undefined;
  const [idValue, headerText, , targetText, clean, heightValue] = params as unknown[];
  const jobId = parseName(idValue);
  const headerHash = parseHash32(headerText);
  const height = parseHeight(heightValue);
  if (jobId === undefined || headerHash === undefined || height === undefined) return undefined;
  return { jobId, headerHash, height, target: parseTarget(targetText), clean: clean !== false };
};
