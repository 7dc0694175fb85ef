/** Where difficulty starts when the operator does not say: near what the slowest usual device needs. */
import { type Algorithm, type Coin, difficultyToTarget, workOfTarget } from '@otedama/chain-params';
import type { VardiffConfig } from '@otedama/config';

const COMMON = { maximumDifficulty: 1e15, targetShareIntervalMs: 10_000, retargetIntervalMs: 30_000 };

/** Chains for trying things, where a CPU is the usual miner and any hash may be a block. */
export const isTrialChain = (coin: Coin): boolean =>
  coin.network === 'regtest' || coin.network === 'playground';

/** Hashes for a share. */
interface Start {
  readonly initial: number;
  readonly minimum: number;
  /** On a trial chain: seconds of one core. */
  readonly trial: number;
}

const STARTS: Readonly<Record<Algorithm, Start>> = {
  // A small ASIC of 400 GH/s; a CPU that insists.
  sha256d: { initial: 2 ** 42, minimum: 2 ** 22, trial: 2 ** 24 },
  scrypt: { initial: 2 ** 22, minimum: 2 ** 9, trial: 2 ** 11 },
  // One core of a CPU and up.
  randomx: { initial: 10_000, minimum: 200, trial: 100 },
  // A GPU of 20 to 100 MH/s.
  ethash: { initial: 2 ** 29, minimum: 2 ** 24, trial: 2 ** 14 },
  etchash: { initial: 2 ** 29, minimum: 2 ** 24, trial: 2 ** 14 },
  kawpow: { initial: 2 ** 27, minimum: 2 ** 22, trial: 2 ** 11 },
};

/** The difficulty whose share takes about so many hashes. */
const difficultyOf = (algorithm: Algorithm, hashes: number): number => {
  const hashesOfOne = Number(workOfTarget(difficultyToTarget(algorithm, 1)));
  return Number((hashes / hashesOfOne).toPrecision(4));
};

export const vardiffDefaults = (coin: Coin): VardiffConfig => {
  const { initial, minimum, trial } = STARTS[coin.algorithm];
  const of = (hashes: number): number => difficultyOf(coin.algorithm, hashes);
  return isTrialChain(coin)
    ? { ...COMMON, initialDifficulty: of(trial), minimumDifficulty: of(trial / 512) }
    : { ...COMMON, initialDifficulty: of(initial), minimumDifficulty: of(minimum) };
};
