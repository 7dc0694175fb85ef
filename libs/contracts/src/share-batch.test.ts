import fc from 'fast-check';
import {
  BatchFormatError,
  MAX_RECORDS,
  ShareBatchBuilder,
  ShareBatchView,
  type ShareInput,
  Verdict,
  acceptOnlyStored,
  keepAccepted,
  withWorth,
} from './index.ts';

const VERDICT_OFFSET = 7;
const share = (over: Partial<ShareInput> = {}): ShareInput => ({
  jobKey: 7,
  address: 'bcrt1qminer',
  worker: 'rig1',
  nTime: 1_700_000_000,
  nonce: 0xdeadbeef,
  version: 0x20000000,
  extranonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  targetLe: new Uint8Array(32).fill(0xff),
  work: 1n << 70n,
  receivedAtMs: 1_700_000_000_123,
  connectionSlot: 3,
  requestSlot: 9,
  ...over,
});
const id = new Uint8Array(16).fill(5);

const setVerdict = (batch: Buffer, index: number, verdict: number): void => {
  batch[64 + index * 192 + VERDICT_OFFSET] = verdict;
};

describe('share batch', () => {
  it('gives back every field of every share', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            jobKey: fc.integer({ min: 0, max: 0xffffffff }),
            nonce: fc.integer({ min: 0, max: 0xffffffff }),
            nTime: fc.integer({ min: 0, max: 0xffffffff }),
            version: fc.integer({ min: 0, max: 0xffffffff }),
            work: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
            receivedAtMs: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
            extranonce: fc.uint8Array({ maxLength: 32 }),
            address: fc.string({ maxLength: 60 }),
            worker: fc.string({ maxLength: 60 }),
          }),
          { maxLength: 40 },
        ),
        (shares) => {
          const builder = new ShareBatchBuilder('btc-pplns');
          for (const s of shares) builder.add(share(s));
          const batch = builder.close(id, 42);
          shares.forEach((_, i) => batch.fill(i + 1, 64 + i * 192 + 128, 64 + i * 192 + 160 - (i % 7)));
          const view = new ShareBatchView(batch);
          expect(view.count).toBe(shares.length);
          expect(view.poolId).toBe('btc-pplns');
          expect(view.closedAtMs).toBe(42);
          shares.forEach((s, i) => {
            const record = view.record(i);
            expect(record).toMatchObject({
              jobKey: s.jobKey,
              nonce: s.nonce,
              nTime: s.nTime,
              version: s.version,
              work: s.work,
              receivedAtMs: s.receivedAtMs,
            });
            expect([...record.extranonce]).toEqual([...s.extranonce]);
            expect(view.accounts()[record.accountIndex]).toMatchObject({
              address: s.address,
              worker: s.worker,
            });
            expect(view.slots(i)).toEqual({ connectionSlot: 3, requestSlot: 9 });
            expect(view.accountIndex(i)).toBe(record.accountIndex);
            const limbs = [0, 1, 2, 3].map((limb) => BigInt(view.workLimb(i, limb)) << BigInt(32 * limb));
            expect(limbs.reduce((sum, limb) => sum + limb, 0n)).toBe(s.work);
            const words = [0, 1, 2, 3, 4, 5, 6, 7].map((word) => view.powHashWord(i, word));
            expect(words).toEqual([...new Uint32Array(new Uint8Array(record.powHash).buffer)]);
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('leaves nothing of one batch in the next', () => {
    const used = new ShareBatchBuilder('p');
    const full = { extranonce: new Uint8Array(32).fill(0xff), mix: new Uint8Array(32).fill(0xff) };
    for (let nonce = 0; nonce < 3; nonce++) used.add(share({ ...full, nonce, address: 'other' }));
    used.close(id, 1);
    const fresh = new ShareBatchBuilder('p');
    for (const builder of [used, fresh]) builder.add(share());
    expect(used.close(id, 2)).toEqual(fresh.close(id, 2));
  });

  it('refuses a name that does not fit, also where its table ends', () => {
    const builder = new ShareBatchBuilder('p');
    const longest = 'é'.repeat(127);
    for (let n = 100; n < 100 + MAX_RECORDS - 1; n++)
      builder.add(share({ address: longest, worker: `${n}` }));
    expect(() => builder.close(id, 1)).not.toThrow();
    const name = (n: number): string => longest.slice(2) + String(n).padStart(4, '0');
    for (let n = 0; n < MAX_RECORDS - 1; n++) builder.add(share({ address: name(n), worker: name(n) }));
    builder.add(share({ address: longest, worker: `${longest}é` }));
    expect(() => builder.close(id, 1)).toThrow(BatchFormatError);
  });

  it('keeps accepted shares and candidates, and turns the rest into nothing', () => {
    const builder = new ShareBatchBuilder('p');
    for (let nonce = 0; nonce < 5; nonce++) builder.add(share({ nonce }));
    builder.tallyRejected('bcrt1qminer', 'rig1', 3);
    const batch = builder.close(id, 1);
    [
      Verdict.accepted,
      Verdict.lowDifficulty,
      Verdict.candidate,
      Verdict.unknownJob,
      Verdict.candidateOnly,
    ].forEach((v, i) => setVerdict(batch, i, v));
    const view = new ShareBatchView(keepAccepted(batch));
    expect([0, 1, 2].map((i) => view.record(i).nonce)).toEqual([0, 2, 4]);
    expect(view.count).toBe(3);
    expect(view.accounts()).toEqual([{ address: 'bcrt1qminer', worker: 'rig1', rejected: 3 }]);
  });

  it('accepts of a second judgement only what the log has of the first', () => {
    const judgements = fc.array(fc.tuple(fc.constantFrom(1, 2, 3, 4, 5), fc.constantFrom(1, 2, 3, 4, 5)), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(judgements, (verdicts) => {
        const builder = new ShareBatchBuilder('p');
        // Shares that differ in one field only, as those of one miner do.
        verdicts.forEach((_, nonce) => builder.add(share({ nonce })));
        const [first, second] = [builder.close(id, 1)].flatMap((batch) => [batch, Buffer.from(batch)]);
        if (first === undefined || second === undefined) throw new Error('no batch');
        verdicts.forEach(([one, other], index) => {
          setVerdict(first, index, one);
          setVerdict(second, index, other);
        });
        const takenBack = acceptOnlyStored(second, keepAccepted(Buffer.from(first)));
        const view = new ShareBatchView(second);
        verdicts.forEach(([one, other], index) => {
          const isLost = other <= 3 && one > 3;
          expect(view.verdict(index)).toBe(isLost ? Verdict.unknownJob : other);
        });
        expect(takenBack).toBe(verdicts.filter(([one, other]) => other <= 3 && one > 3).length);
      }),
    );
  });

  it('refuses a share beyond the cap and starts afresh after close', () => {
    const builder = new ShareBatchBuilder('p');
    for (let nonce = 0; nonce < MAX_RECORDS; nonce++) builder.add(share({ nonce }));
    expect(builder.isFull).toBe(true);
    expect(() => builder.add(share())).toThrow(BatchFormatError);
    builder.close(id, 1);
    expect(builder.hasContent).toBe(false);
    expect(builder.add(share({ nonce: 1 }))).toBe(0);
  });

  it('reads no batch out of cut-off or foreign bytes', () => {
    const builder = new ShareBatchBuilder('p');
    builder.add(share());
    const batch = builder.close(id, 1);
    for (let length = 0; length < batch.length; length++) {
      expect(() => new ShareBatchView(batch.subarray(0, length))).toThrow(BatchFormatError);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        try {
          new ShareBatchView(Buffer.from(bytes)).accounts();
        } catch (error) {
          expect(error).toBeInstanceOf(BatchFormatError);
        }
      }),
    );
  });
});

