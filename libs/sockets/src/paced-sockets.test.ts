import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

import { Pace, type PaceClock } from './pace.ts';
import { PacedSockets } from './paced-sockets.ts';
import type { PacedSocket } from './paced-socket.ts';
import { until } from './testing/until.ts';

/** Time stands still; whoever waits goes on when it is told. */
class Steps implements PaceClock {
  #next: (() => void)[] = [];
  nowMs(): number {
    return 0;
  }
  soon(next: () => void): void {
    this.#next.push(next);
  }
  later(_: number, next: () => void): void {
    this.#next.push(next);
  }
  step(): void {
    for (const next of this.#next.splice(0)) next();
  }
}

describe('paced sockets', () => {
  let server: Server;
  let accepted: Socket[];
  const peers: Socket[] = [];
  beforeEach(async () => {
    accepted = [];
    server = createServer({ pauseOnConnect: true }, (socket) => accepted.push(socket));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });
  afterEach(() => {
    for (const socket of [...peers.splice(0), ...accepted]) socket.destroy();
    server.close();
  });
  const meet = async (sockets: PacedSockets): Promise<{ peer: Socket; own: PacedSocket }> => {
    const at = accepted.length;
    const peer = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
    peer.on('error', () => undefined);
    peers.push(peer);
    await until('it was accepted', () => accepted.length > at);
    return { peer, own: sockets.wrap(accepted[at] as Socket) };
  };

  it('hand on small pieces, of one socket after the other', async () => {
    const steps = new Steps();
    const sockets = new PacedSockets(new Pace({ share: 1 }, steps));
    const told: string[] = [];
    for (const name of ['a', 'b']) {
      const { peer, own } = await meet(sockets);
      own.on('data', (piece: Buffer) => {
        expect(piece.length).toBeLessThanOrEqual(512);
        told.push(name);
      });
      peer.write(Buffer.alloc(2_000));
    }
    await until('both have something to say', () => sockets.waiting === 2);
    expect(told).toEqual([]);
    await until('all is told', () => {
      steps.step();
      return told.length === 8;
    });
    expect(told.join('')).toMatch(/^(ab){4}$|^(ba){4}$/);
  });

  it('keep every byte in its order, say what they are told to, and end as the peer does', async () => {
    const sockets = new PacedSockets(new Pace({ share: 1 }));
    const { peer, own } = await meet(sockets);
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 251));
    const heard: Buffer[] = [];
    own.on('data', (piece: Buffer) => heard.push(piece));
    let isEnded = false;
    own.on('end', () => {
      isEnded = true;
    });
    peer.end(bytes);
    await until('it has ended', () => isEnded);
    expect(Buffer.concat(heard).equals(bytes)).toBe(true);
    const answer: Buffer[] = [];
    peer.on('data', (chunk: Buffer) => answer.push(chunk));
    own.cork();
    for (const part of ['one ', 'two ', 'three']) own.write(part);
    own.uncork();
    own.destroySoon();
    await until('both are gone', () => own.destroyed && peer.destroyed);
    expect(Buffer.concat(answer).toString()).toBe('one two three');
  });

  it('read nothing more of who is not listened to', async () => {
    const sockets = new PacedSockets(new Pace({ share: 1 }));
    const { peer, own } = await meet(sockets);
    let heardBytes = 0;
    own.on('data', (piece: Buffer) => {
      heardBytes += piece.length;
      own.pause();
    });
    peer.write(Buffer.alloc(16 * 1024 * 1024));
    await until('it has said something', () => heardBytes > 0);
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(heardBytes).toBeLessThanOrEqual(512);
    expect(accepted[0]?.bytesRead ?? 0).toBeLessThan(512 * 1024);
  });

  it('are gone when the peer is, and leave the queue', async () => {
    const steps = new Steps();
    const sockets = new PacedSockets(new Pace({ share: 1 }, steps));
    const { peer, own } = await meet(sockets);
    own.on('data', () => undefined);
    own.on('error', () => undefined);
    peer.write('never heard');
    await until('it waits', () => sockets.waiting === 1);
    own.destroy();
    expect(sockets.waiting).toBe(0);
    await until('the peer hears of it', () => peer.destroyed);
  });
});
