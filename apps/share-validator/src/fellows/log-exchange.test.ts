import { randomBytes } from 'node:crypto';
import { LogError, silentLogger } from '@otedama/contracts';
import { ManualTimers, settle } from '@otedama/daemon-rpc/testing';
import fc from 'fast-check';
import { MemoryLog } from '../testing/memory-log.ts';
import { JobAssembler, MAX_PARTS, PART_BYTES, readPart, splitJob } from './job-part.ts';
import { createLogExchange, type LogExchange } from './log-exchange.ts';

let log: MemoryLog;
let timers: ManualTimers;
let wakes: Set<() => void>;

const create = (): LogExchange =>
  createLogExchange({
    log: {
      append: async (id, payload) => {
        const result = await log.append(id, payload);
        for (const wake of wakes) wake();
        return result;
      },
      read: (after, limit) => log.read(after, limit),
      onAppend: (wake) => {
        wakes.add(wake);
        return { unsubscribe: () => void wakes.delete(wake) };
      },
    },
    timers,
    randomBytes,
    logger: silentLogger,
  });

beforeEach(() => {
  log = new MemoryLog();
  timers = new ManualTimers();
  wakes = new Set();
});

const heardBy = (exchange: LogExchange, poolId: string): Buffer[] => {
  const heard: Buffer[] = [];
  exchange.subscribe(poolId, (job) => heard.push(job));
  return heard;
};

describe('jobs by a log', () => {
  it('come to those who are there and to those who come later, in order, each to its pool', async () => {
    const [first, second] = [create(), create()];
    const early = heardBy(first, 'btc');
    await first.start();
    const large = randomBytes(2 * PART_BYTES + 1);
    first.publish('btc', large);
    first.publish('ltc', Buffer.from('other'));
    first.publish('btc', Buffer.from('small'));
    await settle();
    const late = heardBy(second, 'btc');
    await second.start();
    for (const heard of [early, late]) {
      expect(heard.map((job) => [job.equals(large), job.length])).toEqual([
        [true, large.length],
        [false, 5],
      ]);
    }
    await Promise.all([first.stop(), second.stop()]);
  });

  it('are read again when the log comes back', async () => {
    const exchange = create();
    const heard = heardBy(exchange, 'btc');
    await log.append(
      randomBytes(16),
      splitJob('btc', randomBytes(16), Buffer.from('job'))[0] ?? Buffer.alloc(0),
    );
    const { read } = log;
    log.read = () => Promise.reject(new Error('away'));
    const started = exchange.start();
    await settle();
    expect(heard).toEqual([]);
    log.read = read;
    await timers.advance(1_000);
    await started;
    expect(heard).toEqual([Buffer.from('job')]);
    await exchange.stop();
  });

  it('are read from the beginning when the log was made anew', async () => {
    const exchange = create();
    const heard = heardBy(exchange, 'btc');
    for (const job of ['one', 'two']) exchange.publish('btc', Buffer.from(job));
    await exchange.start();
    await settle();
    log = new MemoryLog();
    const anew = log;
    const read = anew.read.bind(anew);
    anew.read = async (after, limit) => {
      if (after > BigInt(anew.entries.length)) throw new LogError('LOG_REWOUND', 'it ends before that');
      return read(after, limit);
    };
    exchange.publish('btc', Buffer.from('three'));
    await timers.advance(1_000);
    expect(heard.map(String)).toEqual(['one', 'two', 'three']);
    await exchange.stop();
  });

  it('pass over what is no part, and over a job whose teller died', async () => {
    const exchange = create();
    const heard = heardBy(exchange, 'btc');
    const [begun] = splitJob('btc', randomBytes(16), randomBytes(PART_BYTES + 1));
    const entries = [Buffer.alloc(0), Buffer.from('nonsense'), begun ?? Buffer.alloc(0)];
    for (const entry of entries) await log.append(randomBytes(16), entry);
    exchange.publish('btc', Buffer.from('whole'));
    await exchange.start();
    await settle();
    expect(heard).toEqual([Buffer.from('whole')]);
    await exchange.stop();
  });
});

describe('parts of a job', () => {
  const split = (job: Buffer) => splitJob('p', randomBytes(16), job).map((entry) => readPart(entry));

  it('make the job again in any order, also with parts that come twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 * PART_BYTES }), fc.infiniteStream(fc.nat()), (size, order) => {
        const job = randomBytes(size);
        const parts = split(job).flatMap((part) => (part === undefined ? [] : [part]));
        const shuffled = parts
          .map((part) => ({ part, at: order.next().value }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ part }) => part);
        const assembler = new JobAssembler();
        const made = shuffled.flatMap((part) => [
          assembler.add(part),
          ...(parts.length > 1 ? [assembler.add(part)] : []),
        ]);
        // Comparing megabytes byte by byte is not Jest's strength.
        expect(made.flatMap((one) => (one === undefined ? [] : [one.equals(job)]))).toEqual([true]);
      }),
      { numRuns: 20 },
    );
  });

  it('of a job that is too large are not made', () => {
    expect(() => split(Buffer.alloc(MAX_PARTS * PART_BYTES + 1))).toThrow(RangeError);
  });

  it('are read out of no other bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void readPart(Buffer.from(bytes))));
    const [whole] = splitJob('p', randomBytes(16), Buffer.from('x'));
    for (let length = 0; length < 23; length++)
      expect(readPart((whole ?? Buffer.alloc(0)).subarray(0, length))).toBeUndefined();
  });
});
