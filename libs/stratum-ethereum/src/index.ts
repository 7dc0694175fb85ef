export { EXTRANONCE1_BYTES } from './limits.ts';
export { Work, type WorkTemplate } from './jobs/work.ts';
export { EthashBook } from './jobs/book.ts';
export { PoolShares } from './jobs/pool-shares.ts';
export type { Flavour, Session, SessionEnv } from './session/types.ts';
export { stratumEthereum } from './session/step.ts';
