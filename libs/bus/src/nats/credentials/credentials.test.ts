import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  AUDIT_LOG,
  BLOCKS_LOG,
  JOBS_LOG,
  SHARES_LOG,
  Subject,
  TEMPLATES_STREAM,
  silentLogger,
  templateSubject,
} from '@otedama/contracts';
import { idOf, payloadOf, readAll } from '@otedama/contracts/testing';
import {
  type ServerProcess,
  type Scratch,
  describeWith,
  eventually,
  freePort,
  natsServerProgram,
  scratchDirectory,
  startNatsWith,
} from '@otedama/test-harness';
import { jetstream } from '@nats-io/jetstream';
import { lastValueFrom } from 'rxjs';
import { GATHERED } from '../../gather.ts';
import {
  ADMIN,
  FLEET_SERVICES,
  type FleetUser,
  NatsClient,
  NatsServer as NatsTransport,
  type NatsLink,
  connectNats,
  createBlockAllocator,
  createJetStreamLog,
  createLease,
  createNatsLastValueBus,
  createPresence,
  credentialFileOf,
  ensureStreams,
  fleetPermissions,
  generateFleetCredentials,
  inboxPrefix,
} from '../index.ts';

const textCodec = {
  encode: (text: string) => Buffer.from(text),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};
const deps = { logger: silentLogger };

/** Everything that anybody may say, and some that nobody but the administrator may. */
const SAYINGS: Readonly<Record<string, readonly FleetUser[]>> = {
  'shares.judge.btc': ['stratum-gateway'],
  'shares.adopt.xmr': ['stratum-gateway'],
  'shares.transactions.btc': ['stratum-gateway'],
  'template.btc': ['share-validator'],
  'kept.template.btc': [],
  'payees.btc': ['pool-accounting'],
  'kept.payees.btc': [],
  'log.SHARES': ['share-validator'],
  'log.BLOCKS': ['share-validator'],
  'log.JOBS': ['share-validator'],
  'log.AUDIT': ['api-gateway'],
  'appended.SHARES': [],
  'live.c3RhdHVz': ['api-gateway'],
  'cmd.mining.start': ['api-gateway'],
  'cmd.accounting.payout-wish': ['stratum-gateway', 'api-gateway'],
  'cmd.access.login': ['api-gateway'],
  'query.access.users': ['api-gateway'],
  'query.gateway.status': ['api-gateway'],
  'gather.query.gateway.status': ['api-gateway'],
  'cmd.payouts.decide': ['api-gateway'],
  'query.audit.entries': ['api-gateway'],
  'gather.query.accounting.health': ['api-gateway'],
  'query.accounting.balances': ['api-gateway'],
  'query.validator.chain-standing': ['api-gateway', 'pool-accounting'],
  '$KV.LEASES.template-btc': ['share-validator', 'p2p-federation'],
  '$KV.EXTRANONCE.space-4': ['stratum-gateway'],
  'presence.stratum-gateway.x': ['stratum-gateway'],
  'presence.admin.x': [],
  '_INBOX_stratum-gateway.x': ['share-validator', 'pool-accounting'],
  '_INBOX_pool-accounting.x': ['share-validator'],
  '_INBOX_api-gateway.x': ['stratum-gateway', 'share-validator', 'pool-accounting', 'miner-agent'],
  '_INBOX_share-validator.x': [],
  '_INBOX_admin.x': [],
  '$JS.API.CONSUMER.CREATE.SHARES.x': ['pool-accounting'],
  '$JS.API.CONSUMER.MSG.NEXT.BLOCKS.x': ['pool-accounting', 'api-gateway', 'p2p-federation'],
  '$JS.API.CONSUMER.CREATE.LIVE.x': ['api-gateway'],
  '$JS.API.STREAM.PURGE.LIVE': [],
  '$JS.API.CONSUMER.CREATE.JOBS.x': ['share-validator'],
  '$JS.API.STREAM.PURGE.SHARES': ['pool-accounting'],
  '$JS.API.CONSUMER.CREATE.AUDIT.x': ['pool-accounting'],
  '$JS.API.STREAM.PURGE.AUDIT': ['pool-accounting'],
  '$JS.API.STREAM.PURGE.BLOCKS': [],
  '$JS.API.STREAM.PURGE.TEMPLATES': [],
  '$JS.API.STREAM.DELETE.SHARES': [],
  '$JS.API.STREAM.CREATE.OTHER': [],
  '$JS.API.STREAM.UPDATE.SHARES': [],
  '$JS.API.STREAM.MSG.DELETE.SHARES': [],
  '$JS.API.DIRECT.GET.TEMPLATES.template.btc': ['stratum-gateway', 'share-validator', 'pool-accounting'],
  '$JS.API.DIRECT.GET.PAYEES.payees.btc': ['share-validator'],
  'anything.else': [],
};

