import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { hasNativeSockets } from '@otedama/native';
import { type Listener, listen } from '../listen.ts';
import { Pace } from '../pace.ts';
import { turns, until } from '../testing/until.ts';
import type { PeerListener, PeerSocket } from './peer-socket.ts';
import { Peers } from './peers.ts';

/** Keeps what it was told. */
class Log implements PeerListener {
  readonly own: PeerSocket;
  readonly chunks: Buffer[] = [];
  length = 0;
  queueChanges = 0;
  closes = 0;
  error: Error | undefined;
  onHeard: (bytes: Buffer) => void = () => undefined;

  constructor(own: PeerSocket) {
    this.own = own;
    own.listen(this);
  }

  get heard(): Buffer {
    return Buffer.concat(this.chunks);
  }

  onData(bytes: Buffer): void {
    // The bytes are lent for the call only.
    this.chunks.push(Buffer.from(bytes));
    this.length += bytes.length;
    this.onHeard(bytes);
  }

  onQueueChange(): void {
    this.queueChanges += 1;
  }

  onClose(error?: Error): void {
    this.closes += 1;
    this.error = error;
  }
}

interface Party {
  readonly peer: Socket;
  readonly own: PeerSocket;
  readonly log: Log;
}

const KINDS: readonly (readonly [string, boolean])[] = [['streams of Node', false]];
const ALL = hasNativeSockets() ? [...KINDS, ['sockets of the system', true] as const] : KINDS;

