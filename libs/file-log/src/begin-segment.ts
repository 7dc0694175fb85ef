/** Where a log goes on when the segment before is full, or given up. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { RECORDS_AT } from './format.ts';
import type { Reserve } from './reserve.ts';
import { SegmentWriter } from './segment-writer.ts';
import { type Segment, SYNCED } from './segments.ts';

export const beginSegment = async (
  reserve: Reserve,
  first: bigint,
): Promise<{ segment: Segment; writer: SegmentWriter }> => {
  const segment = await reserve.take(first);
  const handle = await open(segment.file, constants.O_WRONLY | SYNCED);
  const begin = { first, end: RECORDS_AT, lastPage: Buffer.alloc(0), segmentBytes: reserve.segmentBytes };
  return { segment, writer: new SegmentWriter(handle, begin) };
};