const HEARINGS: Readonly<Record<string, readonly FleetUser[]>> = {
  'shares.judge.btc': ['share-validator'],
  'shares.adopt.xmr': ['share-validator'],
  'log.SHARES': [],
  'appended.SHARES': ['pool-accounting'],
  'appended.AUDIT': ['pool-accounting'],
  'log.AUDIT': [],
  'appended.BLOCKS': ['pool-accounting', 'api-gateway', 'p2p-federation'],
  'live.c3RhdHVz': [],
  'appended.LIVE.c3RhdHVz': ['api-gateway'],
  'template.btc': [],
  'kept.template.btc': ['stratum-gateway', 'share-validator', 'pool-accounting'],
  'kept.payees.btc': ['share-validator'],
  'kept.$KV.LEASES.x': ['share-validator', 'p2p-federation'],
  'kept.$KV.EXTRANONCE.x': ['stratum-gateway'],
  'cmd.mining.start': ['miner-agent'],
  'cmd.accounting.payout-wish': ['pool-accounting'],
  'cmd.access.login': ['pool-accounting'],
  'query.access.identify': ['pool-accounting'],
  'query.gateway.status': ['stratum-gateway'],
  'gather.query.mining.status': ['miner-agent'],
  'cmd.payouts.decide': ['pool-accounting'],
  'query.audit.entries': ['pool-accounting'],
  'gather.query.accounting.health': ['pool-accounting'],
  'query.accounting.pools': ['pool-accounting'],
  'query.accounting.payments': ['pool-accounting'],
  'query.accounting.miner-facts': ['pool-accounting'],
  'query.>': [],
  '_INBOX_stratum-gateway.x': ['stratum-gateway'],
  '_INBOX_admin.x': [],
  '_INBOX_>': [],
  '>': [],
};

