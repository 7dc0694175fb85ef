import { silentLogger } from '@otedama/contracts';
import { BusLimitError, createLastValueBus } from './index.ts';

describe('last-value bus', () => {
  it('gives a late subscriber the last value, and everyone the next ones', () => {
    const bus = createLastValueBus<number>(silentLogger);
    const early: number[] = [];
    const late: number[] = [];
    bus.subscribe('a', (n) => early.push(n));
    bus.publish('a', 1);
    bus.publish('a', 2);
    const subscription = bus.subscribe('a', (n) => late.push(n));
    bus.publish('a', 3);
    subscription.unsubscribe();
    bus.publish('a', 4);
    expect(early).toEqual([1, 2, 3, 4]);
    expect(late).toEqual([2, 3]);
  });

  it('keeps subjects apart', () => {
    const bus = createLastValueBus<number>(silentLogger);
    const seen: number[] = [];
    bus.subscribe('a', (n) => seen.push(n));
    bus.publish('b', 1);
    expect(seen).toEqual([]);
  });

  it('delivers to the others when one subscriber fails', () => {
    const errors: unknown[] = [];
    const bus = createLastValueBus<number>({ ...silentLogger, error: (fields) => errors.push(fields) });
    const seen: number[] = [];
    bus.subscribe('a', () => {
      throw new Error('broken');
    });
    bus.subscribe('a', (n) => seen.push(n));
    bus.publish('a', 1);
    expect(seen).toEqual([1]);
    expect(errors).toHaveLength(1);
  });

  it('keeps one order for all when a listener publishes from within', () => {
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

  it('delivers once to a listener that subscribes from within, and not to one that left', () => {
    const bus = createLastValueBus<number>(silentLogger);
    const inner: number[] = [];
    const left: number[] = [];
    const outer = bus.subscribe('a', () => {
      outer.unsubscribe();
      leaver.unsubscribe();
      bus.subscribe('a', (n) => inner.push(n));
    });
    const leaver = bus.subscribe('a', (n) => left.push(n));
    bus.publish('a', 1);
    bus.publish('a', 2);
    expect(inner).toEqual([1, 2]);
    expect(left).toEqual([]);
  });

  it('refuses to grow without end', () => {
    const bus = createLastValueBus<number>(silentLogger);
    expect(() => {
      for (let i = 0; i < 10_000; i++) bus.publish(`s${i}`, i);
    }).toThrow(BusLimitError);
  });
});
