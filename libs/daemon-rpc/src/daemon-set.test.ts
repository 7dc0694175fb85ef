import { silentLogger } from '@otedama/contracts';
import { createDaemonSet, type DaemonSet, type DaemonSetOptions, type TipEvent } from './daemon-set.ts';
import { FakeDaemon, fakeHash, FakeTipFeed, GENESIS } from './testing/fake-daemon.ts';
import { ManualTimers, settle } from './testing/manual-timers.ts';
import { TipFeedError } from './tip-feed.ts';

let timers: ManualTimers;
let set: DaemonSet;
let tips: TipEvent[];
let errors: string[];

beforeEach(() => {
  timers = new ManualTimers();
  tips = [];
  errors = [];
});

const logger = { ...silentLogger, error: (_fields: object, message: string) => void errors.push(message) };

const withFeed = (): readonly [FakeDaemon, FakeTipFeed] => {
  const daemon = new FakeDaemon('a');
  const feed = new FakeTipFeed();
  daemon.tipFeed = feed;
  return [daemon, feed];
};

const start = async (
  daemons: readonly FakeDaemon[],
  options: Partial<DaemonSetOptions> = {},
): Promise<void> => {
  set = createDaemonSet(
    { clock: timers.clock, timers, random: () => 1, logger },
    { daemons, genesisHash: GENESIS, ...options },
  );
  set.onTip((tip) => tips.push(tip));
  set.start();
  await settle();
};

afterEach(() => set.stop());

const names = (daemons: readonly { readonly name: string }[]): string[] => daemons.map(({ name }) => name);

describe('choice of daemons', () => {
  it('prefers the order of the configuration, fails over, and comes back', async () => {
    const [a, b] = [new FakeDaemon('a'), new FakeDaemon('b')];
    await start([a, b]);
    expect(names(set.usable())).toEqual(['a', 'b']);
    a.failure = 'DAEMON_UNREACHABLE';
    await timers.advance(5_000);
    expect(names(set.usable())).toEqual(['b']);
    expect(set.status()).toMatchObject([
      { name: 'a', state: 'down', active: false },
      { name: 'b', state: 'up', active: true },
    ]);
    a.failure = undefined;
    await timers.advance(60_000);
    expect(names(set.usable())).toEqual(['a', 'b']);
  });

  it('leaves a daemon that stays more than one block behind its peers', async () => {
    const [a, b] = [new FakeDaemon('a'), new FakeDaemon('b')];
    await start([a, b]);
    b.moveTo(1);
    await timers.advance(60_000);
    expect(names(set.usable())).toEqual(['a', 'b']);
    b.moveTo(2);
    await timers.advance(20_000);
    expect(names(set.usable())).toEqual(['a', 'b']);
    await timers.advance(20_000);
    expect(names(set.usable())).toEqual(['b']);
    expect(set.status()[0]).toMatchObject({ state: 'stale', detail: 'at height 0, its peers at 2' });
    a.moveTo(2);
    await timers.advance(5_000);
    expect(names(set.usable())).toEqual(['a', 'b']);
  });

  it('a daemon of another chain is never used and never makes the others look stale', async () => {
    const [a, b] = [new FakeDaemon('a'), new FakeDaemon('b')];
    b.genesis = 'ff'.repeat(32);
    b.height = 900;
    await start([a, b]);
    await timers.advance(120_000);
    expect(names(set.usable())).toEqual(['a']);
    expect(set.status()[1]?.detail).toContain('another chain');
  });

  it('asks a daemon for its chain again after it was away', async () => {
    const a = new FakeDaemon('a');
    await start([a]);
    a.failure = 'DAEMON_UNREACHABLE';
    await timers.advance(5_000);
    a.failure = undefined;
    a.genesis = 'ff'.repeat(32);
    await timers.advance(60_000);
    expect(set.usable()).toEqual([]);
  });

  it('a busy daemon stays in use', async () => {
    const a = new FakeDaemon('a');
    await start([a]);
    a.failure = 'DAEMON_BUSY';
    await timers.advance(20_000);
    expect(set.status()[0]).toMatchObject({ state: 'up', detail: 'fake DAEMON_BUSY' });
  });

  it('a syncing daemon comes last and has no say about the chain', async () => {
    const [a, b] = [new FakeDaemon('a'), new FakeDaemon('b')];
    a.syncing = true;
    await start([a, b]);
    expect(names(set.usable())).toEqual(['b', 'a']);
    expect(names(set.synced())).toEqual(['b']);
  });

  it('all down is a reason that names each of them, and a change that is told once', async () => {
    const [a, b] = [new FakeDaemon('a'), new FakeDaemon('b')];
    await start([a, b]);
    let changes = 0;
    set.onChange(() => changes++);
    a.failure = 'DAEMON_UNREACHABLE';
    b.failure = 'DAEMON_UNAUTHORIZED';
    await timers.advance(120_000);
    expect(set.availability()).toEqual({
      kind: 'stopped',
      reason: 'no usable daemon (a down: fake DAEMON_UNREACHABLE; b down: fake DAEMON_UNAUTHORIZED)',
    });
    expect(changes).toBe(2);
  });

  it('asks a daemon that is away ever less often, but at least every half minute', async () => {
    const a = new FakeDaemon('a');
    let polls = 0;
    a.getBlockchainInfo = () => {
      polls++;
      return FakeDaemon.prototype.getBlockchainInfo.call(a);
    };
    a.failure = 'DAEMON_UNREACHABLE';
    await start([a]);
    await timers.advance(31_500);
    expect(polls).toBe(7);
    polls = 0;
    await timers.advance(300_000);
    expect(polls).toBe(10);
  });
});

