/**
 * Block candidates on local disk, one file each, from before they are submitted until the block log has them.
 * A write is atomic and durable: temporary file, fsync, rename, fsync of the directory. A file that cannot be
 * read is kept aside and never deleted, because it may be worth a block.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Logger } from '@otedama/contracts';
import { type BlockCandidate, candidateFactsSchema } from './candidate.ts';
import type { SpoolFiles } from './spool-files.ts';

const SUFFIX = '.json';
const TEMPORARY = '.tmp';
const UNREADABLE = '.unreadable';

const FORMAT = 2;

export interface BlockSpool {
  /** Resolves when the candidate survives a power cut. */
  write(candidate: BlockCandidate): Promise<void>;
  remove(hash: string): Promise<void>;
  /** What an earlier process left, in no order. */
  load(): Promise<readonly BlockCandidate[]>;
}

/** Over the text of a candidate as it is written: a file cut short or changed is told by it. */
const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex');

const encode = ({ facts, batch, submission }: BlockCandidate): Buffer => {
  const body = JSON.stringify({ facts, batch: batch.toString('base64'), submission });
  return Buffer.from(JSON.stringify({ format: FORMAT, digest: digestOf(body), body }), 'utf8');
};

const parseText = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const decode = (bytes: Buffer): BlockCandidate | undefined => {
  const file = parseText(bytes.toString('utf8'));
  if (!isRecord(file) || file['format'] !== FORMAT) return undefined;
  const { digest, body } = file;
  if (typeof body !== 'string' || digestOf(body) !== digest) return undefined;
  const value = parseText(body);
  if (!isRecord(value)) return undefined;
  const { batch, submission } = value;
  const facts = candidateFactsSchema.safeParse(value['facts']);
  if (!facts.success || typeof batch !== 'string' || typeof submission !== 'string') return undefined;
  return { facts: facts.data, submission, batch: Buffer.from(batch, 'base64') };
};

class FileBlockSpool implements BlockSpool {
  readonly #files: SpoolFiles;
  readonly #logger: Logger;
  readonly #directory: string;

  constructor(deps: { readonly files: SpoolFiles; readonly logger: Logger }, directory: string) {
    this.#files = deps.files;
    this.#logger = deps.logger;
    this.#directory = directory;
  }

  async write(candidate: BlockCandidate): Promise<void> {
    const path = this.#path(candidate.facts.hash);
    await this.#files.makeDirectory(this.#directory);
    await this.#files.writeDurable(path + TEMPORARY, encode(candidate));
    await this.#files.rename(path + TEMPORARY, path);
    await this.#files.syncDirectory(this.#directory);
  }

  remove(hash: string): Promise<void> {
    // Not synced: a file that comes back after a power cut is replayed, and the logs know its block.
    return this.#files.remove(this.#path(hash));
  }

  async load(): Promise<readonly BlockCandidate[]> {
    await this.#files.makeDirectory(this.#directory);
    // Files in a directory whose own name is not on disk would be lost with it.
    await this.#files.syncDirectory(dirname(this.#directory));
    const found = new Map<string, BlockCandidate>();
    for (const name of await this.#files.list(this.#directory)) {
      const candidate = await this.#loadFile(name);
      if (candidate !== undefined) found.set(candidate.facts.hash, candidate);
    }
    return [...found.values()];
  }

  async #loadFile(name: string): Promise<BlockCandidate | undefined> {
    const temporary = name.endsWith(SUFFIX + TEMPORARY);
    if (!temporary && !name.endsWith(SUFFIX)) return undefined;
    const path = join(this.#directory, name);
    const candidate = decode(await this.#files.read(path));
    if (candidate === undefined) {
      this.#logger.error({ file: path }, 'a spooled block cannot be read; it is kept aside');
      await this.#files.rename(path, path + UNREADABLE);
      return undefined;
    }
    // A temporary file that is whole lacked only its rename.
    if (temporary) await this.#files.rename(path, this.#path(candidate.facts.hash));
    return candidate;
  }

  #path(hash: string): string {
    return join(this.#directory, hash + SUFFIX);
  }
}

export const createBlockSpool = (
  deps: { readonly files: SpoolFiles; readonly logger: Logger },
  directory: string,
): BlockSpool => new FileBlockSpool(deps, directory);
