import fc from 'fast-check';
import { Beats } from './beats.ts';
import {
  EMPTY_SPACE,
  EXTRANONCE1_SIZES,
  type Space,
  type SpaceDocument,
  allocate,
  blockOf,
  decodeSpace,
  encodeSpace,
  renew,
  spaceOf,
} from './space.ts';

const GRACE_MS = 1_000;
const nobodyIsGone = (): boolean => false;

it.each([
  [2, 256, 256],
  [3, 4_096, 4_096],
  [4, 4_096, 1_048_576],
] as const)('cuts %i bytes into blocks of %i values, %i of them', (bytes, blockSize, blocks) => {
  const space = spaceOf(bytes);
  expect(space).toEqual({ bytes, blockSize, blocks });
  const last = blockOf(space, blocks - 1);
  expect(last.first + last.size).toBe(2 ** (8 * bytes));
});

it('hands out consecutive blocks and goes round', () => {
  const space = spaceOf(2);
  let document: SpaceDocument = { ...EMPTY_SPACE, next: 254 };
  const taken: number[] = [];
  for (let i = 0; i < 4; i++) {
    const allocation = allocate(document, space, 'g', nobodyIsGone);
    if (!allocation.ok) throw new Error(allocation.reason);
    taken.push(allocation.block);
    document = allocation.document;
  }
  expect(taken).toEqual([254, 255, 0, 1]);
});

it('says that nothing is left, and finds the one block that is', () => {
  const space: Space = { bytes: 2, blockSize: 256, blocks: 4 };
  const full: SpaceDocument = {
    next: 2,
    holders: { a: { beat: 0, blocks: [0, 1] }, b: { beat: 5, blocks: [2, 3] } },
  };
  expect(allocate(full, space, 'c', nobodyIsGone)).toEqual({ ok: false, reason: 'exhausted' });
  expect(allocate(full, space, 'c', (holder) => holder === 'a')).toMatchObject({ ok: true, block: 0 });
  const hole: SpaceDocument = { next: 2, holders: { a: { beat: 0, blocks: [0, 2, 3] } } };
  expect(allocate(hole, space, 'c', nobodyIsGone)).toMatchObject({ ok: true, block: 1 });
});

it('comes back from bytes as it was, and refuses what is none', () => {
  const document: SpaceDocument = { next: 3, holders: { a: { beat: 1, blocks: [2] } } };
  expect(decodeSpace(encodeSpace(document))).toEqual(document);
  expect(() => decodeSpace(Buffer.from('{"next":-1,"holders":{}}'))).toThrow();
});

describe('holders that come, renew, die and look', () => {
  /** A holder believes in its blocks until nine tenths of the grace have passed since it last wrote. */
  interface Holder {
    readonly id: string;
    readonly beats: Beats;
    readonly blocks: Set<number>;
    wroteAtMs: number;
    isAlive: boolean;
  }

  const step = fc.record({
    who: fc.nat(5),
    what: fc.constantFrom('take', 'take', 'renew', 'look', 'die', 'wait', 'disconnect'),
    waitMs: fc.nat(400),
  });

  const live = (holders: readonly Holder[], nowMs: number): Holder[] =>
    holders.filter(({ isAlive, wroteAtMs }) => isAlive && nowMs - wroteAtMs < GRACE_MS * 0.9);

  it('never have a block in common while they live', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...EXTRANONCE1_SIZES),
        fc.array(step, { maxLength: 200 }),
        (bytes, steps) => {
          // Few blocks: it goes round, and blocks become scarce.
          const space: Space = { ...spaceOf(bytes), blocks: 8 };
          let document = EMPTY_SPACE;
          let nowMs = 0;
          let born = 0;
          const fresh = (): Holder => ({
            id: `h${born++}`,
            beats: new Beats(GRACE_MS),
            blocks: new Set(),
            wroteAtMs: nowMs,
            isAlive: true,
          });
          const holders = Array.from({ length: 6 }, fresh);
          for (const { who, what, waitMs } of steps) {
            const holder = holders[who];
            if (holder === undefined) continue;
            if (what === 'wait') nowMs += waitMs;
            else if (what === 'die') holders[who] = fresh();
            else if (what === 'disconnect') holder.beats.forget();
            else if (what === 'look') holder.beats.see(document, nowMs);
            else {
              holder.beats.see(document, nowMs);
              if (document.holders[holder.id] === undefined) holder.blocks.clear();
              if (what === 'take') {
                const isGone = (id: string, beat: number): boolean =>
                  id !== holder.id && holder.beats.isGone(id, beat, nowMs);
                const allocation = allocate(document, space, holder.id, isGone);
                if (!allocation.ok) continue;
                document = allocation.document;
                holder.blocks.add(allocation.block);
                holder.wroteAtMs = nowMs;
              } else {
                const renewed = renew(document, holder.id);
                if (renewed === undefined) continue;
                document = renewed;
                holder.wroteAtMs = nowMs;
              }
            }
            const held = live(holders, nowMs).flatMap(({ blocks }) => [...blocks]);
            expect(new Set(held).size).toBe(held.length);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('give their blocks back when their beat stood still for the grace, under the eyes of somebody', () => {
    const beats = new Beats(GRACE_MS);
    const document: SpaceDocument = { next: 0, holders: { a: { beat: 1, blocks: [0] } } };
    beats.see(document, 0);
    expect(beats.isGone('a', 1, GRACE_MS - 1)).toBe(false);
    expect(beats.isGone('a', 1, GRACE_MS)).toBe(true);
    expect(beats.isGone('a', 2, GRACE_MS)).toBe(false);
    expect(beats.isGone('b', 1, GRACE_MS)).toBe(false);
    beats.forget();
    beats.see(document, GRACE_MS);
    expect(beats.isGone('a', 1, GRACE_MS)).toBe(false);
  });
});
