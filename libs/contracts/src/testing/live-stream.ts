/** For tests alone: what every driver of the live stream must do. Each driver's own tests call it. */
import type { LiveEntry, LiveStream, Subscription } from '../ports.ts';

export interface LiveDriver {
  /** An empty stream for the next test. */
  prepare(): Promise<void>;
  /** As another process would; closed by the driver's own tests. */
  open(): LiveStream;
}

/** What one reader has been told since its last reset. */
class Heard {
  entries: LiveEntry[] = [];
  resets = 0;
  readonly #subscription: Subscription;
  #waiting: (() => void) | undefined;

  constructor(stream: LiveStream) {
    this.#subscription = stream.follow({
      onEntry: (entry) => {
        this.entries.push(entry);
        this.#waiting?.();
      },
      onReset: () => {
        this.entries = [];
        this.resets += 1;
      },
    });
  }

  get texts(): string[] {
    return this.entries.map(({ payload }) => payload.toString());
  }

  async until(count: number): Promise<void> {
    while (this.entries.length < count) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }
}

const text = (name: string): Buffer => Buffer.from(name);

const itKeepsOneOrder = (driver: LiveDriver): void => {
  it('tells all readers the same, also one that comes late', async () => {
    const [a, b] = [driver.open(), driver.open()];
    const early = new Heard(b);
    const first = await a.append('x', 0, text('x1'));
    await b.append('y', 0, text('y1'));
    await a.append('x', first ?? 0, text('x2'));
    const late = new Heard(a);
    await Promise.all([early.until(3), late.until(3)]);
    expect(early.texts).toEqual(['x1', 'y1', 'x2']);
    expect(late.entries).toEqual(early.entries);
    const sequences = early.entries.map(({ seq }) => seq);
    expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
    early.stop();
    late.stop();
  });

  it('takes a message only where it follows the last one of its topic', async () => {
    const [a, b] = [driver.open(), driver.open()];
    const heard = new Heard(a);
    const first = (await a.append('x', 0, text('first'))) ?? 0;
    expect(await b.append('x', 0, text('too late'))).toBeUndefined();
    await a.append('y', 0, text('elsewhere'));
    expect(await b.append('x', first, text('second'))).toBeGreaterThan(first);
    expect(await a.append('x', first, text('too late'))).toBeUndefined();
    await heard.until(3);
    expect(heard.texts).toEqual(['first', 'elsewhere', 'second']);
    heard.stop();
  });

  it('lets one of many that write at once through', async () => {
    const streams = [driver.open(), driver.open(), driver.open()];
    const heard = new Heard(driver.open());
    let last = 0;
    for (let round = 0; round < 20; round += 1) {
      const after = last;
      const taken = await Promise.all(
        streams.map((stream, at) => stream.append('miner:p:a.b c:é', after, text(`${round}/${at}`))),
      );
      const winners = taken.filter((seq) => seq !== undefined);
      expect(winners).toHaveLength(1);
      last = winners[0] ?? 0;
    }
    await heard.until(20);
    expect(heard.texts.map((one) => Number(one.split('/')[0]))).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
    heard.stop();
  });
};

export const describeLiveStream = (driver: LiveDriver): void => {
  describe('a live stream', () => {
    beforeEach(() => driver.prepare());
    itKeepsOneOrder(driver);

    it('tells nothing more to a reader that has left', async () => {
      const stream = driver.open();
      const gone = new Heard(stream);
      const there = new Heard(stream);
      gone.stop();
      await stream.append('x', 0, text('x1'));
      await there.until(1);
      expect(gone.entries).toEqual([]);
      there.stop();
    });
  });
};
