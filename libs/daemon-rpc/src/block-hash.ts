import { createHash } from 'node:crypto';

const HEADER_BYTES = 80;

/** Block id in display order: SHA256d of the header, for every coin of this family. */
export const blockHashOf = (blockHex: string): string => {
  const header = Buffer.from(blockHex.slice(0, HEADER_BYTES * 2), 'hex');
  const once = createHash('sha256').update(header).digest();
  const twice = createHash('sha256').update(once).digest();
  return Buffer.from(twice.toReversed()).toString('hex');
};
