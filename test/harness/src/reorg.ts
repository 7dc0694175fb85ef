/** Chain reorganisations on request, with any daemon of the Bitcoin family. */
import type { Rpc } from './rpc.ts';

/**
 * Takes the last `depth` blocks out of the chain and mines one more in their place. Returns the hashes of the
 * orphaned ones, lowest first. The address must be a new one: to the old one, within the same second, litecoind
 * makes the very block that it just learned to refuse. Its first block with MWEB has to stay: the peg-in that it
 * needs does not come back.
 */
export const orphanBlocks = async (rpc: Rpc, depth: number, address: string): Promise<string[]> => {
  const height = await rpc.call<number>('getblockcount');
  const orphans: string[] = [];
  for (let at = height - depth + 1; at <= height; at++) {
    orphans.push(await rpc.call<string>('getblockhash', at));
  }
  await rpc.call('invalidateblock', orphans[0]);
  await rpc.call('generatetoaddress', depth + 1, address);
  return orphans;
};