describe('news of tips', () => {
  it('a long poll brings the tip at once, with its template', async () => {
    const a = new FakeDaemon('a');
    await start([a]);
    tips.length = 0;
    a.moveTo(1);
    await settle();
    expect(tips).toMatchObject([{ source: 'longpoll', hash: fakeHash(1), template: { height: 2 } }]);
    expect(a.longPollsWaiting).toBe(1);
  });

  it('the slow poll finds what nothing else told, and each tip is told once for a daemon', async () => {
    const a = new FakeDaemon('a');
    await start([a], { longPoll: false });
    a.moveTo(1);
    await timers.advance(20_000);
    expect(tips.map(({ source, hash }) => [source, hash])).toEqual([
      ['poll', GENESIS],
      ['poll', fakeHash(1)],
    ]);
  });

  it('a feed comes first and the long poll says nothing more', async () => {
    const [a, feed] = withFeed();
    await start([a]);
    tips.length = 0;
    feed.announce(fakeHash(1));
    a.moveTo(1);
    await timers.advance(10_000);
    expect(tips.map(({ source }) => source)).toEqual(['zmq']);
  });

  it.each(['TIP_FEED_MISSING', 'TIP_FEED_ENDPOINT'] as const)(
    'after %s the other two go on, and nobody tries again',
    async (code) => {
      const [a, feed] = withFeed();
      feed.failure = new TipFeedError(code, 'not here');
      await start([a]);
      tips.length = 0;
      a.moveTo(1);
      await timers.advance(120_000);
      expect(tips.map(({ source }) => source)).toEqual(['longpoll']);
      expect(feed.subscriptions).toBe(1);
    },
  );

  it('a feed that breaks off is subscribed again ever less often, and told once', async () => {
    const [a, feed] = withFeed();
    await start([a]);
    feed.announce(fakeHash(1));
    feed.failure = new TipFeedError('TIP_FEED_BROKEN', 'gone');
    feed.breakOff(feed.failure);
    await timers.advance(31_500);
    expect(feed.subscriptions).toBe(7);
    expect(errors).toEqual(['no block notices']);
    feed.failure = undefined;
    await timers.advance(30_000);
    feed.announce(fakeHash(2));
    expect(tips.at(-1)).toMatchObject({ source: 'zmq', hash: fakeHash(2) });
    feed.breakOff(new TipFeedError('TIP_FEED_BROKEN', 'gone'));
    await timers.advance(500);
    expect(feed.subscriptions).toBe(9);
    expect(errors).toHaveLength(2);
  });

  it('a daemon without long poll is asked for one template and not again', async () => {
    const [a] = withFeed();
    a.longPolls = false;
    await start([a]);
    a.moveTo(1);
    await timers.advance(60_000);
    expect(a.templateCalls).toBe(1);
    expect(tips.at(-1)).toMatchObject({ source: 'poll', hash: fakeHash(1) });
  });

  it.each([false, true])(
    'the slow poll is a fast one where nothing else tells of tips (feed: %p)',
    async (fed) => {
      const [a, feed] = withFeed();
      feed.failure = new TipFeedError('TIP_FEED_MISSING', 'not here');
      if (!fed) a.tipFeed = undefined;
      a.longPolls = false;
      await start([a]);
      await timers.advance(5_000);
      a.moveTo(1);
      await timers.advance(1_000);
      expect(tips.at(-1)).toMatchObject({ source: 'poll', hash: fakeHash(1) });
    },
  );

  it('hangs up a long poll when the daemon stops answering, and polls again when it is back', async () => {
    const a = new FakeDaemon('a');
    await start([a]);
    expect(a.longPollsWaiting).toBe(1);
    a.failure = 'DAEMON_TIMEOUT';
    await timers.advance(5_000);
    expect(a.longPollsWaiting).toBe(0);
    a.failure = undefined;
    await timers.advance(60_000);
    expect(a.longPollsWaiting).toBe(1);
  });

  it('a daemon whose long polls return without news is not asked in a tight loop', async () => {
    const a = new FakeDaemon('a');
    let calls = 0;
    a.getBlockTemplate = () => {
      calls++;
      return Promise.resolve({ previousBlockHash: a.tip, height: 1, longPollId: 'same', value: {} });
    };
    await start([a]);
    await timers.advance(10_000);
    expect(calls).toBeLessThanOrEqual(12);
  });

  it('stop ends every loop and closes the daemons', async () => {
    const [a] = withFeed();
    await start([a]);
    await set.stop();
    expect(timers.pending).toBe(0);
    expect(a.closed).toBe(true);
  });
});
