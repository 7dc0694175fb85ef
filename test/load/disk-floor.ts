/**
 * The least that an answer can take which waits for the disk: a block of the size of a small batch written at the end
 * of a file and synced, one after the other, as a log does it.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 8_192;

export interface DiskFloor {
  readonly syncs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

export const measureDisk = (folder: string, seconds: number): DiskFloor => {
  const file = openSync(join(folder, 'disk-floor'), 'w');
  const block = Buffer.alloc(BLOCK_BYTES, 1);
  const took: number[] = [];
  const endMs = performance.now() + 1_000 * seconds;
  for (let nowMs = performance.now(); nowMs < endMs;) {
    writeSync(file, block);
    fdatasyncSync(file);
    const afterMs = performance.now();
    took.push(afterMs - nowMs);
    nowMs = afterMs;
  }
  closeSync(file);
  took.sort((a, b) => a - b);
  const at = (part: number): number => Number((took[Math.floor(part * took.length)] ?? 0).toFixed(3));
  return { syncs: took.length, p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999) };
};
