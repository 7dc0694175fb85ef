/** The last proof of the books as figures. */
import type { PoolConfig } from '@otedama/config';
import type { Proof } from '@otedama/ledger';
import type { AccountingMetrics } from './metrics.ts';

type ProofMetrics = Pick<
  AccountingMetrics,
  'balanced' | 'proofProblems' | 'provedAt' | 'assets' | 'liabilities'
>;

/** Of a coin that no pool has any more the books are proved all the same, and its figures are in the proof alone. */
export const showProof = (
  metrics: ProofMetrics,
  { ok, problems, coins }: Proof,
  pools: readonly PoolConfig[],
  nowMs: number,
): void => {
  metrics.balanced.set(ok ? 1 : 0);
  metrics.proofProblems.set(problems.length);
  metrics.provedAt.set(nowMs / 1000);
  const configured = pools.flatMap((pool) => [pool, ...pool.mergedChains].map(({ coin }) => coin));
  for (const { coin, assetsAtomic, liabilitiesAtomic } of coins) {
    const decimals = configured.find(({ id }) => id === coin)?.decimals;
    if (decimals === undefined) continue;
    metrics.assets.set({ coin }, Number(assetsAtomic) / 10 ** decimals);
    metrics.liabilities.set({ coin }, Number(liabilitiesAtomic) / 10 ** decimals);
  }
};
