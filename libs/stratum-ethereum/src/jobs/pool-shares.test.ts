import fc from 'fast-check';
import { EthashBook } from './book.ts';
import { PoolShares, SharedHistory } from './pool-shares.ts';

const template = (jobKey: number, header: number, cleanJobs = false) => ({
  jobKey,
  height: 1,
  networkTarget: 1n << 200n,
  cleanJobs,
  headerHash: new Uint8Array(32).fill(header),
  seedHash: new Uint8Array(32),
  epoch: 0,
});

describe('shares of a pool', () => {
  it('are the same for all sessions, and for all jobs of one header', () => {
    const book = new EthashBook('etchash');
    const [one, two] = [new SharedHistory(book.shares), new SharedHistory(book.shares)];
    book.add(template(1, 7));
    book.add(template(2, 7));
    book.add(template(3, 8));
    expect(one.hold(1, 'nonce')).toBe(true);
    expect([two.has(1, 'nonce'), two.has(2, 'nonce'), two.has(3, 'nonce')]).toEqual([true, true, false]);
    one.settle(1, 'nonce', true);
    // A verdict comes once; what is seen stays seen.
    two.settle(2, 'nonce', false);
    expect(two.has(2, 'nonce')).toBe(true);
    // What a session leaves behind is not the pool's.
    expect(one.size).toBe(0);
  });

  it('are forgotten with the last job of their header, and not before', () => {
    const book = new EthashBook('etchash');
    book.add(template(1, 7));
    book.shares.hold(1, 'nonce');
    book.add(template(2, 7, true));
    expect([book.shares.has(2, 'nonce'), book.shares.has(1, 'nonce')]).toEqual([true, false]);
    expect(book.shares.hold(1, 'other')).toBe(false);
    book.add(template(3, 8, true));
    expect(book.shares.size).toBe(0);
    expect([book.jobKeyOf('07'.repeat(32)), book.jobKeyOf('09'.repeat(32))]).toEqual([2, undefined]);
  });

  it('are bounded: what cannot be remembered is not taken', () => {
    const shares = new PoolShares(3);
    shares.learn(1, 'a');
    shares.learn(2, 'b');
    expect([shares.hold(1, 'x'), shares.hold(1, 'y'), shares.hold(2, 'x')]).toEqual([true, true, true]);
    expect(shares.hold(2, 'y')).toBe(false);
    shares.settle(1, 'x', false);
    expect(shares.hold(2, 'y')).toBe(true);
    shares.forget((jobKey) => jobKey === 2);
    expect(shares.size).toBe(1);
  });

  it('behave as a plain set per header does', () => {
    const operation = fc.record({
      job: fc.nat(3),
      key: fc.constantFrom('a', 'b', 'c'),
      counted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const shares = new PoolShares();
        const plain = new Set<string>();
        for (const job of [0, 1, 2, 3]) shares.learn(job, String(job >> 1));
        for (const { job, key, counted } of operations) {
          const name = `${job >> 1}${key}`;
          expect(shares.has(job, key)).toBe(plain.has(name));
          if (plain.has(name)) continue;
          shares.hold(job, key);
          shares.settle(job, key, counted);
          if (counted) plain.add(name);
        }
        expect(shares.size).toBe(plain.size);
      }),
    );
  });

  it('leave the index of headers as small as the book', () => {
    const book = new EthashBook('etchash');
    for (let key = 0; key < 400; key++) {
      const work = template(key, 0, key % 3 === 0);
      book.add({
        ...work,
        headerHash: Uint8Array.from({ length: 32 }, (_, i) => (i < 2 ? key >> (8 * i) : 0)),
      });
    }
    const known = Array.from({ length: 400 }, (_, key) =>
      book.jobKeyOf(
        Buffer.from([key & 255, key >> 8])
          .toString('hex')
          .padEnd(64, '0'),
      ),
    ).filter((key) => key !== undefined);
    expect(known.length).toBeLessThanOrEqual(96);
    expect(known).toContain(399);
  });
});
