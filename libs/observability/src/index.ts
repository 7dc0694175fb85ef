export { type Health, type HealthReply, type PartState, createHealth } from './health.ts';
export { type LoggerOptions, createLogger, withFields } from './logger.ts';
export { createMetrics } from './metrics.ts';
