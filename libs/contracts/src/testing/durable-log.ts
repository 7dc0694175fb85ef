/** For tests alone: what every driver of a durable log must do. Each driver's own tests call it with a real store. */
import { LogError } from '../log/errors.ts';
import type { AppendLimits } from '../log/append-queue.ts';
import type { DurableLog, LogEntry } from '../ports.ts';

export interface ClosableLog extends DurableLog {
  close(): Promise<void>;
}

export interface LogDriver {
  /** Empty logs for the next test. */
  prepare(): Promise<void>;
  open(name: 'SHARES' | 'BLOCKS', limits?: Partial<AppendLimits>): ClosableLog | Promise<ClosableLog>;
}

export const idOf = (number: number): Buffer => {
  const id = Buffer.alloc(16);
  id.writeUInt32BE(number);
  return id;
};
export const payloadOf = (number: number): Buffer => Buffer.concat([idOf(number), Buffer.alloc(100, number)]);
export const numberOf = ({ payload }: LogEntry): number => payload.readUInt32BE(0);

export const readAll = async (log: DurableLog): Promise<LogEntry[]> => {
  const all: LogEntry[] = [];
  for (;;) {
    const part = await log.read(all.at(-1)?.sequence ?? 0n, 500);
    if (part.length === 0) return all;
    all.push(...part);
  }
};

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

const itKeepsEntries = (open: LogDriver['open']): void => {
  it('gives back what was appended, in order, byte for byte', async () => {
    const log = await open('SHARES');
    const results = await Promise.all(range(300).map((n) => log.append(idOf(n), payloadOf(n))));
    const sequences = results.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => (a < b ? -1 : 1)));
    const entries = await readAll(log);
    expect(entries.map(({ sequence }) => sequence)).toEqual(sequences);
    expect(entries.map(({ payload }) => payload)).toEqual(range(300).map(payloadOf));
  });

  it('reads on, again, and from anywhere, as much as is asked for', async () => {
    const log = await open('SHARES');
    const results = await Promise.all(range(40).map((n) => log.append(idOf(n), payloadOf(n))));
    const numbersAfter = async (n: number, limit: number): Promise<number[]> =>
      (await log.read(results[n]?.sequence ?? 0n, limit)).map(numberOf);
    expect(await numbersAfter(9, 5)).toEqual([10, 11, 12, 13, 14]);
    expect(await numbersAfter(14, 3)).toEqual([15, 16, 17]);
    expect(await numbersAfter(9, 2)).toEqual([10, 11]);
    expect(await numbersAfter(37, 100)).toEqual([38, 39]);
    expect(await numbersAfter(39, 100)).toEqual([]);
    await log.append(idOf(40), payloadOf(40));
    expect(await numbersAfter(39, 100)).toEqual([40]);
    // Several readers at once, each at its own place.
    const pages = await Promise.all([0, 8, 16, 24, 24].map((n) => numbersAfter(n, 4)));
    expect(pages).toEqual([0, 8, 16, 24, 24].map((n) => [n + 1, n + 2, n + 3, n + 4]));
  });

  it('writes a dedupe id once and names the sequence it has', async () => {
    const log = await open('SHARES');
    const first = await log.append(idOf(1), payloadOf(1));
    const [again, twice, fresh] = await Promise.all([
      log.append(idOf(1), payloadOf(9)),
      log.append(idOf(1), payloadOf(9)),
      log.append(idOf(2), payloadOf(2)),
    ]);
    expect(first.duplicate).toBe(false);
    expect([again, twice]).toEqual([
      { ...first, duplicate: true },
      { ...first, duplicate: true },
    ]);
    expect(fresh.duplicate).toBe(false);
    expect((await readAll(log)).map(numberOf)).toEqual([1, 2]);
  });

  it('keeps its two names apart', async () => {
    await (await open('SHARES')).append(idOf(1), payloadOf(1));
    expect(await (await open('BLOCKS')).read(0n, 10)).toEqual([]);
  });
};

