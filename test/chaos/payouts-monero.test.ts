import { describeWith, monerod, moneroWalletRpc } from '@otedama/test-harness';
import { startMoneroChain } from './payouts/monero-chain.ts';
import { payOutOnRealChain, REAL_PAYOUTS, REAL_RUN_TIMEOUT_MS } from './payouts/real-run.ts';

const COIN = 10n ** 12n;
const TERMS = {
  feeRule: 'pool',
  // Enough transactions to be killed at in a small run, and full ones in a large one.
  maxPayees: Math.min(15, Math.ceil(REAL_PAYOUTS / 15)),
  confirmations: 2,
  finalConfirmations: 5,
  // Monero knows no replacement.
  bumpAfterMs: 600_000,
  maxInFlight: 8,
  idleMs: 40,
} as const;

describeWith('monerod and monero-wallet-rpc', monerod() && moneroWalletRpc())(
  'paying out of a real Monero wallet while killed at every step',
  () => {
    it(
      'gives each miner exactly once exactly what the books say',
      async () => {
        const { problems, kills, batches } = await payOutOnRealChain({
          name: 'monerod',
          start: startMoneroChain,
          terms: TERMS,
          amounts: { least: COIN / 1_000n, most: COIN },
          blockMs: 1_500,
        });
        expect(problems).toEqual([]);
        expect(kills).toBeGreaterThan(batches / 2);
      },
      REAL_RUN_TIMEOUT_MS,
    );
  },
);
