export class PoolSetupError extends Error {
  override readonly name = 'PoolSetupError';
  readonly code = 'POOL_SETUP';
}
