export { BusLimitError, createLastValueBus } from './last-value-bus.ts';
export {
  InProcessClient,
  InProcessServer,
  type InProcessServerOptions,
  NoRespondersError,
} from './in-process.ts';
export { InProcessBroker } from './in-process-broker.ts';
