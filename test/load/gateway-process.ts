/**
 * A gateway in a process of its own, for load tests: the real one, with templates that the test asks for and a
 * validator that nobody needs. `floor` instead is the least that a server in Node can do: the same bytes to
 * every socket. Driven by messages of the parent process.
 */
import { randomBytes } from 'node:crypto';
import { type Socket, createServer } from 'node:net';
import { createGateway } from '../../apps/stratum-gateway/src/gateway.ts';
import { createFleetBlocks } from '../../apps/stratum-gateway/src/leases/fleet-blocks.ts';
import type { SharedSessions } from '../../apps/stratum-gateway/src/leases/lease-spaces.ts';
import { poolConfig, template } from '../../apps/stratum-gateway/src/testing/test-gateway.ts';
import { createLastValueBus } from '../../libs/bus/src/last-value-bus.ts';
import { connectNats, createBlockAllocator, ensureStreams } from '../../libs/bus/src/nats/index.ts';
import { DEFENCE_DEFAULTS } from '../../libs/config/src/index.ts';
import { type TemplateUpdate, silentLogger, templateSubject } from '../../libs/contracts/src/index.ts';
import { createMetrics } from '../../libs/observability/src/metrics.ts';
import { createRedisTickets, openRedis } from '../../libs/shared-state/src/redis/index.ts';
import { TurnWatch } from './turn-watch.ts';

export interface GatewayCommand {
  /** `watch` until the next sample for turns of the event loop that take long; `collect` garbage. */
  readonly kind: 'publish' | 'sample' | 'watch' | 'collect';
}

export interface GatewaySample {
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly cpuMs: number;
  readonly sessions: number;
  readonly refused: number;
  /** On the clock, and the longest by its own time on a processor. */
  readonly longestTurnMs: number;
  readonly longestOwnTurnMs: number;
}

const { OTEDAMA_LOAD_ROLE: role, OTEDAMA_LOAD_REDIS: redisUrl, OTEDAMA_LOAD_NATS: natsUrl } = process.env;
const MAX_SESSIONS = 50_000;
const TICKET_TTL_MS = 600_000;

interface Server {
  readonly port: number;
  publish(): void;
  sessions(): number;
  refused(): Promise<number>;
}

const shareSessions = async (redis: string, nats: string): Promise<SharedSessions> => {
  const link = await connectNats({ servers: [nats], name: 'load' }, { logger: silentLogger });
  await ensureStreams(link);
  const holder = randomBytes(8).toString('hex');
  const tickets = { ttlMs: TICKET_TTL_MS, maxTickets: MAX_SESSIONS };
  return {
    tickets: createRedisTickets(openRedis({ url: redis, name: holder }, silentLogger), tickets, Date.now),
    blocksOf: () =>
      createFleetBlocks((onLost) =>
        createBlockAllocator({ link, logger: silentLogger }, { bytes: 4, holder, onLost }),
      ),
  };
};

const startGateway = async (): Promise<Server> => {
  const templates = createLastValueBus<TemplateUpdate>(silentLogger);
  const registry = createMetrics();
  const unused = (): Promise<never> => Promise.reject(new Error('no shares here'));
  const shared =
    redisUrl === undefined || natsUrl === undefined ? undefined : await shareSessions(redisUrl, natsUrl);
  const gateway = createGateway(
    {
      validation: { submit: unused, transactions: unused, adopt: unused },
      templates,
      createBlobTemplate: () => {
        throw new Error('no pool of this family here');
      },
      clock: Date.now,
      randomBytes,
      registry,
      logger: silentLogger,
      ...(shared === undefined ? {} : { shared }),
    },
    {
      pools: [poolConfig()],
      stratum: {
        enabled: true,
        reusePort: false,
        maxConnections: MAX_SESSIONS,
        maxWorkers: MAX_SESSIONS,
        vardiff: undefined,
      },
      // Everybody comes from one address here, and nobody has a share accepted.
      defence: {
        ...DEFENCE_DEFAULTS,
        address: {
          ...DEFENCE_DEFAULTS.address,
          connections: MAX_SESSIONS,
          connectionsPerSecond: MAX_SESSIONS,
          workers: MAX_SESSIONS,
        },
        network: { connections: MAX_SESSIONS, connectionsPerSecond: MAX_SESSIONS },
        handshakeShare: 1,
        reserveShare: 0,
      },
      serverVersion: 'load',
    },
  );
  let jobKey = 1;
  const publish = (): void => {
    jobKey += 1;
    // As long as a usual one: coinbase halves of 60 and 200 bytes, twelve hashes of a branch.
    const next = template({
      jobKey,
      height: jobKey,
      prevHash: new Uint8Array(32).fill(jobKey),
      coinbasePrefix: new Uint8Array(60),
      coinbaseSuffix: new Uint8Array(200),
      merkleBranch: Array.from({ length: 12 }, () => new Uint8Array(32)),
    });
    templates.publish(templateSubject(next.poolId), next);
  };
  publish();
  const [listening] = await gateway.start();
  return {
    port: listening?.port ?? 0,
    publish,
    sessions: () => gateway.status().sessions,
    refused: async () => {
      const metrics = await registry.getMetricsAsJSON();
      const counts = metrics.filter(({ name }) => /_(?:closed|refused)_total$/.test(name));
      return counts.flatMap(({ values }) => values).reduce((sum, { value }) => sum + value, 0);
    },
  };
};

/** Answers each line with a word, and each new job with the same bytes to all. */
const startFloor = (): Promise<Server> => {
  const sockets = new Set<Socket>();
  const line = `{"id":null,"method":"mining.notify","params":["${'0'.repeat(1_500)}"]}\n`;
  const bytes = Buffer.from(line);
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('data', () => socket.write('{"id":1,"result":true,"error":null}\n'));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  const publish = (): void => {
    for (const socket of sockets) socket.write(bytes);
  };
  return new Promise((resolve) => {
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      resolve({ port, publish, sessions: () => sockets.size, refused: async () => 0 });
    });
  });
};

const server = role === 'floor' ? await startFloor() : await startGateway();
const turns = new TurnWatch();

const sample = async (): Promise<GatewaySample> => {
  turns.stop();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    rssBytes: rss,
    heapBytes: heapUsed + external,
    cpuMs: (user + system) / 1_000,
    sessions: server.sessions(),
    refused: await server.refused(),
    longestTurnMs: turns.longestMs,
    longestOwnTurnMs: turns.longestOwnMs,
  };
};

process.on('message', ({ kind }: GatewayCommand) => {
  if (kind === 'publish') server.publish();
  else if (kind === 'watch') turns.start();
  else if (kind === 'collect') globalThis.gc?.();
  else void sample().then((taken) => process.send?.(taken));
});
process.on('disconnect', () => process.exit());
process.send?.({ port: server.port });
