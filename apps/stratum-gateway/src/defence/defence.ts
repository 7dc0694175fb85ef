/** What guards all ports for miners of the process, put together: one count of sockets, one queue, one bound of memory. */
import type { DefenceConfig, StratumConfig } from '@otedama/config';
import type { Logger } from '@otedama/contracts';
import { Admission } from '@otedama/edge';
import type { GatewayLimits } from '../limits.ts';
import type { GatewayGauges, GatewayMetrics } from '../metrics.ts';
import { WaitingRoom } from '../waiting-room.ts';
import { admissionLimits } from './admission-limits.ts';
import { descriptorLimit } from './descriptors.ts';
import { Door } from './door.ts';
import { PeerMemory } from './peer-memory.ts';
import { Refusals } from './refusals.ts';

export interface DefenceDeps {
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly monotonicMs: () => number;
}

export interface DefenceOptions {
  readonly stratum: StratumConfig;
  readonly defence: DefenceConfig;
  readonly limits: GatewayLimits;
}

export interface Defence {
  readonly door: Door;
  readonly memory: PeerMemory;
  readonly gauges: Omit<GatewayGauges, 'extranonceBlocks' | 'isDegraded' | 'ticketsDropped'>;
  start(): void;
  /** Tells who was refused since it last did. */
  stop(): void;
}

const SWEEP_INTERVAL_MS = 10_000;

export const createDefence = (
  { metrics, logger, monotonicMs }: DefenceDeps,
  { stratum, defence, limits }: DefenceOptions,
): Defence => {
  const hall = admissionLimits(defence, stratum, limits, descriptorLimit());
  if (hall.places < stratum.maxConnections) {
    const fields = { places: hall.places, maxConnections: stratum.maxConnections };
    logger.warn(fields, 'the system allows too few open files for max_connections');
  }
  const room = new WaitingRoom();
  const admission = new Admission(hall, monotonicMs());
  const memory = new PeerMemory(defence.memoryBytes);
  const refusals = new Refusals(metrics.refused, logger);
  const door = new Door({ admission, room, refusals, metrics, monotonicMs }, { ...defence, limits });
  const timers: NodeJS.Timeout[] = [];
  return {
    door,
    memory,
    gauges: {
      waiting: () => room.size,
      connections: () => admission.guests,
      places: () => hall.places,
      handshakes: () => admission.handshakes,
      proven: () => admission.proven,
      knownAddresses: () => admission.clients,
      peerMemoryBytes: () => memory.bytes,
    },
    start() {
      timers.push(
        setInterval(() => admission.sweep(monotonicMs()), SWEEP_INTERVAL_MS),
        setInterval(() => refusals.flush(), limits.refusalReportMs),
      );
    },
    stop() {
      for (const timer of timers.splice(0)) clearInterval(timer);
      refusals.flush();
    },
  };
};
