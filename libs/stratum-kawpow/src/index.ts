export { EXTRANONCE1_BYTES } from './limits.ts';
export { Work, type WorkTemplate } from './jobs/work.ts';
export type { Session, SessionEnv } from './session/types.ts';
export { stratumKawpow } from './session/step.ts';
