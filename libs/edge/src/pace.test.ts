import fc from 'fast-check';
import { Pace, type PaceRates } from './pace.ts';

const RATES: PaceRates = {
  messagesPerSecond: 20,
  messageBurst: 2_000,
  bytesPerSecond: 16_384,
  byteBurst: 524_288,
};

/** Reads as a connection does: lines of so many bytes as long as the budget lets it, waiting as it says. */
const read = (pace: Pace, lines: number, lineBytes: number, isShare: (line: number) => boolean): number => {
  let nowMs = 0;
  for (let line = 0; line < lines; line++) {
    pace.take(lineBytes, nowMs);
    if (pace.isSpent) {
      nowMs += pace.waitMs;
      pace.refill(nowMs);
      expect(pace.isSpent).toBe(false);
    }
    pace.takeMessage();
    if (isShare(line)) pace.earn();
  }
  return nowMs;
};

describe('the pace of a session', () => {
  it('is that of its shares, however fast they come', () => {
    expect(read(new Pace(RATES, 0), 1_000_000, 200, () => true)).toBe(0);
  });

  it('leaves room for a farm proxy that logs in its 256 devices at once, and for the first shares of an ASIC', () => {
    // Devices, then shares whose verdicts come only after 512 more of them, the most that a session is read ahead.
    expect(read(new Pace(RATES, 0), 256 + 512, 200, () => false)).toBe(0);
  });

  it('leaves room for a template of a miner in self-select each ten seconds', () => {
    const pace = new Pace(RATES, 0);
    for (let nowMs = 0; nowMs < 3_600_000; nowMs += 10_000) {
      pace.take(128 * 1024, nowMs);
      expect(pace.isSpent).toBe(false);
      pace.takeMessage();
    }
  });

  it('slows down what is no work to its rate', () => {
    const seconds = read(new Pace(RATES, 0), 10_000, 100, () => false) / 1_000;
    expect(seconds).toBeGreaterThan((10_000 - 2_000 - 1) / 20 - 1);
    expect(read(new Pace(RATES, 0), 1_000, 8_000, () => false) / 1_000).toBeGreaterThan(
      (8_000_000 - 524_288) / 16_384 - 1,
    );
  });

  it('is five times as quick for who has worked, and no matter where every third message is a share', () => {
    const worker = new Pace(RATES, 0);
    worker.quicken(5);
    expect(read(worker, 100_000, 100, (line) => line % 3 === 0)).toBe(0);
    const talker = new Pace(RATES, 0);
    talker.quicken(5);
    expect(read(talker, 10_000, 100, () => false)).toBeCloseTo(
      read(new Pace(RATES, 0), 10_000, 100, () => false) / 5,
      -3,
    );
  });

  it('never lets through more than its burst and what came back, nor owes more than it says', () => {
    const step = fc.record({ bytes: fc.nat(65_536), messages: fc.nat(40), waitMs: fc.nat(20_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pace = new Pace(RATES, 0);
        let [nowMs, taken, passed] = [0, 0, 0];
        for (const { bytes, messages, waitMs } of steps) {
          nowMs += waitMs;
          pace.refill(nowMs);
          for (let left = messages; left > 0 && !pace.isSpent; left--) {
            pace.takeMessage();
            passed += 1;
          }
          if (!pace.isSpent) {
            pace.take(bytes, nowMs);
            taken += bytes;
          }
          expect(passed).toBeLessThanOrEqual(
            RATES.messageBurst + (nowMs / 1_000) * RATES.messagesPerSecond + 1e-6,
          );
          expect(taken).toBeLessThanOrEqual(
            RATES.byteBurst + (nowMs / 1_000) * RATES.bytesPerSecond + 65_536,
          );
          expect(pace.waitMs > 0).toBe(pace.isSpent);
        }
      }),
    );
  });

  it('takes no clock that goes back for a long time', () => {
    const pace = new Pace(RATES, 1_000_000);
    pace.take(524_289, 1_000_000);
    pace.refill(0);
    pace.refill(999_999);
    expect(pace.isSpent).toBe(true);
  });
});