describe('what shares are worth', () => {
  it('stands behind the batch in the log, and changes nothing else of it', () => {
    const u128 = fc.bigInt(0n, (1n << 128n) - 1n);
    const worthArb = fc.record({
      scheme: fc.constantFrom('pps' as const, 'fpps' as const),
      feeBasisPoints: fc.integer({ min: 0, max: 10_000 }),
      height: fc.integer({ min: 0, max: 0xffffffff }),
      networkWork: u128,
      subsidyAtomic: u128,
      feesAtomic: u128,
    });
    const builder = new ShareBatchBuilder('p');
    builder.add(share());
    const batch = builder.close(id, 42);
    expect(new ShareBatchView(batch).worth).toBeUndefined();
    fc.assert(
      fc.property(worthArb, (worth) => {
        const view = new ShareBatchView(withWorth(batch, worth));
        expect(view.worth).toEqual(worth);
        expect(view.record(0)).toEqual(new ShareBatchView(batch).record(0));
        expect(view.accounts()).toEqual(new ShareBatchView(batch).accounts());
      }),
    );
  });

  it('of no known form is no batch', () => {
    const batch = withWorth(new ShareBatchBuilder('p').close(id, 42), {
      scheme: 'pps',
      feeBasisPoints: 0,
      height: 1,
      networkWork: 1n,
      subsidyAtomic: 1n,
      feesAtomic: 0n,
    });
    expect(() => new ShareBatchView(batch.subarray(0, -1))).toThrow(BatchFormatError);
    expect(() => new ShareBatchView(Buffer.concat([batch, Buffer.alloc(1)]))).toThrow(BatchFormatError);
    batch[batch.length - 56] = 3;
    expect(() => new ShareBatchView(batch)).toThrow(BatchFormatError);
  });
});
