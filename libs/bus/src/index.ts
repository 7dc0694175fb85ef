export { BusLimitError, createLastValueBus } from './last-value-bus.ts';
export { InProcessBroker, InProcessClient, InProcessServer, NoRespondersError } from './in-process.ts';
