import { describeWith, ethashGeth } from '@otedama/test-harness';
import { startEthereumChain } from './payouts/ethereum-chain.ts';
import { payOutOnRealChain, REAL_KILLS, REAL_RUN_TIMEOUT_MS } from './payouts/real-run.ts';

const GWEI = 10n ** 9n;
const TERMS = {
  feeRule: 'miners',
  maxPayees: 1,
  confirmations: 2,
  finalConfirmations: 5,
  bumpAfterMs: 1_000,
  maxInFlight: 16,
  idleMs: 40,
} as const;

describeWith('geth', ethashGeth())('paying out of a real Ethereum account while killed at every step', () => {
  it(
    'gives each miner exactly once exactly what the books say',
    async () => {
      const { problems, kills } = await payOutOnRealChain({
        name: 'geth',
        start: startEthereumChain,
        terms: TERMS,
        amounts: { least: 10_000_000n * GWEI, most: 2_000_000_000n * GWEI },
        blockMs: 400,
      });
      expect(problems).toEqual([]);
      expect(kills).toBeGreaterThan(REAL_KILLS / 2);
    },
    REAL_RUN_TIMEOUT_MS,
  );
});
