import type { LogEntry } from '@otedama/contracts';
import fc from 'fast-check';
import { Tail } from './tail.ts';

const entryOf = (sequence: bigint, bytes = 1): LogEntry => ({ sequence, payload: Buffer.alloc(bytes) });
const sequencesOf = (entries: readonly LogEntry[] | undefined): readonly bigint[] | undefined =>
  entries?.map(({ sequence }) => sequence);

/** What happens to a log: entries of ours after gaps of drawn numbers, entries of others, and reads. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), gap: fc.bigInt(1n, 3n) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('others' as const), gap: fc.bigInt(1n, 3n) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('read' as const), back: fc.bigInt(0n, 20n), limit: fc.nat(6) }),
  },
);

describe('the tail of a log', () => {
  it('says what the log says, or that it does not know', () => {
    let answered = 0;
    const property = fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
      const tail = new Tail({ maxEntries: 8, maxBytes: 1_000 });
      const log: bigint[] = [];
      let last = 0n;
      for (const one of steps) {
        if (one.kind === 'read') {
          const after = last - one.back;
          const read = sequencesOf(tail.read(after, one.limit));
          if (read === undefined) continue;
          answered += 1;
          expect(read).toEqual(log.filter((sequence) => sequence > after).slice(0, one.limit));
          continue;
        }
        last += one.gap;
        log.push(last);
        if (one.kind === 'add') tail.add(entryOf(last));
        else tail.forget();
      }
    });
    fc.assert(property, { numRuns: 2_000 });
    expect(answered).toBeGreaterThan(1_000);
  });

  it('keeps the newest, by number and by size', () => {
    const tail = new Tail({ maxEntries: 3, maxBytes: 100 });
    for (let sequence = 1n; sequence <= 10n; sequence++) tail.add(entryOf(sequence));
    expect(sequencesOf(tail.read(7n, 10))).toEqual([8n, 9n, 10n]);
    expect(tail.read(6n, 10)).toBeUndefined();
    tail.add(entryOf(11n, 99));
    expect(sequencesOf(tail.read(9n, 10))).toEqual([10n, 11n]);
    tail.add(entryOf(12n, 101));
    expect(tail.read(11n, 10)).toBeUndefined();
    tail.add(entryOf(13n));
    expect(sequencesOf(tail.read(12n, 10))).toEqual([13n]);
  });

  it('knows nothing before the first entry, and after it is emptied', () => {
    const tail = new Tail({ maxEntries: 3, maxBytes: 100 });
    expect(tail.read(0n, 1)).toBeUndefined();
    tail.add(entryOf(5n));
    expect(tail.read(3n, 1)).toBeUndefined();
    expect(sequencesOf(tail.read(4n, 1))).toEqual([5n]);
    expect(sequencesOf(tail.read(9n, 1))).toEqual([]);
    tail.forget();
    expect(tail.read(5n, 1)).toBeUndefined();
  });
});
