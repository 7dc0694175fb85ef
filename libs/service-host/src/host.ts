/** One service in this process, from its configuration to its drain. Knows nothing of signals and exit codes. */
import { hostname } from 'node:os';
import { randomInt } from 'node:crypto';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { NatsServer, type NatsServerOptions } from '@otedama/bus/nats';
import type { Config } from '@otedama/config';
import type { Logger } from '@otedama/contracts';
import {
  type Health,
  createHealth,
  createMetrics,
  createMonitoringListeners,
  createTracer,
  exposeBuild,
  exposeHealth,
  nestLogger,
  withFields,
} from '@otedama/observability';
import { VERSION } from '@otedama/observability/version';
import { registerAnswers, registerLink } from './bus-metrics.ts';
import { watchMachine } from './checks/watch.ts';
import { type DrainStep, drain } from './drain.ts';
import { registerLogQueues } from './log-queues.ts';
import { monitoringOf } from './monitoring.ts';
import { type NatsPart, natsOptions, openNats } from './nats.ts';
import type { Service, ServiceHost } from './service.ts';

export interface RunningService {
  /** Resolves when the service works; rejects when it never will. */
  readonly started: Promise<void>;
  /** Whether it ended in good order, within the time that the configuration gives. */
  stop(): Promise<boolean>;
}

const instanceOf = (config: Config, service: Service): string =>
  config.service.instance ??
  `${service.name}-${hostname()
    .replaceAll(/[^A-Za-z0-9_-]/g, '-')
    .slice(0, 40)}-${randomInt(2 ** 32).toString(36)}`;

const serveOver =
  (nats: NatsPart, options: NatsServerOptions, logger: Logger, onStop: ServiceHost['onStop']) =>
  async (module: DynamicModule): Promise<void> => {
    const strategy = new NatsServer(await nats.link(), options);
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
      strategy,
      logger: nestLogger(logger),
      abortOnError: false,
    });
    onStop('queries', () => app.close());
    await app.listen();
  };

const addStartPart = (health: Health, started: Promise<void>): void => {
  let isWorking = false;
  started.then(
    () => (isWorking = true),
    () => undefined,
  );
  health.add('service', () => (isWorking ? { state: 'up' } : { state: 'down', reason: 'still starting' }));
};

/** Rejects when the service cannot even listen for its monitoring; servers that are missing are waited for. */
export const startService = async (
  service: Service,
  config: Config,
  baseLogger: Logger,
): Promise<RunningService> => {
  if (config.nats === undefined) throw new TypeError('a hosted service is one of a fleet');
  const instance = instanceOf(config, service);
  const logger = withFields(baseLogger, { instance });
  const registry = createMetrics({ service: service.name });
  const health = createHealth();
  const stopping = new AbortController();
  const steps: DrainStep[] = [];
  const onStop: ServiceHost['onStop'] = (what, run) => void steps.push({ what, run });

  exposeBuild(registry, VERSION);
  exposeHealth(health, registry);
  const listeners = createMonitoringListeners(
    { registry, health, logger },
    monitoringOf(service, config.monitoring),
  );
  onStop('monitoring', () => listeners.stop());
  await listeners.start();
  const tracer = createTracer(logger, config.monitoring.traces, { service: service.name, instance });
  onStop('traces', () => tracer.close());
  const watch = watchMachine({ health, registry, logger }, config.app.dataDir);
  onStop('checks', async () => watch.stop());
  const options = natsOptions(config.nats, service.name, instance);
  const nats = openNats(options, { health, logger, signal: stopping.signal });
  onStop('nats', () => nats.close());

  registerLink(registry, () => nats.isUp(), nats.link());
  const serve = serveOver(nats, { onAnswered: registerAnswers(registry), tracer }, logger, onStop);
  const showLog = registerLogQueues(registry);
  const { signal } = stopping;
  const told = { logger, registry, health, tracer, showLog };
  const host = { config, instance, ...told, signal, nats: nats.link, serve, onStop };
  const started = service.start(host);
  addStartPart(health, started);
  health.started();
  return {
    started,
    async stop() {
      stopping.abort(new Error('the service is stopping'));
      // Whoever sends it work hears of it first, while what it has is still finished.
      health.add('service', () => ({ state: 'down', reason: 'stopping' }));
      // A start that is under way gives up at its next wait; what it has opened by then is closed as well.
      onStop('start', () => started.catch(() => undefined));
      return drain(steps, config.service.drainMs, logger);
    },
  };
};