const itForgetsWhatIsTrimmed = (open: LogDriver['open']): void => {
  it('has one entry by its sequence', async () => {
    const log = await open('SHARES');
    const { sequence } = await log.append(idOf(7), payloadOf(7));
    expect(await log.readAt(sequence)).toEqual({ sequence, payload: payloadOf(7) });
    expect(await log.readAt(sequence + 1n)).toBeUndefined();
  });

  it('knows its newest entry', async () => {
    const log = await open('SHARES');
    expect(await log.newest()).toBe(0n);
    const [, last] = await Promise.all([1, 2].map((n) => log.append(idOf(n), payloadOf(n))));
    expect(await log.newest()).toBe(last?.sequence);
    await log.trim((last?.sequence ?? 0n) + 1n);
    expect(await log.newest()).toBe(0n);
  });

  it('forgets what is trimmed, keeps the rest, and never uses a sequence again', async () => {
    const log = await open('SHARES');
    const results = await Promise.all(range(10).map((n) => log.append(idOf(n), payloadOf(n))));
    const sequences = results.map(({ sequence }) => sequence);
    const [, , , , fifth = 0n] = sequences;
    await log.trim(fifth);
    expect((await readAll(log)).map(numberOf)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(await log.readAt(fifth - 1n)).toBeUndefined();
    await log.trim(0n);
    const last = sequences.at(-1) ?? 0n;
    await log.trim(last + 1n);
    expect(await readAll(log)).toEqual([]);
    const { sequence } = await log.append(idOf(11), payloadOf(11));
    expect(sequence).toBeGreaterThan(last);
    expect((await log.read(last, 10)).map(numberOf)).toEqual([11]);
  });
};

const itTellsItsReaders = (open: LogDriver['open']): void => {
  it('wakes listeners after an append, until they unsubscribe', async () => {
    const log = await open('SHARES');
    let wakes = 0;
    const leaver = log.onAppend(() => (wakes += 1));
    const woken = (): Promise<void> => new Promise((resolve) => void log.onAppend(resolve));
    const first = woken();
    await log.append(idOf(1), payloadOf(1));
    await first;
    expect(wakes).toBeGreaterThan(0);
    leaver.unsubscribe();
    wakes = 0;
    const second = woken();
    await log.append(idOf(2), payloadOf(2));
    await second;
    expect(wakes).toBe(0);
  });

  it('never lets a reader see an entry before an earlier one, with appends and readers at once', async () => {
    const log = await open('SHARES');
    const total = 2_000;
    const seen: number[] = [];
    const reading = (async () => {
      let position = 0n;
      while (seen.length < total) {
        for (const entry of await log.read(position, 50)) {
          seen.push(numberOf(entry));
          position = entry.sequence;
        }
      }
    })();
    await Promise.all(range(total).map((n) => log.append(idOf(n), payloadOf(n))));
    await reading;
    expect(seen).toEqual(range(total));
  });
};

const itHasLimits = (open: LogDriver['open']): void => {
  it('refuses more than its bounds, and says that nothing was stored', async () => {
    const log = await open('SHARES', { maxQueuedEntries: 2 });
    const kept = [log.append(idOf(1), payloadOf(1)), log.append(idOf(2), payloadOf(2))];
    await expect(log.append(idOf(3), payloadOf(3))).rejects.toMatchObject({
      code: 'LOG_QUEUE_FULL',
      mayBeStored: false,
    });
    await Promise.all(kept);
    expect((await readAll(log)).map(numberOf)).toEqual([1, 2]);
    await log.append(idOf(3), payloadOf(3));
  });

  it('refuses appends after it was closed, and stores what came before', async () => {
    const log = await open('SHARES');
    const before = log.append(idOf(1), payloadOf(1));
    await log.close();
    await before;
    const refused = await log.append(idOf(2), payloadOf(2)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LogError);
    expect(refused).toMatchObject({ code: 'LOG_CLOSED' });
  });
};

export const describeDurableLog = (driver: LogDriver): void => {
  const logs: ClosableLog[] = [];
  const open: LogDriver['open'] = async (name, limits) => {
    const log = await driver.open(name, limits);
    logs.push(log);
    return log;
  };
  describe('a durable log', () => {
    beforeEach(() => driver.prepare());
    afterEach(async () => {
      await Promise.all(logs.splice(0).map((log) => log.close()));
    });
    itKeepsEntries(open);
    itForgetsWhatIsTrimmed(open);
    itTellsItsReaders(open);
    itHasLimits(open);
  });
};
