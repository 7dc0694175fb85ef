/** What the end-to-end tests of the coins have in common. */
import type { BalanceSummary, BlockSummary, PoolSummary } from '@otedama/contracts';
import { type BitcoinNode, type Otedama, type Rpc, eventually } from '@otedama/test-harness';

interface Page<T> {
  readonly items: readonly T[];
}

export interface Owed {
  readonly immature: bigint;
  readonly matured: bigint;
}

/** With BIP173's example key on regtest. */
export const SOLO = { id: 'btc-solo', address: 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080' } as const;

/** Its section of a configuration. */
export const soloPool = ({ url }: BitcoinNode): string => `
pools:
  - id: ${SOLO.id}
    coin: bitcoin
    network: regtest
    payout_address: ${SOLO.address}
    scheme: solo
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${url}', user: x, password: test}]`;

/** One pool of a running otedama or fleet, read through its public API. */
export const createPoolView = (otedama: Pick<Otedama, 'get'>, poolId: string) => {
  const blocks = async (): Promise<readonly BlockSummary[]> =>
    (await otedama.get<Page<BlockSummary>>(`/api/v1/blocks?pool=${poolId}&limit=200`)).items;
  return {
    blocks,
    block: async (hash: string): Promise<BlockSummary | undefined> =>
      (await blocks()).find((block) => block.hash === hash),
    /** The oldest block of ours that the node has accepted. */
    firstBlock: (): Promise<BlockSummary> =>
      eventually('our miner finds a block', async () => (await blocks()).at(-1), 120_000),
    inState: (hash: string, state: BlockSummary['state']): Promise<BlockSummary> =>
      eventually(
        `block ${hash} is ${state}`,
        async () => (await blocks()).find((block) => block.hash === hash && block.state === state),
        60_000,
      ),
    /** After mining stopped: the ledger has the tip of the chain, so nothing is on its way any more. */
    settled: (rpc: Rpc): Promise<boolean> =>
      eventually('the ledger has the tip of the chain', async () => {
        const tip = await rpc.call<string>('getbestblockhash');
        return (await blocks())[0]?.hash === tip;
      }),
    summary: async (): Promise<PoolSummary> => {
      const pool = (await otedama.get<PoolSummary[]>('/api/v1/pools')).find(({ id }) => id === poolId);
      if (pool === undefined) throw new Error(`no pool ${poolId}`);
      return pool;
    },
    /** Sum over all accounts of the pool, in atomic units. */
    owed: async (): Promise<Owed> => {
      const { items } = await otedama.get<Page<BalanceSummary>>(`/api/v1/balances?pool=${poolId}`);
      return {
        immature: items.reduce((sum, row) => sum + BigInt(row.immatureAtomic), 0n),
        matured: items.reduce((sum, row) => sum + BigInt(row.maturedAtomic), 0n),
      };
    },
  };
};
export type PoolView = ReturnType<typeof createPoolView>;

export const stopMining = async (otedama: Otedama): Promise<void> => {
  const response = await fetch(`${otedama.api}/api/mining/stop`, { method: 'POST' });
  if (!response.ok) throw new Error(`stop: ${response.status} ${await response.text()}`);
};
