/**
 * A template of a KawPow daemon made into work. All miners search below one coinbase, so a header hash is a
 * whole job and the 64-bit nonce all that a miner changes.
 */
import { type KawpowCoin, epochAt, epochSeed } from '@otedama/chain-params';

import { serializeBlock } from '../block.ts';
import { txidOf } from '../hash.ts';
import { foldMerkle, merkleBranch } from '../merkle.ts';
import { type BlockTemplate, type ParsedTemplate, parseBlockTemplate } from '../template.ts';
import {
  type KawpowSolution,
  kawpowHeaderHash,
  serializeKawpowHeader,
  serializeKawpowInput,
} from './header.ts';

export interface KawpowWork {
  /** The 80 bytes that the block's header starts with. */
  readonly input: Uint8Array;
  /** Display order, as miners are told. */
  readonly headerHash: Uint8Array;
  readonly epoch: number;
  /** In the algorithm's order, as miners are told. */
  readonly seedHash: Uint8Array;
}

export interface KawpowBlockOptions extends KawpowSolution {
  readonly template: Pick<BlockTemplate, 'transactions' | 'witnessCommitment' | 'mweb'>;
  readonly input: Uint8Array;
  /** Legacy form. */
  readonly coinbase: Uint8Array;
}

/** Ravencoin has had segwit from the start and lists only its own rules. */
export const parseKawpowTemplate = (coin: KawpowCoin, value: unknown): ParsedTemplate => {
  const parsed = parseBlockTemplate(value, { segwitAlways: true });
  // Time decides the form of the header, so before it a block made here would not even be parsed.
  if (parsed.ok && parsed.template.currentTime < coin.kawpowFromTime) {
    return { ok: false, reason: 'block template: its time is before KawPow' };
  }
  return parsed;
};

/** `coinbase` is that of `buildFixedCoinbase`. */
export const kawpowWork = (coin: KawpowCoin, template: BlockTemplate, coinbase: Uint8Array): KawpowWork => {
  const { version, previousBlockHash: prevHash, currentTime: time, bits, height } = template;
  const merkleRoot = foldMerkle(
    txidOf(coinbase),
    merkleBranch(template.transactions.map(({ txid }) => txid)),
  );
  const input = serializeKawpowInput({ version, prevHash, merkleRoot, time, bits, height });
  const { epoch, seedRounds } = epochAt(coin, height);
  return { input, headerHash: kawpowHeaderHash(input), epoch, seedHash: epochSeed(seedRounds) };
};

/** Hex for `submitblock`. */
export const assembleKawpowBlock = (options: KawpowBlockOptions): string => {
  const { template, input, coinbase, nonce, mixHash } = options;
  return serializeBlock({ template, header: serializeKawpowHeader(input, { nonce, mixHash }), coinbase });
};
