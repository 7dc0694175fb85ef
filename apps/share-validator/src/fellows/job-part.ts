/**
 * A job in parts that fit into a message of the bus.
 *
 * Layout: u8 version · u8 length, pool id in ASCII · [16] id of the job's copy · u16 LE index · u16 LE count · bytes
 */
export const PART_BYTES = 512 * 1024;
/** 64 MiB: what a decoded job may have (shared-job.ts), before it was compressed. */
export const MAX_PARTS = 128;
export const COPY_ID_BYTES = 16;

const VERSION = 1;

export interface JobPart {
  readonly poolId: string;
  /** Hex. */
  readonly copyId: string;
  readonly index: number;
  readonly count: number;
  readonly bytes: Buffer;
}

/** Every part of a job, in order; `copyId` is nobody else's. */
export const splitJob = (poolId: string, copyId: Uint8Array, job: Buffer): readonly Buffer[] => {
  const pool = Buffer.from(poolId, 'ascii');
  const count = Math.max(1, Math.ceil(job.length / PART_BYTES));
  if (count > MAX_PARTS) throw new RangeError(`a job of ${job.length} bytes`);
  return Array.from({ length: count }, (_, index) => {
    const numbers = Buffer.alloc(4);
    numbers.writeUInt16LE(index);
    numbers.writeUInt16LE(count, 2);
    const bytes = job.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
    return Buffer.concat([Buffer.of(VERSION, pool.length), pool, copyId, numbers, bytes]);
  });
};

/** Undefined for what is no part of this version. */
export const readPart = (entry: Buffer): JobPart | undefined => {
  const poolLength = entry[1] ?? 0;
  const idAt = 2 + poolLength;
  const numbersAt = idAt + COPY_ID_BYTES;
  if (entry[0] !== VERSION || entry.length < numbersAt + 4) return undefined;
  const [index, count] = [entry.readUInt16LE(numbersAt), entry.readUInt16LE(numbersAt + 2)];
  if (index >= count || count > MAX_PARTS) return undefined;
  return {
    poolId: entry.toString('ascii', 2, idAt),
    copyId: entry.toString('hex', idAt, numbersAt),
    index,
    count,
    bytes: entry.subarray(numbersAt + 4),
  };
};

interface Unfinished {
  readonly parts: (Buffer | undefined)[];
  missing: number;
}

/** Of jobs whose teller died in the middle. */
const MAX_UNFINISHED = 16;

export class JobAssembler {
  readonly #unfinished = new Map<string, Unfinished>();

  /** The job, when this was its last part. */
  add({ copyId, index, count, bytes }: JobPart): Buffer | undefined {
    const job = this.#unfinished.get(copyId) ?? this.#begin(copyId, count);
    if (job.parts.length !== count || job.parts[index] !== undefined) return undefined;
    job.parts[index] = bytes;
    job.missing -= 1;
    if (job.missing > 0) return undefined;
    this.#unfinished.delete(copyId);
    return Buffer.concat(job.parts.map((part) => part ?? Buffer.alloc(0)));
  }

  #begin(copyId: string, count: number): Unfinished {
    const job = { parts: Array.from({ length: count }, () => undefined), missing: count };
    this.#unfinished.set(copyId, job);
    const [oldest] = this.#unfinished.keys();
    if (this.#unfinished.size > MAX_UNFINISHED && oldest !== undefined) this.#unfinished.delete(oldest);
    return job;
  }
}
