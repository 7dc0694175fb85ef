import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LiveEntry, silentLogger } from '@otedama/contracts';
import { describeLiveStream } from '@otedama/contracts/testing';
import {
  type ServerProcess,
  type Scratch,
  describeWith,
  eventually,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import { jetstreamManager } from '@nats-io/jetstream';
import { LIVE_LOG } from '@otedama/contracts';
import {
  type NatsLink,
  type NatsLiveStream,
  connectNats,
  createNatsLiveStream,
  ensureStreams,
} from '../index.ts';

describeWith('nats-server', natsServerProgram())('the live stream over NATS', () => {
  let scratch: Scratch;
  let nats: ServerProcess;
  const links: NatsLink[] = [];
  const streams: NatsLiveStream[] = [];

  const connect = async (): Promise<NatsLink> => {
    const link = await connectNats({ servers: [nats.url], name: 'live' }, { logger: silentLogger });
    links.push(link);
    return link;
  };
  const open = (link: NatsLink): NatsLiveStream => {
    const stream = createNatsLiveStream({ link, logger: silentLogger });
    streams.push(stream);
    return stream;
  };
  const empty = async (): Promise<void> => {
    const [link = await connect()] = links;
    await eventually('all connections', () => links.every((each) => each.state().state === 'up'));
    await ensureStreams(link);
    await (await jetstreamManager(link.connection)).streams.purge(LIVE_LOG);
  };

  beforeAll(async () => {
    scratch = scratchDirectory('live-stream');
    nats = await startNats({ dir: scratch.path });
    await connect();
    await connect();
  });
  afterEach(async () => {
    await Promise.all(streams.splice(0).map((stream) => stream.close()));
  });
  afterAll(async () => {
    await Promise.all(links.map((link) => link.close()));
    await nats[Symbol.asyncDispose]();
    scratch.remove();
  });

  let opened = 0;
  describeLiveStream({
    prepare: empty,
    open() {
      const link = links[opened++ % 2];
      if (link === undefined) throw new Error('not connected');
      return open(link);
    },
  });

  it('begins anew, and says so, when the server has lost what it kept', async () => {
    await empty();
    const link = await connect();
    const stream = open(link);
    const told: string[] = [];
    const following = stream.follow({
      onEntry: ({ payload }: LiveEntry) => told.push(payload.toString()),
      onReset: () => told.push('reset'),
    });
    let last = 0;
    for (const name of ['a', 'b', 'c']) last = (await stream.append('x', last, Buffer.from(name))) ?? 0;
    await eventually('the messages', () => told.length === 3);
    await nats.kill();
    rmSync(join(scratch.path, 'data'), { recursive: true });
    await nats.start();
    await eventually('the connection', () => link.state().state === 'up');
    await ensureStreams(link);
    // The first word of another life has a sequence that was used before.
    expect(await stream.append('x', 0, Buffer.from('d'))).toBe(1);
    await eventually('the news', () => told.at(-1) === 'd');
    expect(told).toEqual(['a', 'b', 'c', 'reset', 'd']);
    following.unsubscribe();
  });

  it('does not take for its own what was filled again behind its back', async () => {
    await empty();
    const [mine, other] = links.map(open);
    if (mine === undefined || other === undefined) throw new Error('not connected');
    const told: string[] = [];
    mine.follow({
      onEntry: ({ payload }) => told.push(payload.toString()),
      onReset: () => told.push('reset'),
    });
    let last = 0;
    for (const name of ['a', 'b']) last = (await mine.append('x', last, Buffer.from(name))) ?? 0;
    await eventually('the messages', () => told.length === 2);
    const [link] = links;
    const { streams: manager } = await jetstreamManager((link ?? (await connect())).connection);
    // While nobody may hear of it: the stream goes, and another one has more messages than the old one had.
    await manager.delete(LIVE_LOG);
    await ensureStreams(link ?? (await connect()));
    let seq = 0;
    for (const name of ['e', 'f', 'g', 'h']) seq = (await other.append('y', seq, Buffer.from(name))) ?? 0;
    await link?.connection.reconnect();
    await eventually('the new messages', () => told.slice(-4).join('') === 'efgh');
    expect(told).toContain('reset');
  });

  it('takes the first message of a topic whose last one is forgotten', async () => {
    await empty();
    const stream = open(links[0] ?? (await connect()));
    const seq = (await stream.append('x', 0, Buffer.from('a'))) ?? 0;
    await empty();
    expect(await stream.append('x', seq, Buffer.from('b'))).toBeGreaterThan(seq);
  });
});
