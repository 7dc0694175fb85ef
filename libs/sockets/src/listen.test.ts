import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

import type { Arrival } from './arrival.ts';
import { type Listener, listen } from './listen.ts';
import { Pace } from './pace.ts';
import { until } from './testing/until.ts';

const OPTIONS = { host: '127.0.0.1', port: 0, backlog: 16, reusePort: false, maxWaiting: 4 };
/** A loop that never has time. */
const busyPace = (): Pace =>
  new Pace({ share: 1 }, { nowMs: () => 0, soon: () => undefined, later: () => undefined });

const closeOf = (peer: Socket): Promise<void> =>
  new Promise((resolve) => peer.once('close', () => resolve()));

describe('a listener', () => {
  const peers: Socket[] = [];
  let listener: Listener;
  let arrivals: Arrival[];
  const knock = (localAddress = '127.0.0.1'): Socket => {
    const peer = connect({ host: '127.0.0.1', port: listener.port, localAddress });
    peer.on('error', () => undefined);
    peers.push(peer);
    return peer;
  };
  const start = async (pace: Pace, options: Partial<typeof OPTIONS> = {}): Promise<void> => {
    listener = await listen({ ...OPTIONS, ...options }, pace, (arrival) => arrivals.push(arrival));
  };
  beforeEach(() => {
    arrivals = [];
  });
  afterEach(() => {
    listener.close();
    for (const peer of peers.splice(0)) peer.destroy();
  });

  it('gives on who comes, with its address and what it has said', async () => {
    await start(new Pace({ share: 1 }));
    const peer = knock('127.0.0.5');
    peer.write('hello');
    await until('it came', () => arrivals.length === 1);
    const [arrival] = arrivals;
    expect([arrival?.address, arrival?.port]).toEqual(['127.0.0.5', peer.localPort]);
    const stream = arrival?.stream() as Socket;
    expect([stream.remoteAddress, stream.isPaused()]).toEqual(['127.0.0.5', true]);
    const heard = once(stream, 'data');
    stream.resume();
    expect(String(await heard)).toBe('hello');
    stream.end('bye');
    expect(String(await once(peer, 'data'))).toBe('bye');
  });

  it('takes a name for an address', async () => {
    await start(new Pace({ share: 1 }), { host: 'localhost' });
    const peer = connect({ host: 'localhost', port: listener.port });
    peers.push(peer);
    await until('it came', () => arrivals.length === 1);
    arrivals[0]?.stream().destroy();
  });

  it('of IPv6 tells addresses of IPv4 as such', async () => {
    await start(new Pace({ share: 1 }), { host: '::' });
    knock('127.0.0.6');
    await until('it came', () => arrivals.length === 1);
    expect(arrivals[0]?.address).toBe('127.0.0.6');
    arrivals[0]?.reset();
  });

  it('keeps those who come waiting until there is time for them', async () => {
    await start(busyPace());
    knock();
    knock();
    await until('both wait', () => listener.waiting === 2);
    expect(arrivals).toEqual([]);
  });

  it('resets an arrival that is not wanted', async () => {
    await start(new Pace({ share: 1 }));
    const peer = knock();
    await until('it came', () => arrivals.length === 1);
    const failed = closeOf(peer);
    arrivals[0]?.reset();
    await failed;
    expect(peer.errored).toMatchObject({ code: 'ECONNRESET' });
  });

  it('resets those who wait when it closes, and listens no more', async () => {
    await start(busyPace());
    const peer = knock();
    await until('it waits', () => listener.waiting === 1);
    const gone = closeOf(peer);
    listener.close();
    await gone;
    const late = knock();
    await closeOf(late);
    expect(late.errored).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says why it cannot listen', async () => {
    await start(new Pace({ share: 1 }));
    await expect(start(new Pace({ share: 1 }), { port: listener.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
