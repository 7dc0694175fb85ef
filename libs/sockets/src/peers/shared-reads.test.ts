import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { readShared } from './shared-reads.ts';
import { until } from '../testing/until.ts';

let server: Server;
let accepted: Socket[];
let peers: Socket[];

beforeEach(async () => {
  accepted = [];
  peers = [];
  server = createServer({ pauseOnConnect: true }, (socket) => accepted.push(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterEach(() => {
  for (const socket of [...peers, ...accepted]) socket.destroy();
  server.close();
});

interface Party {
  readonly peer: Socket;
  readonly own: Socket;
}

const meet = async (): Promise<Party> => {
  const at = accepted.length;
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  peers.push(peer);
  await until('accepted', () => accepted.length > at);
  const own = accepted[at];
  if (own === undefined) throw new Error('nobody was accepted');
  return { peer, own };
};

const collect = (socket: Socket): { text: string; readonly memories: Set<unknown> } => {
  const heard = { text: '', memories: new Set<unknown>() };
  socket.on('data', (chunk: Buffer) => {
    heard.text += chunk.toString('latin1');
    heard.memories.add(chunk.buffer);
  });
  return heard;
};

describe('sockets that are read into one buffer', () => {
  it('hear what their peers say, in its order, in one memory for all', async () => {
    const parties: Party[] = [];
    for (let i = 0; i < 8; i++) parties.push(await meet());
    const heard = parties.map(({ own }) => {
      expect(readShared(own)).toBe(true);
      const words = collect(own);
      own.resume();
      return words;
    });
    const said = parties.map((_, i) => Array.from({ length: 2_000 }, (__, n) => `${i}:${n};`).join(''));
    parties.forEach(({ peer }, i) => peer.write(said[i] ?? ''));
    await until('all is heard', () => heard.every(({ text }, i) => text.length === said[i]?.length));
    expect(heard.map(({ text }) => text)).toEqual(said);
    expect(new Set(heard.flatMap(({ memories }) => [...memories])).size).toBe(1);
  });

  it('read nothing while they are paused, and on from there', async () => {
    const { peer, own } = await meet();
    readShared(own);
    const heard = collect(own);
    own.pause();
    peer.write('one;');
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    expect(heard.text).toBe('');
    own.resume();
    await until('heard', () => heard.text === 'one;');
  });

  it('send, and say that their peer has gone', async () => {
    const { peer, own } = await meet();
    readShared(own);
    collect(own);
    const answer = once(peer, 'data');
    own.resume();
    own.write('hello');
    expect(String((await answer)[0])).toBe('hello');
    const closed = once(own, 'close');
    peer.end();
    await closed;
  });

  it('are left as they are when they hold bytes already', async () => {
    const { peer, own } = await meet();
    own.unshift(Buffer.from('early;'));
    expect(readShared(own)).toBe(false);
    const heard = collect(own);
    own.resume();
    peer.write('late;');
    await until('heard', () => heard.text === 'early;late;');
  });
});
