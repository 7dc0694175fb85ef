/** For tests alone: a pool of Bitcoin on regtest. */
import { findCoin } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';

const coin = findCoin('bitcoin', 'regtest');
if (coin === undefined) throw new Error('no such coin');

export const poolConfig = (over: Partial<PoolConfig> = {}): PoolConfig => ({
  id: 'main',
  coin,
  payoutAddress: 'bcrt1qpool',
  scheme: 'pplns',
  window: { kind: 'work', networkBlocks: 2 },
  feeBasisPoints: 100,
  splits: [],
  bankroll: { ruinProbability: 0.001, floorAtomic: 0n },
  daemons: [],
  mergedChains: [],
  profiles: [],
  coinbaseTag: '',
  stratum: { listen: { host: '127.0.0.1', port: 0 }, tls: undefined, allowPlain: false },
  ...over,
});
