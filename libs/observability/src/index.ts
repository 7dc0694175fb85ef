export { type BoundCount, BoundCounter } from './bound-counter.ts';
export { BoundHistogram, type BoundSeries } from './bound-histogram.ts';
export { type Health, type HealthReply, type PartState, createHealth } from './health.ts';
export { ListenError, listenError } from './listen-error.ts';
export { type LoggerOptions, createLogger, withFields } from './logger.ts';
export { createMetrics, exposeBuild, exposeHealth } from './metrics.ts';
export { nestLogger } from './nest-logger.ts';
export { type PoolGauge, readPools } from './pool-gauge.ts';
export { createTracer } from './tracing/late-tracer.ts';
export { type MonitoringListeners, createMonitoringListeners } from './monitoring/listeners.ts';
export {
  type HealthSource,
  type MonitoringRoute,
  type MonitoringSources,
  monitoringRoutes,
} from './monitoring/routes.ts';
