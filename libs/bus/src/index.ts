export {
  type AuditTrailDeps,
  type AuditTrailOptions,
  type ClosableAuditTrail,
  createAuditTrail,
} from './audit-trail.ts';
export {
  type BusLimitCode,
  BusLimitError,
  NoRespondersError,
  TransportError,
  type TransportErrorCode,
} from './errors.ts';
export { GATHERED, type GatherOptions, type Gathered, type Gatherer, gatherSubject } from './gather.ts';
export { createLastValueBus } from './last-value-bus.ts';
export { InProcessClient, InProcessServer, type InProcessServerOptions } from './in-process.ts';
export { InProcessBroker } from './in-process-broker.ts';
export { LIVE_LIMITS, type LiveStreamLimits, createLiveStream } from './live-stream.ts';
