/** What a service gets from the process that hosts it, and what that process wants to know of the service. */
import type { DynamicModule } from '@nestjs/common';
import type { NatsLink } from '@otedama/bus/nats';
import type { Config } from '@otedama/config';
import type { Logger, Tracer } from '@otedama/contracts';
import type { Health } from '@otedama/observability';
import type { Registry } from 'prom-client';
import type { ShowLog } from './log-queues.ts';

export const SERVICE_NAMES = [
  'stratum-gateway',
  'share-validator',
  'pool-accounting',
  'api-gateway',
  'miner-agent',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface ServiceHost {
  readonly config: Config;
  /** Name of this process; no other of the fleet has it. */
  readonly instance: string;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly health: Health;
  readonly tracer: Tracer;
  /** Aborted when the service is to stop, also while it still starts. */
  readonly signal: AbortSignal;
  /** The connection to NATS, once there is one; it outlives every step of `onStop`. */
  nats(): Promise<NatsLink>;
  /** Answers what the module's controllers take from NATS, until the service stops. */
  serve(module: DynamicModule): Promise<void>;
  /** Shows what waits for a durable log that this process appends to. */
  readonly showLog: ShowLog;
  /** Part of the drain; the steps run from the latest to the first. */
  onStop(what: string, step: () => Promise<void>): void;
}

export interface Service {
  readonly name: ServiceName;
  /** Serves metrics and health itself: no listener of their own without an address in the configuration. */
  readonly hasOwnMonitoring?: boolean;
  /** Resolves when the service works. It may wait for servers as long as they take. */
  start(host: ServiceHost): Promise<void>;
}
