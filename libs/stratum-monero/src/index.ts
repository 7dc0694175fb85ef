export { EXTRANONCE1_BYTES } from './limits.ts';
export { type ShareTerms, shareTerms } from './jobs/share-terms.ts';
export { Work, type WorkTemplate, extraNonceOf } from './jobs/work.ts';
export type { AgentMinimum, MoneroEnv, Session, SessionEnv } from './session/types.ts';
export { createSession, step, stratumMonero } from './session/step.ts';
