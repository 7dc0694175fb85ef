export { EXTRANONCE1_BYTES } from './limits.ts';
export { Work, type WorkTemplate, stratumPrevHash } from './jobs/work.ts';
export { PROFILES, type Profile, type ProfileRow, findProfile } from './profiles.ts';
export { grantMask, rollVersion } from './version-rolling.ts';
export type { Session, SessionEnv } from './session/types.ts';
export { createSession, step, stratumV1 } from './session/step.ts';
