export { FakeDaemon, fakeHash, FakeTipFeed, GENESIS } from './fake-daemon.ts';
export { ManualTimers, settle } from './manual-timers.ts';
