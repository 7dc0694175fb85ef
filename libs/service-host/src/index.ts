export { type Watch, type WatchDeps, watchMachine } from './checks/watch.ts';
export { UsageError } from './command-line.ts';
export { registerLogQueues, type ShowLog } from './log-queues.ts';
export { natsOptions } from './nats.ts';
export { NODE_FLAGS } from './node-flags.ts';
export { programPaths } from './program-paths.ts';
export { runService } from './run-service.ts';
export { SERVICE_NAMES, type Service, type ServiceHost, type ServiceName } from './service.ts';
