/** Three servers, three copies: what is acknowledged outlives any one of them. */
import { SHARES_LOG, silentLogger } from '@otedama/contracts';
import { idOf, numberOf, payloadOf, readAll } from '@otedama/contracts/testing';
import {
  type ServerProcess,
  type Scratch,
  describeWith,
  eventually,
  freePort,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsLink, connectNats, createJetStreamLog, createLease, ensureStreams } from './index.ts';

// Elections take seconds, on a machine that may be busy with other things.
import.meta.jest.setTimeout(180_000);

const SIZE = 3;
const WAIT_MS = 60_000;

describeWith('nats-server', natsServerProgram())('a cluster of three servers', () => {
  let scratch: Scratch;
  let link: NatsLink;
  const servers: ServerProcess[] = [];

  beforeAll(async () => {
    scratch = scratchDirectory('cluster');
    const routes = await Promise.all(Array.from({ length: SIZE }, () => freePort()));
    const list = routes.map((port) => `nats://127.0.0.1:${port}`).join(', ');
    servers.push(
      ...(await Promise.all(
        routes.map((port, index) =>
          startNats({
            dir: `${scratch.path}/${index}`,
            config: `server_name: n${index}\ncluster { name: c, listen: "127.0.0.1:${port}", routes: [${list}] }`,
          }),
        ),
      )),
    );
    link = await connectNats(
      { servers: servers.map(({ url }) => url), name: 'test' },
      { logger: silentLogger },
    );
    // Until the servers have found each other and chosen who leads.
    await eventually(
      'streams of three copies',
      async () =>
        ensureStreams(link, { replicas: 3 }).then(
          () => true,
          () => undefined,
        ),
      WAIT_MS,
    );
  });
  afterAll(async () => {
    await link?.close();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    scratch.remove();
  });

  /** The one that takes the appends. */
  const leader = async (): Promise<ServerProcess> => {
    const { streams } = await jetstreamManager(link.connection, { checkAPI: false });
    const { cluster } = await streams.info(SHARES_LOG);
    const found = servers.find((_, index) => cluster?.leader === `n${index}`);
    if (found === undefined) throw new Error(`no leader: ${JSON.stringify(cluster)}`);
    return found;
  };

  it('keeps what was acknowledged, in order and once, when the leader of the log is killed under appends', async () => {
    const log = createJetStreamLog({ link, logger: silentLogger }, { name: SHARES_LOG, ackTimeoutMs: 1_000 });
    const acknowledged = new Map<bigint, number>();
    const appends = Array.from({ length: 600 }, async (_, number) => {
      const { sequence } = await log.append(idOf(number), payloadOf(number));
      acknowledged.set(sequence, number);
    });
    await appends[0];
    const killed = await leader();
    await killed.kill();
    await Promise.all(appends);
    await killed.start();
    const entries = await eventually(
      'the log can be read',
      () => readAll(log).catch(() => undefined),
      WAIT_MS,
    );
    expect(entries.map(numberOf).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, n) => n));
    expect(new Map(entries.map((entry) => [entry.sequence, numberOf(entry)]))).toEqual(acknowledged);
    await log.close();
  });

  it('has one holder of a lease, also when a server is killed', async () => {
    let held = 0;
    let most = 0;
    const leases = ['a', 'b', 'c'].map((holder) =>
      createLease(
        { link, logger: silentLogger },
        { key: 'office', holder },
        {
          onGain: () => {
            held += 1;
            most = Math.max(most, held);
          },
          onLoss: () => void (held -= 1),
        },
      ),
    );
    await eventually('a holder', () => held === 1, WAIT_MS);
    const killed = await leader();
    await killed.kill();
    await killed.start();
    await eventually('a holder again', () => leases.filter((lease) => lease.isHeld()).length === 1, WAIT_MS);
    expect(most).toBe(1);
    await Promise.all(leases.map((lease) => lease.stop()));
  });
});
