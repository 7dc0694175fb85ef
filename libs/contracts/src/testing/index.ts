export {
  type ClosableLog,
  type LogDriver,
  describeDurableLog,
  idOf,
  numberOf,
  payloadOf,
  readAll,
} from './durable-log.ts';
