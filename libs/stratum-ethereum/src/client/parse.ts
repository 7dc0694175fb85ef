/** Work as the Ethereum dialects send it, from unknown to typed. Undefined means unusable. */
import { parseHash32 } from '@otedama/stratum';
import { parseName, parseTarget } from '@otedama/stratum/client';
import { blockOfSeed } from './epoch-of-seed.ts';

export type EthashAlgorithm = 'ethash' | 'etchash';

/** Under either dialect. */
export interface EthashJob {
  readonly jobId: string;
  readonly headerHash: Uint8Array;
  readonly blockNumber: number;
  readonly clean: boolean;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** EthereumStratum/1.0.0: job, seed, header, clean; hex without `0x`, with it from some. */
export const parseNotify = (algorithm: EthashAlgorithm, params: unknown): EthashJob | undefined => {
  const [idValue, seedText, headerText, clean] = listOf(params);
  const jobId = parseName(idValue);
  const seed = parseHash32(seedText);
  const headerHash = parseHash32(headerText);
  if (jobId === undefined || seed === undefined || headerHash === undefined) return undefined;
  const blockNumber = blockOfSeed(algorithm, seed);
  if (blockNumber === undefined) return undefined;
  return { jobId, headerHash, blockNumber, clean: clean !== false };
};

/** eth-proxy: header, seed, target; from some the height too, which says no more than the seed does. */
export const parseWork = (
  algorithm: EthashAlgorithm,
  result: unknown,
): { readonly job: EthashJob; readonly target: bigint } | undefined => {
  const [headerText, seedText, targetText] = listOf(result);
  const headerHash = parseHash32(headerText);
  const seed = parseHash32(seedText);
  const target = parseTarget(targetText);
  if (headerHash === undefined || seed === undefined || target === undefined) return undefined;
  const blockNumber = blockOfSeed(algorithm, seed);
  if (blockNumber === undefined) return undefined;
  // The header is all that a share names, and nothing says that earlier ones are worth nothing.
  return {
    job: { jobId: `0x${Buffer.from(headerHash).toString('hex')}`, headerHash, blockNumber, clean: false },
    target,
  };
};
