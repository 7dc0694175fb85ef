/**
 * Takes up the entries of a log that was kept elsewhere, under the sequences that they have. What is here already is
 * passed over, so that one who was killed at it begins again and goes on where he was.
 */
import { type LogEntry, LogError } from '@otedama/contracts';
import { claimDirectory } from '@otedama/processes';
import { beginSegment } from './begin-segment.ts';
import { type FileLogOptions, SEGMENT_BYTES } from './file-log.ts';
import { createLogReader } from './log-reader.ts';
import { RecentIds } from './recent-ids.ts';
import { recoverLog } from './recover.ts';
import { Reserve } from './reserve.ts';
import type { SegmentWriter } from './segment-writer.ts';
import { makeDirectory } from './segments.ts';
import { SparseIndex } from './sparse-index.ts';

export interface InheritedEntry extends LogEntry {
  readonly dedupeId: Buffer;
}

/** In their order, in pieces that fit into memory. */
export type InheritedEntries = AsyncIterable<readonly InheritedEntry[]>;

type Place = Pick<FileLogOptions, 'directory' | 'name' | 'segmentBytes'>;

class Heir {
  readonly #place: Place;
  readonly #reserve: Reserve;
  #writer: SegmentWriter | undefined;
  #newest: bigint;

  constructor(place: Place, { writer, newest }: { writer: SegmentWriter | undefined; newest: bigint }) {
    this.#place = place;
    const { directory, name, segmentBytes = SEGMENT_BYTES } = place;
    this.#reserve = new Reserve(directory, { name, segmentBytes });
    this.#writer = writer;
    this.#newest = newest;
  }

  async take(entries: readonly InheritedEntry[]): Promise<void> {
    const known = entries.findLast(({ sequence }) => sequence <= this.#newest);
    if (known !== undefined) await this.#requireSame(known);
    for (const entry of entries) if (entry.sequence > this.#newest) await this.#add(entry);
    await this.#writer?.write();
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }

  async #add(entry: InheritedEntry): Promise<void> {
    const record = { ...entry, previous: this.#newest };
    if (this.#writer?.add(record) !== true) {
      await this.#writer?.write();
      await this.#writer?.close();
      this.#writer = (await beginSegment(this.#reserve, entry.sequence)).writer;
      if (!this.#writer.add(record))
        throw new LogError('LOG_REFUSED', `entry ${entry.sequence} of ${this.#place.name} is too large`);
    }
    this.#newest = entry.sequence;
  }

  /** A log that goes on behind these entries has them; one that has others is another log. */
  async #requireSame({ sequence, payload }: InheritedEntry): Promise<void> {
    const { directory, name } = this.#place;
    const [found] = await createLogReader(directory).read(sequence - 1n, 1);
    if (found?.sequence !== sequence || found.payload.equals(payload)) return;
    throw new LogError(
      'LOG_REWOUND',
      `the log in ${directory} has another entry ${sequence} of ${name} than the database: they are not of one installation. ` +
        'Put back what belongs together',
    );
  }
}

export const inheritLog = async (place: Place, entries: InheritedEntries): Promise<void> => {
  const { directory, name } = place;
  await makeDirectory(directory);
  const claim = await claimDirectory(directory);
  try {
    const found = { header: { name }, ids: new RecentIds(), index: new SparseIndex() };
    const heir = new Heir(place, await recoverLog(directory, found));
    try {
      for await (const page of entries) await heir.take(page);
    } finally {
      await heir.close();
    }
  } finally {
    await claim.release();
  }
};
