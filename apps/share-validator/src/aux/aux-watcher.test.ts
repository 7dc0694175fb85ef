import { type Logger, silentLogger } from '@otedama/contracts';
import { createDaemonSet, type DaemonSet } from '@otedama/daemon-rpc';
import { ManualTimers, settle } from '@otedama/daemon-rpc/testing';
import { DOGECOIN, FakeAuxDaemon } from '../testing/fake-aux-daemon.ts';
import { AuxWatcher } from './aux-watcher.ts';

let timers: ManualTimers;
let set: DaemonSet;
let watcher: AuxWatcher;
let changes: number;
let warnings: string[];
let a: FakeAuxDaemon;
let b: FakeAuxDaemon;

const start = async (members: readonly FakeAuxDaemon[]): Promise<void> => {
  timers = new ManualTimers();
  warnings = [];
  changes = 0;
  const warn = (fields: Record<string, unknown>, message: string): void => {
    if (message !== 'coin daemon changed state') warnings.push(String(fields['reason'] ?? message));
  };
  const logger: Logger = { ...silentLogger, warn };
  const base = { clock: timers.clock, timers, random: () => 1, logger };
  set = createDaemonSet(base, { daemons: members, genesisHash: DOGECOIN.genesisHash, longPoll: false });
  watcher = new AuxWatcher({ ...base, daemons: set, members }, { poolId: 'p1', coin: DOGECOIN });
  watcher.start(() => changes++);
  set.start();
  await settle();
};

beforeEach(() => {
  a = new FakeAuxDaemon('a');
  b = new FakeAuxDaemon('b');
});
afterEach(async () => {
  watcher.stop();
  await set.stop();
});

describe('an auxiliary chain', () => {
  it('has work as soon as a daemon gives some, and other work on each tip', async () => {
    await start([a]);
    expect(watcher.work()?.height).toBe(101);
    a.moveTo(105);
    await timers.advance(5_000);
    expect(watcher.work()?.height).toBe(106);
    expect(changes).toBe(2);
  });

  it('is asked every few seconds, and tells of changes only', async () => {
    await start([a]);
    const calls = a.auxCalls;
    await timers.advance(4_000);
    expect(a.auxCalls).toBe(calls + 2);
    expect(changes).toBe(1);
    a.variant++;
    await timers.advance(2_000);
    expect(changes).toBe(2);
  });

  it('goes on with the next daemon, and without work when there is none', async () => {
    await start([a, b]);
    const first = watcher.work();
    a.auxFailure = 'DAEMON_BUSY';
    await timers.advance(2_000);
    expect(watcher.work()).toMatchObject({ height: 101 });
    expect(watcher.work()).not.toEqual(first);
    b.failure = 'DAEMON_UNREACHABLE';
    await timers.advance(2_000);
    expect(watcher.work()).toBeUndefined();
    a.auxFailure = undefined;
    await timers.advance(2_000);
    expect(watcher.work()).toEqual(first);
  });

  it('has none from a daemon that is on another chain, or says what cannot be', async () => {
    a.genesis = 'ff'.repeat(32);
    b.lies = { chainId: 7 };
    await start([a, b]);
    await timers.advance(10_000);
    expect(watcher.work()).toBeUndefined();
    expect([a.auxCalls, changes]).toEqual([0, 0]);
    expect(watcher.complaint('b')).toMatch(/chain id 7/);
    expect(warnings).toHaveLength(1);
    b.lies = {};
    await timers.advance(2_000);
    expect(watcher.work()?.height).toBe(101);
    expect(watcher.complaint('b')).toBeUndefined();
  });

  it('says once that an old daemon pays its own wallet', async () => {
    a.lies = { paysTo: 'daemon-wallet' };
    await start([a]);
    await timers.advance(10_000);
    expect(watcher.work()?.height).toBe(101);
    expect(warnings).toEqual(['this daemon takes no payout address: its own wallet is paid']);
  });

  it('is left alone when stopped, whatever still answers', async () => {
    await start([a]);
    watcher.stop();
    const calls = a.auxCalls;
    a.moveTo(110);
    watcher.refresh();
    await timers.advance(20_000);
    expect([a.auxCalls, changes]).toEqual([calls, 1]);
  });
});
