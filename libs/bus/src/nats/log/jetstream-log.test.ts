import { BLOCKS_LOG, type Logger, SHARES_LOG, silentLogger } from '@otedama/contracts';
import {
  type ClosableLog,
  describeDurableLog,
  idOf,
  numberOf,
  payloadOf,
  readAll,
} from '@otedama/contracts/testing';
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
import { type NatsLink, connectNats, createJetStreamLog, ensureStreams } from '../index.ts';

// A real server on a machine that may be busy with other things.
const MAX_PAYLOAD = 64 * 1024;

describeWith('nats-server', natsServerProgram())('the log in JetStream', () => {
  let scratch: Scratch;
  let nats: ServerProcess;
  let link: NatsLink;
  const logs: ClosableLog[] = [];
  const open = (options: { ackTimeoutMs?: number; logger?: Logger } = {}): ClosableLog => {
    const { logger = silentLogger, ...rest } = options;
    const log = createJetStreamLog({ link, logger }, { name: SHARES_LOG, ...rest });
    logs.push(log);
    return log;
  };
  const removeStreams = async (): Promise<void> => {
    const { streams } = await jetstreamManager(link.connection);
    await Promise.all([SHARES_LOG, BLOCKS_LOG].map((name) => streams.delete(name).catch(() => false)));
  };
  const emptyStreams = async (): Promise<void> => {
    await removeStreams();
    await ensureStreams(link);
  };

  beforeAll(async () => {
    scratch = scratchDirectory('jetstream');
    nats = await startNats({ dir: scratch.path, config: `max_payload: ${MAX_PAYLOAD}` });
    link = await connectNats({ servers: [nats.url], name: 'log' }, { logger: silentLogger });
  });
  beforeEach(emptyStreams);
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()));
  });
  afterAll(async () => {
    await link.close();
    await nats[Symbol.asyncDispose]();
    scratch.remove();
  });

  describeDurableLog({
    prepare: async () => undefined,
    open: (name, limits) => createJetStreamLog({ link, logger: silentLogger }, { name, ...limits }),
  });

  it('stores each append once and loses none that was acknowledged when the server is killed under it', async () => {
    const log = open();
    const acknowledged = new Map<bigint, number>();
    for (let round = 0; round < 4; round++) {
      const appends = Array.from({ length: 400 }, async (_, n) => {
        const number = round * 400 + n;
        const { sequence } = await log.append(idOf(number), payloadOf(number));
        acknowledged.set(sequence, number);
      });
      await appends[0];
      // More than the window holds: some have not even been sent.
      expect(acknowledged.size).toBeLessThan(400 * (round + 1));
      await nats.kill();
      await nats.start();
      // Every append of the round resolves in the end: an outage is a delay.
      await Promise.all(appends);
    }
    const entries = await readAll(log);
    expect(new Map(entries.map((entry) => [entry.sequence, numberOf(entry)]))).toEqual(acknowledged);
    expect(new Set(acknowledged.values()).size).toBe(1_600);
  });

  it('waits through a server that swallows everything', async () => {
    const { promise: noticed, resolve } = Promise.withResolvers<void>();
    const log = open({ ackTimeoutMs: 50, logger: { ...silentLogger, warn: () => resolve() } });
    await log.append(idOf(0), payloadOf(0));
    nats.freeze();
    const appends = Array.from({ length: 300 }, (_, n) => log.append(idOf(n + 1), payloadOf(n + 1)));
    await noticed;
    nats.thaw();
    await Promise.all(appends);
    const numbers = (await readAll(log)).map(numberOf);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 301 }, (_, n) => n));
  });

  it('waits for a stream that is not there yet', async () => {
    await removeStreams();
    const log = open();
    let stored = 0;
    const appends = [1, 2, 3].map(async (n) => {
      await log.append(idOf(n), payloadOf(n));
      stored += 1;
    });
    await expect(log.read(0n, 1)).rejects.toThrow('stream not found');
    expect(stored).toBe(0);
    await ensureStreams(link);
    await Promise.all(appends);
    expect((await readAll(log)).map(numberOf).toSorted()).toEqual([1, 2, 3]);
  });

  it('says which entries may be stored when it is closed without a server', async () => {
    const log = open();
    await nats.kill();
    await eventually('the loss', () => link.state().state === 'down');
    const refused = log.append(idOf(1), payloadOf(1)).catch((error: unknown) => error);
    await expect(log.read(0n, 1)).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await log.close();
    expect(await refused).toMatchObject({ code: 'LOG_CLOSED', mayBeStored: false });
    await nats.start();
    await eventually('the return', () => link.state().state === 'up');
  });

  it('refuses for good what the server will never take', async () => {
    const log = open();
    await expect(log.append(idOf(1), Buffer.alloc(MAX_PAYLOAD + 1))).rejects.toMatchObject({
      code: 'LOG_REFUSED',
      mayBeStored: false,
    });
    const { streams } = await jetstreamManager(link.connection);
    await streams.update(SHARES_LOG, { max_msg_size: 1_000 });
    await expect(log.append(idOf(2), Buffer.alloc(2_000))).rejects.toMatchObject({ code: 'LOG_REFUSED' });
    await log.append(idOf(3), payloadOf(3));
    expect((await readAll(log)).map(numberOf)).toEqual([3]);
  });

  it('takes nothing more when it is full, and goes on when there is room', async () => {
    const { streams } = await jetstreamManager(link.connection);
    await streams.update(SHARES_LOG, { max_msgs: 3 });
    const log = open();
    for (const n of [1, 2, 3]) await log.append(idOf(n), payloadOf(n));
    const waiting = log.append(idOf(4), payloadOf(4));
    const { promise: woken, resolve } = Promise.withResolvers<void>();
    log.onAppend(resolve);
    await streams.update(SHARES_LOG, { max_msgs: -1 });
    await Promise.all([waiting, woken]);
    expect((await readAll(log)).map(numberOf)).toEqual([1, 2, 3, 4]);
  });

  it('tells a reader that the log is not the one it was', async () => {
    const log = open();
    await log.append(idOf(1), payloadOf(1));
    const { sequence } = await log.append(idOf(2), payloadOf(2));
    await emptyStreams();
    await expect(log.read(sequence, 1)).rejects.toMatchObject({ code: 'LOG_REWOUND' });
  });

  it('reads on after the server was killed, and wakes those who may have missed something', async () => {
    const log = open();
    for (let n = 0; n < 20; n++) await log.append(idOf(n), payloadOf(n));
    const [, last] = await log.read(0n, 2);
    const { promise: woken, resolve } = Promise.withResolvers<void>();
    await nats.kill();
    await eventually('the loss', () => link.state().state === 'down');
    log.onAppend(resolve);
    await nats.start();
    await woken;
    const rest = await eventually('the log', () =>
      log.read(last?.sequence ?? 0n, 100).catch(() => undefined),
    );
    expect(rest.map(numberOf)).toEqual(Array.from({ length: 18 }, (_, n) => n + 2));
  });

  it('makes its streams as often as it is asked to, and keeps what they hold', async () => {
    const log = open();
    await log.append(idOf(1), payloadOf(1));
    await ensureStreams(link, { duplicateWindowMs: 60_000 });
    await ensureStreams(link);
    expect((await readAll(log)).map(numberOf)).toEqual([1]);
    const { streams } = await jetstreamManager(link.connection);
    expect((await streams.info(SHARES_LOG)).config).toMatchObject({ storage: 'file', discard: 'new' });
  });
});
