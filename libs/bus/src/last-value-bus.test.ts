import { type LastValueBus, type Logger, TEMPLATES_STREAM, silentLogger } from '@otedama/contracts';
import {
  describeWith,
  eventually,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import { BusLimitError, createLastValueBus } from './index.ts';
import { connectNats, createNatsLastValueBus, ensureStreams } from './nats/index.ts';

// A real server on a machine that may be busy with other things.
interface Driver {
  bus(logger: Logger): LastValueBus<number>;
  stop(): Promise<void>;
}

const codec = {
  encode: (n: number) => Buffer.from(String(n)),
  decode: (bytes: Uint8Array) => Number(Buffer.from(bytes).toString()),
};

const startNatsDriver = async (): Promise<Driver> => {
  const scratch = scratchDirectory('last-value');
  const nats = await startNats({ dir: scratch.path });
  const link = await connectNats({ servers: [nats.url], name: 'bus' }, { logger: silentLogger });
  await ensureStreams(link);
  return {
    bus: (logger) => createNatsLastValueBus<number>({ link, logger, codec }, { stream: TEMPLATES_STREAM }),
    stop: async () => {
      await link.close();
      await nats.stop();
      scratch.remove();
    },
  };
};

/** What every last-value bus must do, whether it delivers within the call or a moment later. */
const contract = (start: () => Promise<Driver>) => () => {
  let driver: Driver;
  let tests = 0;
  /** Of this test alone: values are kept. */
  const subject = (name: string): string => `template.${name}-${tests}`;
  const has = (seen: readonly number[], value: number): Promise<true> =>
    eventually(`${value}`, () => seen.includes(value) || undefined);

  /** From here on a subscriber hears everything; one that has just subscribed may begin with a newer value. */
  const listen = async (bus: LastValueBus<number>): Promise<number[]> => {
    const seen: number[] = [];
    bus.subscribe(subject('a'), (n) => seen.push(n));
    bus.publish(subject('a'), 0);
    await has(seen, 0);
    return seen;
  };

  beforeAll(async () => {
    driver = await start();
  });
  beforeEach(() => (tests += 1));
  afterAll(() => driver.stop());

  it('gives a late subscriber the last value, and everyone the next ones', async () => {
    const bus = driver.bus(silentLogger);
    const early = await listen(bus);
    const late: number[] = [];
    bus.publish(subject('a'), 1);
    bus.publish(subject('a'), 2);
    await has(early, 2);
    const subscription = bus.subscribe(subject('a'), (n) => late.push(n));
    await has(late, 2);
    bus.publish(subject('a'), 3);
    await has(early, 3);
    await has(late, 3);
    subscription.unsubscribe();
    bus.publish(subject('a'), 4);
    await has(early, 4);
    expect(early).toEqual([0, 1, 2, 3, 4]);
    expect(late).toEqual([2, 3]);
  });

  it('tells with each event, also with the kept one, what led to it', async () => {
    const bus = driver.bus(silentLogger);
    const heard = await listen(bus);
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const [early, late]: [unknown[], unknown[]] = [[], []];
    bus.subscribe(subject('a'), (...event) => early.push(event));
    bus.publish(subject('a'), 1, trace);
    await has(heard, 1);
    bus.subscribe(subject('a'), (...event) => late.push(event));
    bus.publish(subject('a'), 2);
    await eventually('both events', () => late.length === 2 || undefined);
    expect(early.slice(-2)).toEqual([
      [1, trace],
      [2, undefined],
    ]);
    expect(late).toEqual([
      [1, trace],
      [2, undefined],
    ]);
  });

  it('keeps subjects apart', async () => {
    const bus = driver.bus(silentLogger);
    const seen: number[] = [];
    bus.subscribe(subject('a'), (n) => seen.push(n));
    bus.publish(subject('b'), 1);
    bus.publish(subject('a'), 2);
    await has(seen, 2);
    expect(seen).toEqual([2]);
  });

  it('delivers to the others when one subscriber fails', async () => {
    const errors: unknown[] = [];
    const bus = driver.bus({ ...silentLogger, error: (fields) => errors.push(fields) });
    const seen: number[] = [];
    bus.subscribe(subject('a'), () => {
      throw new Error('broken');
    });
    bus.subscribe(subject('a'), (n) => seen.push(n));
    bus.publish(subject('a'), 1);
    await has(seen, 1);
    expect(errors).toHaveLength(1);
  });

  it('keeps one order for all, and what a listener publishes from within', async () => {
    const bus = driver.bus(silentLogger);
    const first = await listen(bus);
    const second: number[] = [];
    bus.subscribe(subject('a'), (n) => {
      second.push(n);
      if (n === 1 || n === 2) bus.publish(subject('a'), n + 10);
    });
    for (const n of [1, 2, 3]) bus.publish(subject('a'), n);
    for (const n of [11, 12, 3]) await Promise.all([has(first, n), has(second, n)]);
    expect(second).toEqual(first);
    expect(second.filter((n) => n < 10)).toEqual([0, 1, 2, 3]);
  });

  it('delivers once to a listener that subscribes from within, and not to one that left', async () => {
    const bus = driver.bus(silentLogger);
    await listen(bus);
    const inner: number[] = [];
    const left: number[] = [];
    const outer = bus.subscribe(subject('a'), (n) => {
      if (n === 0) return;
      outer.unsubscribe();
      leaver.unsubscribe();
      bus.subscribe(subject('a'), (n) => inner.push(n));
    });
    const leaver = bus.subscribe(subject('a'), (n) => left.push(n));
    bus.publish(subject('a'), 1);
    bus.publish(subject('a'), 2);
    await has(inner, 2);
    expect(inner).toEqual([1, 2]);
    expect(left).toEqual([0]);
  });

  it('refuses to grow without end', () => {
    const bus = driver.bus(silentLogger);
    expect(() => {
      for (let i = 0; i < 10_000; i++) bus.subscribe(subject(`s${i}`), () => undefined);
    }).toThrow(BusLimitError);
  });
};

describe('last-value bus in process', () => {
  contract(async () => ({ bus: (logger) => createLastValueBus(logger), stop: async () => undefined }))();

  it('delivers within the call, also what is published from within', () => {
    const bus = createLastValueBus<number>(silentLogger);
    const seen: number[] = [];
    bus.subscribe('a', (n) => {
      if (n === 1) bus.publish('a', 2);
    });
    bus.subscribe('a', (n) => seen.push(n));
    bus.publish('a', 1);
    bus.publish('a', 3);
    expect(seen).toEqual([1, 2, 3]);
  });
});

describeWith('nats-server', natsServerProgram())('last-value bus over NATS', contract(startNatsDriver));
