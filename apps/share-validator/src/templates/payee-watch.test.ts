import type { Logger, PayeeSnapshot } from '@otedama/contracts';
import { createLastValueBus } from '@otedama/bus';
import { payeesSubject, silentLogger } from '@otedama/contracts';
import { createPayeeWatch, OLD_AFTER_MS } from './payee-watch.ts';

const snapshot = (takenAtMs: number): PayeeSnapshot => ({
  poolId: 'p1',
  takenAtMs,
  blocksTo: 0n,
  windowTo: 1n,
  windowCapacity: 1n,
  windowWork: 0n,
  boughtWork: 0n,
  carriesOn: undefined,
  payees: [],
});

const start = () => {
  const bus = createLastValueBus<PayeeSnapshot>(silentLogger);
  const said: string[] = [];
  const log = (level: string) => (_: unknown, message: string) => said.push(`${level}: ${message}`);
  const logger = {
    ...silentLogger,
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
  } as unknown as Logger;
  const time = { nowMs: 0 };
  const blocks = { pending: 0, loggedTo: 0n };
  const own = { pending: () => blocks.pending, loggedTo: () => blocks.loggedTo };
  const watch = createPayeeWatch({ bus, blocks: own, clock: () => time.nowMs, logger }, 'p1');
  let firsts = 0;
  watch.start(() => firsts++);
  return {
    watch,
    said,
    time,
    blocks,
    tell: (one: PayeeSnapshot) => bus.publish(payeesSubject('p1'), one),
    firsts: () => firsts,
  };
};

describe('the payees of a pool', () => {
  it('are told once when there are some, and are always the newest', () => {
    const { watch, tell, firsts } = start();
    expect(watch.current()).toBeUndefined();
    tell(snapshot(1));
    tell(snapshot(2));
    expect(firsts()).toBe(1);
    expect(watch.current()?.takenAtMs).toBe(2);
    watch.stop();
    tell(snapshot(3));
    expect(watch.current()?.takenAtMs).toBe(2);
  });

  it('have no carries while a block of ours is not booked that may have paid them', () => {
    const { watch, tell, blocks } = start();
    const tip = Buffer.alloc(32, 7);
    const carriesOn = () => watch.current()?.carriesOn;
    tell({ ...snapshot(1), blocksTo: 5n, carriesOn: tip });
    expect(carriesOn()).toBe(tip);
    blocks.pending = 1;
    expect(carriesOn()).toBeUndefined();
    // It is in the log, and accounting has not come so far.
    [blocks.pending, blocks.loggedTo] = [0, 6n];
    expect(carriesOn()).toBeUndefined();
    tell({ ...snapshot(2), blocksTo: 6n, carriesOn: tip });
    expect(carriesOn()).toBe(tip);
  });

  it('are not used when no books can have them', () => {
    const { watch, said, tell } = start();
    const payee = { address: 'a', before: 0n, work: 1n, carriedAtomic: 0n };
    tell({ ...snapshot(1), payees: [payee] });
    expect(watch.current()).toBeUndefined();
    expect(said).toEqual(['error: payees that no books can have: not used']);
  });

  it('stay good when accounting is away, and it is said once, and once when it is back', () => {
    const { watch, said, time, tell } = start();
    tell(snapshot(0));
    watch.current();
    time.nowMs = OLD_AFTER_MS + 1;
    expect(watch.current()?.takenAtMs).toBe(0);
    watch.current();
    expect(watch.state()).toBe('old');
    tell(snapshot(time.nowMs));
    watch.current();
    expect(said).toEqual([
      expect.stringMatching(/^info: payees of the coinbase are known/),
      expect.stringMatching(/^warn: accounting tells no new payees/),
      expect.stringMatching(/^info: payees of the coinbase are known/),
    ]);
  });

  it('may be missing for a moment after the start, and are missed in words after that', () => {
    const { watch, said, time } = start();
    watch.current();
    expect(said).toEqual([]);
    time.nowMs = 30_000;
    watch.current();
    watch.current();
    expect(said).toEqual([expect.stringMatching(/^warn: no payees are known/)]);
  });
});
