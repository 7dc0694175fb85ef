/**
 * What a job is made of, as one validator tells it to another: the same body, key and tag make the same job,
 * byte for byte. Written by V8's serializer, which keeps bytes and big integers; a release that changes a
 * body's shape counts the version up, and a validator does not take up jobs of another version.
 */
import { deserialize, serialize } from 'node:v8';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { MinersTemplate } from '@otedama/contracts';
import type { JobOptions } from '../templates/job.ts';

export const SHARED_JOB_VERSION = 2;
/** A full block of four million weight units in hex, several times over. */
const MAX_JOB_BYTES = 64 * 1024 * 1024;

export type SharedTemplate = Omit<MinersTemplate, 'poolId'>;

/** One of both. */
export interface Shared<Body> {
  readonly options?: JobOptions<Body>;
  readonly template?: SharedTemplate;
}

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export class SharedJobError extends Error {
  override readonly name = 'SharedJobError';
  readonly code: 'UNREADABLE' | 'OTHER_VERSION';

  constructor(code: SharedJobError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Off the main thread but for the copy: a full block has megabytes. */
export const encodeSharedJob = (options: JobOptions<unknown>): Promise<Buffer> =>
  compress(serialize({ version: SHARED_JOB_VERSION, options }), {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });

/** A template that a miner brought, as the validator that adopted it tells the others. */
export const encodeSharedTemplate = (template: SharedTemplate): Promise<Buffer> =>
  compress(serialize({ version: SHARED_JOB_VERSION, template }));

/**
 * Comes from another validator of the same operator, whom the bus has authenticated: its shape is as trusted
 * as our own. `Body` is that of the pool's family. Rejects with SharedJobError.
 */
export const decodeShared = async <Body>(bytes: Buffer): Promise<Shared<Body>> => {
  let value: unknown;
  try {
    value = deserialize(await decompress(bytes, { maxOutputLength: MAX_JOB_BYTES }));
  } catch (cause) {
    throw new SharedJobError('UNREADABLE', 'a job of another validator cannot be read', { cause });
  }
  const { version, ...shared } = value as { version?: unknown };
  if (version !== SHARED_JOB_VERSION) {
    throw new SharedJobError(
      'OTHER_VERSION',
      `a job of version ${String(version)}, not ${SHARED_JOB_VERSION}`,
    );
  }
  return shared as Shared<Body>;
};
