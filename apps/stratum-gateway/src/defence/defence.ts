/** What guards all ports for miners of the process, put together: one count of sockets, one queue, one bound of memory. */
import type { DefenceConfig, StratumConfig } from '@otedama/config';
import type { Clock, Logger } from '@otedama/contracts';
import { type BanList, MemoryBans } from '@otedama/shared-state';
import { Admission } from '@otedama/edge';
import type { GatewayLimits } from '../limits.ts';
import type { GatewayGauges } from '../gauges.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { admissionLimits, waitingPlaces } from './admission-limits.ts';
import { descriptorLimit } from './descriptors.ts';
import { Door } from './door.ts';
import { PeerMemory } from './peer-memory.ts';
import { Referee } from './referee.ts';
import { Refusals } from './refusals.ts';

export interface DefenceDeps {
  /** Absent: there is only this gateway. */
  readonly bans?: BanList;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly monotonicMs: () => number;
}

/** Of a gateway that is the only one. */
const OWN_NAME = 'gateway';

export interface DefenceOptions {
  readonly stratum: StratumConfig;
  readonly defence: DefenceConfig;
  readonly limits: GatewayLimits;
  /** Whose word its bans are. */
  readonly instance?: string;
}

export interface Defence {
  readonly door: Door;
  /** Connections that may wait before the door, at all ports together. */
  readonly maxWaiting: number;
  readonly memory: PeerMemory;
  readonly referee: Referee;
  readonly gauges: Omit<
    GatewayGauges,
    'waiting' | 'readLater' | 'extranonceBlocks' | 'isDegraded' | 'tickets' | 'ticketsDropped'
  >;
  start(): void;
  /** Tells who was refused since it last did. */
  stop(): void;
}

const SWEEP_INTERVAL_MS = 10_000;

export const createDefence = (
  { metrics, logger, monotonicMs, ...deps }: DefenceDeps,
  { stratum, defence, limits, instance = OWN_NAME }: DefenceOptions,
): Defence => {
  const bans = deps.bans ?? new MemoryBans({ clock: deps.clock, monotonicMs });
  const descriptors = descriptorLimit();
  const hall = admissionLimits(defence, stratum, limits, descriptors);
  if (hall.places < stratum.maxConnections) {
    const fields = { places: hall.places, maxConnections: stratum.maxConnections };
    logger.warn(fields, 'the system allows too few open files for max_connections');
  }
  const admission = new Admission(hall, monotonicMs());
  const memory = new PeerMemory(defence.memoryBytes);
  const refusals = new Refusals(metrics.refused, logger);
  const referee = new Referee(
    { bans, monotonicMs, logger, counter: metrics.bans },
    { instance, bans: defence.bans, limits },
  );
  const door = new Door({ admission, refusals, referee, metrics, monotonicMs }, { ...defence, limits });
  const timers: NodeJS.Timeout[] = [];
  return {
    door,
    maxWaiting: waitingPlaces(hall.places, limits, descriptors),
    memory,
    referee,
    gauges: {
      connections: () => admission.guests,
      places: () => hall.places,
      handshakes: () => admission.handshakes,
      proven: () => admission.proven,
      knownAddresses: () => admission.clients,
      peerMemoryBytes: () => memory.bytes,
      bans: () => bans.size,
      bansDropped: () => bans.dropped,
      knownConducts: () => referee.conducts,
    },
    start() {
      referee.start();
      timers.push(
        setInterval(() => admission.sweep(monotonicMs()), SWEEP_INTERVAL_MS),
        setInterval(() => refusals.flush(), limits.refusalReportMs),
      );
    },
    stop() {
      for (const timer of timers.splice(0)) clearInterval(timer);
      refusals.flush();
      referee.stop();
    },
  };
};
