import type { LogEntry } from '@otedama/contracts';
import fc from 'fast-check';
import { Tail } from './tail.ts';

const entryOf = (sequence: bigint, bytes = 1): LogEntry => ({ sequence, payload: Buffer.alloc(bytes) });
const sequencesOf = (entries: readonly LogEntry[] | undefined): readonly bigint[] | undefined =>
  entries?.map(({ sequence }) => sequence);

const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), bytes: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('read' as const), back: fc.bigInt(-2n, 12n), limit: fc.nat(6) }),
);

describe('the tail of a log', () => {
  it('says what the log says, or that it does not know', () => {
    let answered = 0;
    const property = fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
      const tail = new Tail({ maxEntries: 8, maxBytes: 100 });
      const log: bigint[] = [];
      let last = 1_000n;
      for (const one of steps) {
        if (one.kind === 'add') {
          last += 1n;
          log.push(last);
          tail.add(entryOf(last, one.bytes));
          continue;
        }
        const after = last - one.back;
        const read = sequencesOf(tail.read(after, one.limit));
        if (read === undefined) continue;
        answered += 1;
        expect(read).toEqual(log.filter((sequence) => sequence > after).slice(0, one.limit));
      }
    });
    fc.assert(property, { numRuns: 1_000 });
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

  it('knows nothing before its first entry', () => {
    const tail = new Tail({ maxEntries: 3, maxBytes: 100 });
    expect(tail.read(0n, 1)).toBeUndefined();
    tail.add(entryOf(5n));
    expect(tail.read(3n, 1)).toBeUndefined();
    expect(sequencesOf(tail.read(4n, 1))).toEqual([5n]);
    expect(sequencesOf(tail.read(9n, 1))).toEqual([]);
  });
});