describeWith('nats-server', natsServerProgram())('credentials of a fleet', () => {
  let scratch: Scratch;
  let nats: ServerProcess;
  const links = new Map<FleetUser, NatsLink>();
  const linkOf = (user: FleetUser): NatsLink => {
    const link = links.get(user);
    if (link === undefined) throw new Error(`${user} is not connected`);
    return link;
  };

  beforeAll(async () => {
    scratch = scratchDirectory('credentials');
    const port = await freePort();
    const files = generateFleetCredentials({ host: '127.0.0.1', port, storeDir: join(scratch.path, 'data') });
    const dir = join(scratch.path, 'credentials');
    mkdirSync(dir);
    for (const { name, contents, mode } of files) writeFileSync(join(dir, name), contents, { mode });
    nats = await startNatsWith(join(dir, 'nats-server.conf'), port);
    for (const user of [...FLEET_SERVICES, ADMIN] as const) {
      const options = {
        servers: [nats.url],
        name: user,
        nkeyFile: join(dir, credentialFileOf(user)),
        inboxPrefix: inboxPrefix(user),
      };
      links.set(user, await connectNats(options, deps));
    }
    await ensureStreams(linkOf(ADMIN));
  });
  afterAll(async () => {
    await Promise.all([...links.values()].map((link) => link.close()));
    await nats[Symbol.asyncDispose]();
    scratch.remove();
  });

  /** Subjects of which the server said no. */
  const refusedOf = async (user: FleetUser, act: (link: NatsLink) => void): Promise<number> => {
    const link = linkOf(user);
    let refused = 0;
    const statuses = link.connection.status()[Symbol.asyncIterator]();
    const counting = (async () => {
      for (let next = await statuses.next(); next.done !== true; next = await statuses.next()) {
        if (next.value.type === 'error') refused += 1;
      }
    })();
    act(link);
    await link.connection.flush();
    await turn();
    void statuses.return?.();
    void counting;
    return refused;
  };

  it.each(Object.entries(SAYINGS))('lets %s be said by those who have to', async (subject, allowed) => {
    const said: FleetUser[] = [];
    for (const user of FLEET_SERVICES) {
      // Nothing that does something: JetStream gets no valid request, logs no message.
      const refused = await refusedOf(user, ({ connection }) => connection.publish(subject, 'x'));
      if (refused === 0) said.push(user);
    }
    expect(said.toSorted()).toEqual([...allowed].toSorted());
  });

  it.each(Object.entries(HEARINGS))('lets %s be heard by those who have to', async (subject, allowed) => {
    const heard: FleetUser[] = [];
    for (const user of FLEET_SERVICES) {
      const refused = await refusedOf(user, ({ connection }) => {
        connection.subscribe(subject, { callback: () => undefined, max: 1 });
      });
      if (refused === 0) heard.push(user);
    }
    expect(heard.toSorted()).toEqual([...allowed].toSorted());
  });

  it('lets each service do its work', async () => {
    await ensureStreams(linkOf(ADMIN));
    const validator = linkOf('share-validator');
    const accounting = linkOf('pool-accounting');
    const gateway = linkOf('stratum-gateway');

    const api = linkOf('api-gateway');
    for (const [name, link] of [
      [SHARES_LOG, validator],
      [BLOCKS_LOG, validator],
      [AUDIT_LOG, api],
    ] as const) {
      const writer = createJetStreamLog({ link, ...deps }, { name });
      const reader = createJetStreamLog({ link: accounting, ...deps }, { name });
      const { promise: woken, resolve } = Promise.withResolvers<void>();
      reader.onAppend(resolve);
      // Another connection writes: the server must know of the listener first.
      await accounting.connection.flush();
      const { sequence } = await writer.append(idOf(1), payloadOf(1));
      await woken;
      expect((await readAll(reader)).at(-1)).toEqual({ sequence, payload: payloadOf(1) });
      expect(await writer.readAt(sequence)).toEqual({ sequence, payload: payloadOf(1) });
      // Blocks stay: of those nothing is ever forgotten.
      if (name !== BLOCKS_LOG) {
        await reader.trim(sequence + 1n);
        expect(await readAll(reader)).toEqual([]);
      }
      await Promise.all([writer.close(), reader.close()]);
    }
    const jobs = createJetStreamLog({ link: validator, ...deps }, { name: JOBS_LOG });
    await jobs.append(idOf(1), payloadOf(1));
    expect(await readAll(jobs)).not.toEqual([]);
    await jobs.close();

    const stream = { stream: TEMPLATES_STREAM };
    const speaker = createNatsLastValueBus<string>({ link: validator, ...deps, codec: textCodec }, stream);
    const listener = createNatsLastValueBus<string>({ link: gateway, ...deps, codec: textCodec }, stream);
    speaker.publish(templateSubject('ltc'), 'work');
    const seen: string[] = [];
    listener.subscribe(templateSubject('ltc'), (text) => seen.push(text));
    await eventually('the template', () => seen.includes('work'));
    speaker.close();
    listener.close();

    const lease = createLease({ link: validator, ...deps }, { key: templateSubject('ltc'), holder: 'a' });
    await eventually('the lease', () => lease.isHeld());
    await lease.stop();
    const allocator = createBlockAllocator({ link: gateway, ...deps }, { bytes: 3, holder: 'g' });
    expect(await allocator.take()).toMatchObject({ bytes: 3 });
    allocator.stop();
  });

  it('lets services ask each other, and all instances of one', async () => {
    const server = new NatsTransport(linkOf('stratum-gateway'));
    server.addHandler(Subject.gatewayStatus, async () => 'well', false, GATHERED);
    await server.listen(() => undefined);
    const client = new NatsClient(linkOf('api-gateway'));
    await expect(lastValueFrom(client.send(Subject.gatewayStatus, {}))).resolves.toBe('well');
    const { values } = await client.gather(Subject.gatewayStatus, {}, { expected: 1 });
    expect(values).toEqual(['well']);
    client.close();
    await server.close();
    const self = () => ({ service: 'miner-agent', id: 'm1', version: '1', startedAtMs: 1, status: {} });
    const watcher = createPresence({ link: linkOf('api-gateway'), ...deps });
    await linkOf('api-gateway').connection.flush();
    const agent = createPresence({ link: linkOf('miner-agent'), ...deps }, { self });
    await eventually('the agent', () => watcher.list('miner-agent').length === 1);
    agent.stop();
    watcher.stop();
  });

  it("refuses a log that is not a service's own, and what has no key", async () => {
    const client = jetstream(linkOf('miner-agent').connection);
    await expect(client.publish('log.SHARES', 'x')).rejects.toThrow(/permissions violation/i);
    const controller = new AbortController();
    const reasons: string[] = [];
    const stranger = connectNats(
      { servers: [nats.url], name: 'stranger' },
      {
        ...deps,
        signal: controller.signal,
        onState: (state) => {
          if (state.state === 'down') reasons.push(state.reason);
        },
      },
    );
    await eventually('a refusal', () => reasons.some((reason) => /authorization/i.test(reason)));
    const ended = expect(stranger).rejects.toThrow();
    controller.abort();
    await ended;
  });
});

it('gives every seed to its owner alone, and none to the server', () => {
  const files = generateFleetCredentials({ host: '0.0.0.0', port: 4222 });
  const seeds = files.filter(({ name }) => name.endsWith('.nk'));
  expect(seeds).toHaveLength(FLEET_SERVICES.length + 1);
  expect(new Set(seeds.map(({ contents }) => contents)).size).toBe(seeds.length);
  expect(seeds.every(({ mode, contents }) => mode === 0o600 && /^SU[A-Z2-7]{56}\n$/.test(contents))).toBe(
    true,
  );
  const shown = files.filter(({ name }) => name.endsWith('.conf')).map(({ contents }) => contents);
  for (const { contents } of seeds) for (const text of shown) expect(text).not.toContain(contents.trim());
});

it('writes TLS and durability where they are asked for', () => {
  const [server] = generateFleetCredentials({
    host: '0.0.0.0',
    port: 4222,
    storeDir: '/var/lib/nats',
    tls: { certFile: '/etc/tls.crt', keyFile: '/etc/tls.key', clientCaFile: '/etc/ca.crt' },
    syncAlways: true,
  });
  expect(server?.contents).toContain('sync_interval: always');
  expect(server?.contents).toContain('ca_file: "/etc/ca.crt"\n  verify: true');
  expect(fleetPermissions(ADMIN)).toEqual({ publish: ['>'], subscribe: ['>'] });
});
