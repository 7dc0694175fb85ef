/**
 * Own listeners for metrics and health: of a service without an API, and for operators who keep them off the API's address. Plain node:http:
 * a few fixed paths, no body, no state. Two of them on one address share a listener.
 */
import { once } from 'node:events';
import {
  type IncomingMessage,
  STATUS_CODES,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ListenAddress, MonitoringConfig } from '@otedama/config';
import type { Logger } from '@otedama/contracts';

import { listenError } from '../listen-error.ts';
import {
  type MonitoringAnswer,
  type MonitoringRoute,
  type MonitoringSources,
  monitoringRoutes,
} from './routes.ts';

export interface MonitoringListeners {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Where each one listens, once started. */
  addresses(): readonly ListenAddress[];
}

const MAX_CONNECTIONS = 64;
const REQUEST_TIMEOUT_MS = 5_000;

interface Plan {
  readonly listen: ListenAddress;
  readonly enabled: { metrics: boolean; health: boolean };
}

const keyOf = (listen: ListenAddress): string => `${listen.host}:${listen.port}`;

/** Which listener serves what; port 0 never coincides with another. */
function planListeners(config: MonitoringConfig): Plan[] {
  const plans = new Map<string, Plan>();
  for (const kind of ['metrics', 'health'] as const) {
    const { enabled, listen } = config[kind];
    if (!enabled || listen === undefined) continue;
    const key = listen.port === 0 ? kind : keyOf(listen);
    const plan = plans.get(key) ?? { listen, enabled: { metrics: false, health: false } };
    plan.enabled[kind] = true;
    plans.set(key, plan);
  }
  return [...plans.values()];
}

/** RFC 9457, as the API answers; what went wrong inside stays in the log. */
function problemAnswer(status: number, instance: string): MonitoringAnswer {
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, instance };
  return {
    status,
    contentType: 'application/problem+json; charset=utf-8',
    body: JSON.stringify(problem),
  };
}

async function answer(
  routes: ReadonlyMap<string, MonitoringRoute>,
  path: string,
  logger: Logger,
): Promise<MonitoringAnswer> {
  const route = routes.get(path);
  if (route === undefined) return problemAnswer(404, path);
  try {
    return await route();
  } catch (error) {
    logger.warn({ error, path }, 'monitoring request failed');
    return problemAnswer(500, path);
  }
}

async function serve(
  routes: ReadonlyMap<string, MonitoringRoute>,
  request: IncomingMessage,
  response: ServerResponse,
  logger: Logger,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const { status, contentType, body } = isRead
    ? await answer(routes, path, logger)
    : problemAnswer(405, path);
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function createListener(routes: ReadonlyMap<string, MonitoringRoute>, logger: Logger): Server {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    serve(routes, request, response, logger).catch((error: unknown) => {
      logger.error({ error }, 'monitoring answer could not be written');
      response.destroy();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

export function createMonitoringListeners(
  deps: MonitoringSources & { readonly logger: Logger },
  config: MonitoringConfig,
): MonitoringListeners {
  const planned = planListeners(config).map(({ listen, enabled }) => ({
    listen,
    server: createListener(monitoringRoutes(deps, enabled), deps.logger),
  }));
  return {
    async start() {
      for (const { listen, server } of planned) {
        server.listen({ host: listen.host, port: listen.port });
        try {
          await once(server, 'listening');
        } catch (error) {
          throw listenError('Monitoring', listen, error);
        }
      }
    },
    async stop() {
      for (const { server } of planned) {
        if (!server.listening) continue;
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      }
    },
    addresses: () =>
      planned.map(({ server }) => {
        const { address, port } = server.address() as AddressInfo;
        return { host: address, port };
      }),
  };
}
