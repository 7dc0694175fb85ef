import { silentLogger } from '@otedama/contracts';
import {
  type ServerProcess,
  type Scratch,
  describeWith,
  eventually,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import {
  type Lease,
  type NatsLink,
  connectNats,
  createLease,
  createPresence,
  ensureStreams,
} from '../index.ts';

describeWith('nats-server', natsServerProgram())('leases and presence', () => {
  let scratch: Scratch;
  let nats: ServerProcess;
  const links: NatsLink[] = [];
  const open = async (name: string): Promise<NatsLink> => {
    const link = await connectNats({ servers: [nats.url], name }, { logger: silentLogger });
    links.push(link);
    return link;
  };

  beforeEach(async () => {
    scratch = scratchDirectory('leases');
    nats = await startNats({ dir: scratch.path });
    await ensureStreams(await open('admin'));
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    await nats[Symbol.asyncDispose]();
    scratch.remove();
  });

  interface Candidate {
    readonly lease: Lease;
    readonly link: NatsLink;
    readonly events: string[];
  }
  /** All say into one list, in the order in which it happens. */
  const candidate = async (name: string, events: string[], ttlMs?: number): Promise<Candidate> => {
    const link = await open(name);
    const options = { key: 'template.btc', holder: name, ...(ttlMs === undefined ? {} : { ttlMs }) };
    const lease = createLease({ link, logger: silentLogger }, options, {
      onGain: () => events.push(`${name} gains`),
      onLoss: () => events.push(`${name} loses`),
    });
    return { lease, link, events };
  };
  const leader = (candidates: readonly Candidate[]): Promise<Candidate> =>
    eventually('a leader', () => candidates.find(({ lease }) => lease.isHeld()));

  it('has one holder of many, and a successor at once when it is given back', async () => {
    const events: string[] = [];
    // So long that whoever waits for the time to pass fails the test.
    const ttlMs = 600_000;
    const all = await Promise.all(['a', 'b', 'c'].map((name) => candidate(name, events, ttlMs)));
    const first = await leader(all);
    await first.lease.stop();
    const rest = all.filter((one) => one !== first);
    const second = await leader(rest);
    expect(events).toHaveLength(3);
    expect(events[1]).toMatch(/loses$/);
    expect(rest.filter(({ lease }) => lease.isHeld())).toEqual([second]);
    await second.lease.stop();
    const third = await leader(rest.filter((one) => one !== second));
    await third.lease.stop();
    expect(events).toHaveLength(6);
  });

  it('is lost by a holder that cannot renew before another has it', async () => {
    const events: string[] = [];
    const first = await candidate('first', events);
    await leader([first]);
    const second = await candidate('second', events);
    // Its connection is gone and does not come back: to the others it is as good as dead.
    await first.link.connection.close();
    await leader([second]);
    expect(events).toEqual(['first gains', 'first loses', 'second gains']);
    await Promise.all([first.lease.stop(), second.lease.stop()]);
  });

  it('is renewed for longer than its time, whoever waits for it', async () => {
    const events: string[] = [];
    const first = await candidate('first', events, 300);
    await leader([first]);
    const second = await candidate('second', events, 300);
    const watched: number[] = [];
    const watching = second.link.connection.subscribe('kept.$KV.LEASES.>', {
      callback: () => void watched.push(1),
    });
    // Ten renewals are more than three times of 300 ms.
    await eventually('ten renewals', () => watched.length >= 10);
    watching.unsubscribe();
    expect(events).toEqual(['first gains']);
    await Promise.all([first.lease.stop(), second.lease.stop()]);
  });

  it('outlives the death of the server, with one holder at any time', async () => {
    const events: string[] = [];
    const all = await Promise.all(['a', 'b'].map((name) => candidate(name, events, 400)));
    await leader(all);
    for (let round = 0; round < 3; round++) {
      await nats.kill();
      await eventually('the loss of the lease', () => all.every(({ lease }) => !lease.isHeld()));
      await nats.start();
      await leader(all);
    }
    await Promise.all(all.map(({ lease }) => lease.stop()));
    // Whoever gains has no one beside: gains and losses alternate.
    const kinds = events.map((event) => event.split(' ')[1]);
    expect(kinds).toEqual(kinds.map((_, i) => (i % 2 === 0 ? 'gains' : 'loses')));
    expect(kinds.length).toBeGreaterThanOrEqual(8);
  });

  it('knows by its own clock that its time is over, even before it is told', async () => {
    let skipMs = 0;
    const link = await open('held-up');
    const lease = createLease(
      { link, logger: silentLogger, monotonicMs: () => performance.now() + skipMs },
      { key: 'payouts', holder: 'held-up' },
    );
    await eventually('the lease', () => lease.isHeld());
    skipMs = 5_000;
    expect(lease.isHeld()).toBe(false);
    await lease.stop();
  });

  it('lists who is there, forgets who left and who is silent', async () => {
    const self = (service: string, id: string) => () => ({
      service,
      id,
      version: '1.0.0',
      startedAtMs: 1,
      status: { sessions: 7 },
    });
    let skipMs = 0;
    const [watcherLink, gatewayLink, validatorLink] = await Promise.all(['w', 'g', 'v'].map(open));
    if (watcherLink === undefined || gatewayLink === undefined || validatorLink === undefined)
      throw new Error();
    const deps = { logger: silentLogger, monotonicMs: () => performance.now() + skipMs };
    const watcher = createPresence({ ...deps, link: watcherLink });
    const gateway = createPresence({ ...deps, link: gatewayLink }, { self: self('stratum-gateway', 'g1') });
    const validator = createPresence(
      { ...deps, link: validatorLink },
      { self: self('share-validator', 'v1') },
    );
    const ids = (service?: string): string[] => watcher.list(service).map(({ id }) => id);
    await eventually('both', () => ids().length === 2);
    expect(ids('stratum-gateway')).toEqual(['g1']);
    expect(watcher.list()[1]).toMatchObject({ version: '1.0.0', status: { sessions: 7 } });
    gateway.stop();
    await eventually('one', () => ids().length === 1);
    watcherLink.connection.publish('presence.x.y', 'not a presence');
    skipMs = 60_000;
    expect(ids()).toEqual([]);
    await eventually('it is heard again', () => ids().length === 1);
    validator.stop();
    watcher.stop();
  });
});
