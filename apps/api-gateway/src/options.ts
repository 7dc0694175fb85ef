/**
 * What the API gateway is given. `deps` are things that live, `options` are values; the configuration model's
 * own sections are used as they are.
 */
import type { ApiConfig, MonitoringConfig, ShownConfig } from '@otedama/config';
import type { AuditTrail, Clock, DurableLog, LiveStream, Logger } from '@otedama/contracts';
import type { HealthSource } from '@otedama/observability';
import type { BanList, RateCounters } from '@otedama/shared-state';
import type { Pace } from '@otedama/sockets';
import type { Registry } from 'prom-client';

import type { QueryClient } from './query/query-client.ts';

export interface ApiGatewayDeps {
  readonly queries: QueryClient;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly health: HealthSource;
  /** What may be asked how often, counted with the other gateways of the fleet. */
  readonly counters: RateCounters;
  /** What strangers have of the event loop: one for the process. */
  readonly pace: Pace;
  /** Who is kept out of the ports for miners; absent: gateways do not share it. */
  readonly bans?: BanList;
  /** Takes every change before it is made. */
  readonly audit: AuditTrail;
  /** Blocks are told to viewers as they are found, ahead of the books. */
  readonly blocksLog?: Pick<DurableLog, 'newest' | 'onAppend' | 'read'>;
  /** What all API gateways of a fleet show; absent: there is no other one. */
  readonly live?: LiveStream;
}

export interface ApiGatewayOptions {
  readonly version: string;
  readonly api: ApiConfig;
  readonly monitoring: MonitoringConfig;
  /** The whole configuration, as whoever may see it sees it. */
  readonly settings: ShownConfig;
  /** Built dashboard (apps/dashboard/dist). Absent: the API alone is served. */
  readonly dashboardDir?: string;
  /** Folder of the package swagger-ui-dist; absent: wherever Node finds it from here. */
  readonly swaggerUiDir?: string;
}
