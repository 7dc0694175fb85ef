/** Hashes in the units of Miningcore: difficulties of shares as the pool's miners count them, of networks as explorers do. */
import {
  type Algorithm,
  type DifficultyScale,
  difficultyToTarget,
  findCoin,
  workOfTarget,
} from '@otedama/chain-params';

/** The pool's coin; for one that this version does not know, what its summary says. */
export interface CoinFacts {
  readonly name: string;
  readonly family: string;
  readonly algorithm: string;
  readonly spacingSeconds: number;
}

/** As Miningcore names them. */
const FAMILIES = {
  bitcoin: 'bitcoin',
  kawpow: 'progpow',
  cryptonote: 'cryptonote',
  ethash: 'ethereum',
} as const;

export const factsOf = (id: string, network: string, algorithm: string): CoinFacts => {
  const coin = findCoin(id, network);
  if (coin === undefined) return { name: id, family: '', algorithm, spacingSeconds: 0 };
  const { name, family, targetSpacingSeconds } = coin;
  return { name, family: FAMILIES[family], algorithm, spacingSeconds: targetSpacingSeconds };
};

const hashesPer = (scale: DifficultyScale): number => Number(workOfTarget(difficultyToTarget(scale, 1)));

/** Chains that began as Bitcoin count as Bitcoin does; the others count hashes. */
const SHARE_HASHES: Readonly<Record<Algorithm, number>> = {
  sha256d: hashesPer('sha256d'),
  scrypt: hashesPer('scrypt'),
  ethash: hashesPer('ethash'),
  etchash: hashesPer('etchash'),
  kawpow: hashesPer('kawpow'),
  randomx: hashesPer('randomx'),
};
const NETWORK_HASHES: Readonly<Record<Algorithm, number>> = {
  sha256d: hashesPer('sha256d'),
  scrypt: hashesPer('sha256d'),
  ethash: 1,
  etchash: 1,
  kawpow: hashesPer('sha256d'),
  randomx: 1,
};

const of = (table: Readonly<Record<Algorithm, number>>, algorithm: string): number =>
  algorithm in table ? table[algorithm as Algorithm] : 1;

/** Hashes of a share of difficulty 1, as the pool's miners count. */
export const shareHashes = (algorithm: string): number => of(SHARE_HASHES, algorithm);
export const networkDifficulty = (hashes: number, algorithm: string): number =>
  hashes / of(NETWORK_HASHES, algorithm);
export const networkHashrate = (hashes: number, { spacingSeconds }: CoinFacts): number =>
  spacingSeconds === 0 ? 0 : hashes / spacingSeconds;
