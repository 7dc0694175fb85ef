export { FakeDaemon, fakeHash, FakeTipFeed, GENESIS } from './fake-daemon.ts';
export { ManualTimers, settle } from './manual-timers.ts';
export { type RawServer, startRawServer } from './raw-server.ts';
export { answerFrom, Fault, methodsOf, type RpcTable } from './rpc-table.ts';
