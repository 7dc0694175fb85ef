export {
  type ClosableLog,
  type LogDriver,
  describeDurableLog,
  idOf,
  numberOf,
  payloadOf,
  readAll,
} from './durable-log.ts';
export { type LiveDriver, describeLiveStream } from './live-stream.ts';
