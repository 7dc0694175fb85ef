/** A caller broke a rule of this library: a bug, never an outcome of mining. */
export class RewardError extends Error {
  override readonly name = 'RewardError';
  readonly code = 'REWARD_INPUT';
}
