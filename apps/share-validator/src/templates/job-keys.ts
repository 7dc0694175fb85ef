/**
 * Names of jobs, and the bytes that make each job's coinbase unlike every other. The counter starts at random,
 * so that a share of a job from before a restart meets no job of the same name; the process's own bytes keep
 * coinbases apart even where a key comes again.
 */
export interface JobKeys {
  next(): { readonly jobKey: number; readonly uniqueTag: Uint8Array };
}

const PROCESS_TAG_BYTES = 4;

export const createJobKeys = (randomBytes: (size: number) => Uint8Array): JobKeys => {
  const processTag = randomBytes(PROCESS_TAG_BYTES);
  let key = Buffer.from(randomBytes(4)).readUInt32LE();
  return {
    next() {
      key = (key + 1) >>> 0;
      const uniqueTag = Buffer.alloc(PROCESS_TAG_BYTES + 4);
      uniqueTag.set(processTag);
      uniqueTag.writeUInt32LE(key, PROCESS_TAG_BYTES);
      return { jobKey: key, uniqueTag };
    },
  };
};
