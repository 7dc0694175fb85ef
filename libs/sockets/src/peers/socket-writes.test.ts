import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { SocketWrites, type WriteTarget } from './socket-writes.ts';

interface Line {
  readonly target: WriteTarget;
  readonly backlogs: () => number;
  readonly peer: Socket;
  /** All that has come, once it is so many bytes. */
  received(bytes: number): Promise<Buffer>;
}

const server = createServer();

const openLine = async (): Promise<Line> => {
  const accepted = once(server, 'connection');
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await accepted) as [Socket];
  socket.on('error', () => undefined);
  peer.on('error', () => undefined);
  let backlogs = 0;
  const chunks: Buffer[] = [];
  peer.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    target: { socket, onBacklog: () => (backlogs += 1) },
    backlogs: () => backlogs,
    peer,
    received: async (bytes) => {
      while (chunks.reduce((sum, chunk) => sum + chunk.length, 0) < bytes) await once(peer, 'data');
      return Buffer.concat(chunks);
    },
  };
};

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

describe('writes to many sockets', () => {
  it('bring each its own, texts and bytes in their order, past the streams', async () => {
    const writes = new SocketWrites();
    const lines: Line[] = [];
    while (lines.length < 150) lines.push(await openLine());
    lines.forEach(({ target }, i) => writes.stage(target, [`{"für":${i}}\n`, Buffer.from([0, 255, 10])]));
    writes.commit();
    for (const [i, line] of lines.entries()) {
      const wanted = Buffer.concat([Buffer.from(`{"für":${i}}\n`), Buffer.from([0, 255, 10])]);
      expect(await line.received(wanted.length)).toEqual(wanted);
      // Everything went past the stream: this is what the test is about.
      expect(line.target.socket.bytesWritten).toBe(0);
      expect(line.backlogs()).toBe(0);
      line.peer.destroy();
    }
  });

  it('stay in order when a peer does not keep up, and say so', async () => {
    const writes = new SocketWrites();
    const line = await openLine();
    line.peer.pause();
    const texts = Array.from({ length: 60 }, (_, i) => `${i}:${'x'.repeat(80_000)}\n`);
    for (const text of texts) {
      writes.stage(line.target, [text]);
      writes.commit();
    }
    expect(line.backlogs()).toBeGreaterThan(0);
    expect(line.target.socket.writableLength).toBeGreaterThan(0);
    line.peer.resume();
    const whole = texts.join('');
    expect((await line.received(whole.length)).toString()).toBe(whole);
    line.peer.destroy();
  });

  it('keep the turn of a socket that is told twice before they are made', async () => {
    const writes = new SocketWrites();
    const line = await openLine();
    line.peer.pause();
    const big = 'a'.repeat(80_000);
    for (let i = 0; i < 100; i++) writes.stage(line.target, [big]);
    writes.stage(line.target, ['end']);
    writes.commit();
    line.peer.resume();
    const all = await line.received(100 * big.length + 3);
    expect(all.subarray(-4).toString()).toBe('aend');
    line.peer.destroy();
  });

  it('take what is larger than the stage, too', async () => {
    const writes = new SocketWrites();
    const line = await openLine();
    const huge = 'h'.repeat(300_000);
    writes.stage(line.target, ['first', huge]);
    expect((await line.received(huge.length + 5)).toString()).toBe(`first${huge}`);
    line.peer.destroy();
  });

  it('leave out who is gone', async () => {
    const writes = new SocketWrites();
    const [gone, stays] = [await openLine(), await openLine()];
    writes.stage(gone.target, ['to nobody']);
    writes.stage(stays.target, ['to somebody']);
    gone.target.socket.destroy();
    writes.commit();
    expect((await stays.received(11)).toString()).toBe('to somebody');
    stays.peer.destroy();
  });
});
