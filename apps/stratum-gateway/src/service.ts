/**
 * The gateway as a service of the fleet: work from the last template, verdicts from any validator, extranonces
 * that no other gateway gives out, and sessions that go on at any of them.
 */
import { randomBytes } from 'node:crypto';
import {
  type Extranonce1Size,
  NatsClient,
  type NatsLink,
  createBlockAllocator,
  createNatsLastValueBus,
  createRemoteValidation,
} from '@otedama/bus/nats';
import { TEMPLATES_STREAM, decodeTemplate, encodeTemplate } from '@otedama/contracts';
import { BlobTemplate } from '@otedama/native';
import { VERSION } from '@otedama/observability/version';
import type { ServiceHost } from '@otedama/service-host';
import { type BanList, MemoryBans, MemoryTickets, type SessionTickets } from '@otedama/shared-state';
import { type StratumGateway, createGateway } from './gateway.ts';
import { createFleetBlocks } from './leases/fleet-blocks.ts';
import type { SharedSessions } from './leases/lease-spaces.ts';
import { LIMITS } from './limits.ts';
import { StratumGatewayModule } from './stratum-gateway.module.ts';

/** Of the time to drain: for the answers that are still due when the last miner was sent elsewhere. */
const DRAIN_MARGIN_MS = LIMITS.drainDeadlineMs + LIMITS.byeMs;
const RUN_BYTES = 4;

/** Without Redis a session goes on only where it was, and each gateway bans for itself. */
const openShared = async (
  { config, health, logger, onStop }: ServiceHost,
  holder: string,
): Promise<{ tickets: SessionTickets; bans: BanList }> => {
  const { resumeTtlMs: ttlMs, maxTickets } = LIMITS;
  const url = config.redis.url?.reveal();
  if (url === undefined) {
    const monotonicMs = (): number => performance.now();
    return {
      tickets: new MemoryTickets({ monotonicMs, ttlMs, maxTickets }),
      bans: new MemoryBans({ clock: Date.now, monotonicMs }),
    };
  }
  // Its client is large, and a start should not wait for it.
  const { createRedisBans, createRedisTickets, openRedis } = await import('@otedama/shared-state/redis');
  const link = openRedis({ url, name: holder }, logger);
  onStop('redis', async () => link.close());
  health.add('redis', () => link.state());
  return {
    tickets: createRedisTickets(link, { ttlMs, maxTickets }, Date.now),
    bans: createRedisBans(link, Date.now),
  };
};

const SPACES: readonly Extranonce1Size[] = [2, 3, 4];

const spaceOf = (bytes: number): Extranonce1Size => {
  const size = SPACES.find((known) => known === bytes);
  if (size === undefined) throw new TypeError(`no space of extranonces has ${bytes} bytes`);
  return size;
};

const openSessions = async (
  host: ServiceHost,
  link: NatsLink,
): Promise<{ shared: SharedSessions; bans: BanList }> => {
  const { instance, logger, onStop } = host;
  // The next run is another holder: what this one leaves behind is not its own.
  const holder = `${instance}-${randomBytes(RUN_BYTES).toString('hex')}`;
  const { tickets, bans } = await openShared(host, holder);
  onStop('tickets', () => tickets.close());
  onStop('bans', () => bans.close());
  const blocksOf: SharedSessions['blocksOf'] = (bytes) =>
    createFleetBlocks((onLost) => {
      const options = { bytes: spaceOf(bytes), holder, onLost };
      const allocator = createBlockAllocator({ link, logger }, options);
      onStop('extranonces', async () => allocator.stop());
      return allocator;
    });
  return { shared: { tickets, blocksOf }, bans };
};

const addHealth = ({ health }: ServiceHost, gateway: StratumGateway): void => {
  health.add('work', () => {
    const idle = gateway.status().pools.filter(({ jobHeight }) => jobHeight === undefined);
    return idle.length === 0
      ? { state: 'up' }
      : { state: 'degraded', reason: `no work for ${idle.map(({ poolId }) => poolId).join(', ')}` };
  });
};

export const startGatewayService = async (host: ServiceHost): Promise<void> => {
  const { config, logger, registry, tracer } = host;
  const link = await host.nats();
  const templates = createNatsLastValueBus(
    { link, logger, codec: { encode: encodeTemplate, decode: decodeTemplate } },
    { stream: TEMPLATES_STREAM },
  );
  host.onStop('templates', async () => templates.close());
  const accounting = new NatsClient(link, { tracer });
  host.onStop('wishes', async () => accounting.close());
  const gateway = createGateway(
    {
      validation: createRemoteValidation(link),
      templates,
      createBlobTemplate: (parts) => new BlobTemplate(parts),
      clock: Date.now,
      randomBytes,
      registry,
      logger,
      tracer,
      accounting,
      ...(await openSessions(host, link)),
    },
    {
      pools: config.pools,
      stratum: config.stratum,
      defence: config.defence,
      serverVersion: `otedama/${VERSION}`,
      instance: host.instance,
      moveMs: Math.max(0, config.service.drainMs - DRAIN_MARGIN_MS),
    },
  );
  addHealth(host, gateway);
  host.onStop('sessions', () => gateway.stop());
  const listening = await gateway.start();
  logger.info({ listening }, 'listening');
  await host.serve(StratumGatewayModule.register(gateway));
};