describe.each(ALL)('peers over %s', (_kind, isNative) => {
  let peers: Peers;
  let listener: Listener;
  let arrived: PeerSocket[];
  let clients: Socket[];

  beforeEach(async () => {
    peers = new Peers(isNative);
    arrived = [];
    clients = [];
    const options = { host: '127.0.0.1', port: 0, backlog: 512, reusePort: false, maxWaiting: 512 };
    listener = await listen(options, new Pace({ share: 1 }), (arrival) => {
      const own = peers.take(arrival);
      if (own !== undefined) arrived.push(own);
    });
  });
  afterEach(() => {
    for (const client of clients) client.destroy();
    listener.close();
    peers.close();
  });

  const meet = async (): Promise<Party> => {
    const at = arrived.length;
    const peer = connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true });
    peer.on('error', () => undefined);
    clients.push(peer);
    await until('it is here', () => arrived.length > at);
    const own = arrived[at];
    if (own === undefined) throw new Error('nobody came');
    expect(own.address).toBe('127.0.0.1');
    return { peer, own, log: new Log(own) };
  };

  const crowd = async (size: number): Promise<Party[]> => {
    const parties: Party[] = [];
    while (parties.length < size) parties.push(await meet());
    return parties;
  };

  /** All that comes to the peer from now on. */
  const collect = (peer: Socket): { bytes: () => Buffer; isEnded: () => boolean } => {
    const chunks: Buffer[] = [];
    let isEnded = false;
    peer.on('data', (chunk: Buffer) => chunks.push(chunk));
    peer.on('end', () => (isEnded = true));
    return { bytes: () => Buffer.concat(chunks), isEnded: () => isEnded };
  };

  const send = (own: PeerSocket, ...parts: (string | Buffer)[]): void => {
    own.stage(parts);
    peers.commit();
  };

  it('hear what is said to them, each its own, in order', async () => {
    const parties = await crowd(100);
    const said = parties.map((_, i) => Array.from({ length: 2_000 }, (__, n) => `${i}:${n};`).join(''));
    parties.forEach(({ own, peer }, i) => {
      own.resume();
      peer.write(said[i] ?? '');
    });
    await until('all is heard', () => parties.every(({ log }, i) => log.length === said[i]?.length));
    expect(parties.map(({ log }) => log.heard.toString())).toEqual(said);
  });

  it('hear nothing before they are resumed, nor while they are paused, and lose none of it', async () => {
    const { own, peer, log } = await meet();
    peer.write('one;');
    await turns(30);
    expect(log.length).toBe(0);
    own.resume();
    await until('it is heard', () => log.heard.toString() === 'one;');
    own.pause();
    peer.end('two;');
    await turns(30);
    expect([log.heard.toString(), log.closes]).toEqual(['one;', 0]);
    own.resume();
    await until('it is over', () => log.closes === 1);
    expect(log.heard.toString()).toBe('one;two;');
  });

  it('say to many what each is to hear, in one go', async () => {
    const parties = await crowd(300);
    const heard = parties.map(({ peer }) => collect(peer));
    parties.forEach(({ own }, i) => own.stage([`{"für":${i}}\n`, Buffer.from([0, 255, 10])]));
    peers.commit();
    const wanted = parties.map((_, i) =>
      Buffer.concat([Buffer.from(`{"für":${i}}\n`), Buffer.from([0, 255, 10])]),
    );
    await until('all is heard', () => heard.every(({ bytes }, i) => bytes().length === wanted[i]?.length));
    expect(heard.map(({ bytes }) => bytes())).toEqual(wanted);
    expect(parties.map(({ log }) => log.queueChanges)).toEqual(parties.map(() => 0));
  });

  it('keep what a peer does not take, in order, say so, and say when all has gone', async () => {
    const { own, peer, log } = await meet();
    const texts = Array.from({ length: 120 }, (_, i) => `${i}:${'x'.repeat(80_000)}\n`);
    texts.push('h'.repeat(400_000), 'end');
    for (const text of texts) send(own, text);
    const whole = texts.join('');
    expect(log.queueChanges).toBeGreaterThan(0);
    expect(own.queuedBytes).toBeGreaterThan(0);
    expect(own.sentBytes + own.queuedBytes).toBe(whole.length);
    const told = log.queueChanges;
    const { bytes } = collect(peer);
    await until('all is heard', () => bytes().length === whole.length);
    await until('that is told', () => log.queueChanges > told);
    expect(bytes().toString()).toBe(whole);
    expect([own.queuedBytes, own.sentBytes]).toEqual([0, whole.length]);
  });

  it('keep the turn of a peer that is told again before what was said has gone', async () => {
    const { own, peer } = await meet();
    const big = 'a'.repeat(80_000);
    for (let i = 0; i < 100; i++) own.stage([big]);
    own.stage(['end']);
    peers.commit();
    const { bytes } = collect(peer);
    await until('all is heard', () => bytes().length === 100 * big.length + 3);
    expect(bytes().subarray(-4).toString()).toBe('aend');
  });

  it('end behind what waits, hear on, and are over when their peer ends as well', async () => {
    const { own, peer, log } = await meet();
    own.resume();
    const text = 'x'.repeat(8_000_000);
    own.stage([text]);
    own.stage(['bye']);
    own.end();
    expect(own.isWritable).toBe(false);
    send(own, 'to nobody');
    const { bytes, isEnded } = collect(peer);
    await until('all was heard', isEnded);
    expect(bytes().length).toBe(text.length + 3);
    peer.write('still here;');
    await until('it is heard', () => log.heard.toString() === 'still here;');
    expect(log.closes).toBe(0);
    peer.end();
    await until('it is over', () => log.closes === 1);
    expect(log.error).toBeUndefined();
  });

  it('end whose peer has ended, when it was told what its last words asked for', async () => {
    const { own, peer, log } = await meet();
    log.onHeard = () => queueMicrotask(() => send(own, 'answer'));
    const { bytes, isEnded } = collect(peer);
    peer.end('question');
    own.resume();
    await until('it is over', () => log.closes === 1 && isEnded());
    expect([bytes().toString(), log.error, own.isWritable]).toEqual(['answer', undefined, false]);
  });

  it('give a peer that has ended what waits for it', async () => {
    const { own, peer, log } = await meet();
    own.resume();
    const text = 'x'.repeat(8_000_000);
    send(own, text);
    peer.end();
    await turns(30);
    const { bytes, isEnded } = collect(peer);
    await until('it has all', isEnded);
    expect(bytes().length).toBe(text.length);
    await until('it is over', () => log.closes === 1);
  });

  it('are gone at once when they are destroyed, and say so once, later', async () => {
    const { own, peer, log } = await meet();
    own.resume();
    log.onHeard = () => {
      own.destroy();
      own.destroy();
      expect(log.closes).toBe(0);
    };
    const { isEnded } = collect(peer);
    peer.write('x'.repeat(100_000));
    await until('it is over', () => log.closes === 1);
    expect([log.chunks.length, own.isWritable, own.queuedBytes]).toEqual([1, false, 0]);
    // None of these does anything, or fails.
    own.pause();
    own.resume();
    own.end();
    own.reset();
    send(own, 'to nobody');
    await until('the peer knows', () => isEnded() || peer.destroyed);
    await turns(30);
    expect(log.closes).toBe(1);
  });

  it('tell their peer that nobody is here when they are reset', async () => {
    const { own, peer, log } = await meet();
    const failed = once(peer, 'error');
    peer.resume();
    own.reset();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
    await until('it is over', () => log.closes === 1);
  });

  it('name the error of a connection that breaks', async () => {
    const { own, peer, log } = await meet();
    own.resume();
    peer.write('x');
    await until('it is heard', () => log.length === 1);
    peer.resetAndDestroy();
    await until('it is over', () => log.closes === 1);
    expect(log.error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('go on as a stream, which gives out what was heard before', async () => {
    const { own, peer, log } = await meet();
    log.onHeard = (bytes) => {
      const stream = own.toStream(Buffer.from(bytes));
      stream.on('data', (chunk: Buffer) => stream.write(`<${chunk}>`));
      stream.resume();
    };
    const { bytes } = collect(peer);
    peer.write('one');
    own.resume();
    await until('it came back', () => bytes().toString() === '<one>');
    peer.write('two');
    await until('it came back', () => bytes().toString() === '<one><two>');
    expect([log.chunks.length, log.closes]).toEqual([1, 0]);
    const closed = once(peer, 'end');
    own.destroy();
    await closed;
  });

  it('hear only their own, when they come while others go', async () => {
    for (let round = 0; round < 5; round++) {
      const parties = await crowd(40);
      parties.forEach(({ own, log }, i) => {
        log.onHeard = () => {
          // Every other one takes its neighbour with it.
          if (i % 2 === 0) parties[i + 1]?.own.destroy();
          own.destroy();
        };
      });
      parties.forEach(({ peer }, i) => peer.write(`${round}:${i};`));
      await turns(20);
      for (const { own } of parties) own.resume();
      await until('they are gone', () => parties.every(({ log }) => log.closes === 1));
      parties.forEach(({ log }, i) => expect([`${round}:${i};`, '']).toContain(log.heard.toString()));
    }
  });

  it('are all gone when their owner closes', async () => {
    const parties = await crowd(5);
    peers.close();
    await until('they are gone', () => parties.every(({ log }) => log.closes === 1));
    peers.close();
  });

  it('hear a bounded amount in a turn, and whoever says little between those who say a lot', async () => {
    const parties = await crowd(40);
    const quiet = await meet();
    let inTurn = 0;
    let most = 0;
    for (const { own, peer, log } of parties) {
      log.onHeard = (bytes) => {
        if (inTurn === 0) setImmediate(() => (inTurn = 0));
        inTurn += bytes.length;
        most = Math.max(most, inTurn);
      };
      peer.write(Buffer.alloc(1_000_000, 'x'));
      own.resume();
    }
    quiet.own.resume();
    quiet.peer.write('ping');
    await until('it is heard', () => quiet.log.length === 4);
    await until('all is heard', () => parties.every(({ log }) => log.length === 1_000_000));
    // What Node's streams read in a turn is up to Node.
    if (isNative) expect(most).toBeLessThanOrEqual(128 * 1024);
  });
});
