export type { ChainView } from './chain/chain-view.ts';
export { PoolSetupError } from './families/errors.ts';
export { ShareValidatorModule } from './share-validator.module.ts';
export {
  createShareValidator,
  type ShareValidator,
  type ShareValidatorDeps,
  type ShareValidatorOptions,
} from './share-validator.ts';
export type { ShareVerifier, VerifierJob } from './shares/share-verifier.ts';
export { ShareJudgeError } from './shares/share-judge.ts';
export { SHARE_VALIDATOR } from './tokens.ts';
export { createLogExchange, type LogExchange } from './fellows/log-exchange.ts';
export type { Fellows, JobExchange, Leadership } from './fellows/fellows.ts';
