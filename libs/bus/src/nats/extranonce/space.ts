/**
 * Which gateway searches where. The extranonce1 of 2, 3 or 4 bytes is cut into blocks of consecutive values;
 * a gateway takes blocks and gives each of its sessions a value of them. The state of a space is one document,
 * changed by compare and set: a counter that goes round, and who lists which blocks. Pure: no clock, no I/O.
 */
import { z } from 'zod';

export const EXTRANONCE1_SIZES = [2, 3, 4] as const;
export type Extranonce1Size = (typeof EXTRANONCE1_SIZES)[number];

export interface Space {
  readonly bytes: Extranonce1Size;
  readonly blockSize: number;
  readonly blocks: number;
}

/** Consecutive values of extranonce1, as big-endian numbers of the space's width. */
export interface ExtranonceBlock {
  readonly bytes: Extranonce1Size;
  readonly first: number;
  readonly size: number;
}

/** So that a small space still has room for 256 gateways. */
const MAX_BLOCK_SIZE = 4_096;
const MIN_BLOCKS = 256;
/** A fleet's gateways, and those that ended within the grace. */
const MAX_HOLDERS = 4_096;

export const spaceOf = (bytes: Extranonce1Size): Space => {
  const values = 2 ** (8 * bytes);
  const blockSize = Math.min(MAX_BLOCK_SIZE, values / MIN_BLOCKS);
  return { bytes, blockSize, blocks: values / blockSize };
};

const index = z.number().int().nonnegative();

const documentSchema = z.object({
  /** The block that is looked at first. */
  next: index,
  holders: z.record(
    z.string().min(1).max(128),
    z.object({
      /** Rises with each renewal: whoever sees it stand still long enough knows that the holder is gone. */
      beat: index,
      blocks: z.array(index),
    }),
  ),
});
export type SpaceDocument = z.infer<typeof documentSchema>;

export const EMPTY_SPACE: SpaceDocument = { next: 0, holders: {} };

export const encodeSpace = (document: SpaceDocument): Buffer => Buffer.from(JSON.stringify(document), 'utf8');

export const decodeSpace = (bytes: Uint8Array): SpaceDocument =>
  documentSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));

/** Without the holders that are gone for good, and with it their blocks are free. */
const withoutGone = (
  { next, holders }: SpaceDocument,
  isGone: (holder: string, beat: number) => boolean,
): SpaceDocument => ({
  next,
  holders: Object.fromEntries(Object.entries(holders).filter(([holder, { beat }]) => !isGone(holder, beat))),
});

export type Allocation =
  | { readonly ok: true; readonly document: SpaceDocument; readonly block: number }
  | { readonly ok: false; readonly reason: 'exhausted' | 'too-many-holders' };

/** The next block that nobody lists, for `holder`. */
export const allocate = (
  before: SpaceDocument,
  space: Space,
  holder: string,
  isGone: (holder: string, beat: number) => boolean,
): Allocation => {
  const document = withoutGone(before, isGone);
  const own = document.holders[holder] ?? { beat: 0, blocks: [] };
  if (document.holders[holder] === undefined && Object.keys(document.holders).length >= MAX_HOLDERS) {
    return { ok: false, reason: 'too-many-holders' };
  }
  const listed = new Set(Object.values(document.holders).flatMap(({ blocks }) => blocks));
  if (listed.size >= space.blocks) return { ok: false, reason: 'exhausted' };
  let block = document.next % space.blocks;
  while (listed.has(block)) block = (block + 1) % space.blocks;
  const mine = { beat: own.beat + 1, blocks: [...own.blocks, block] };
  return {
    ok: true,
    block,
    document: { next: (block + 1) % space.blocks, holders: { ...document.holders, [holder]: mine } },
  };
};

/**
 * A block that a session brought along: listed by `holder` too, so that it is nobody's to allocate for as long as
 * one of those who list it is there.
 */
export const join = (document: SpaceDocument, holder: string, block: number): SpaceDocument => {
  const own = document.holders[holder] ?? { beat: 0, blocks: [] };
  if (own.blocks.includes(block)) return document;
  const mine = { beat: own.beat + 1, blocks: [...own.blocks, block] };
  return { ...document, holders: { ...document.holders, [holder]: mine } };
};

/** The holder stays listed: without its other blocks it would seem to have lost them. */
export const leave = (document: SpaceDocument, holder: string, block: number): SpaceDocument => {
  const own = document.holders[holder];
  if (own === undefined) return document;
  const mine = { beat: own.beat + 1, blocks: own.blocks.filter((other) => other !== block) };
  return { ...document, holders: { ...document.holders, [holder]: mine } };
};

export const isListedByOthers = ({ holders }: SpaceDocument, holder: string, block: number): boolean =>
  Object.entries(holders).some(([other, { blocks }]) => other !== holder && blocks.includes(block));

/** Undefined: the holder is not listed any more, and its blocks may be another's. */
export const renew = (document: SpaceDocument, holder: string): SpaceDocument | undefined => {
  const own = document.holders[holder];
  if (own === undefined) return undefined;
  return { ...document, holders: { ...document.holders, [holder]: { ...own, beat: own.beat + 1 } } };
};

export const blockOf = ({ bytes, blockSize }: Space, block: number): ExtranonceBlock => ({
  bytes,
  first: block * blockSize,
  size: blockSize,
});
