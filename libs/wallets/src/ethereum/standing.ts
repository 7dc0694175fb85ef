/** What has become of a transfer, out of the chain alone: its receipt, or whatever used its nonce instead. */
import { isWalletError, type TransactionStanding } from '@otedama/payouts';
import type { Block, EthereumNode, Receipt } from './node.ts';

export interface Sent {
  readonly txid: string;
  readonly account: string;
  readonly nonce: number;
  /** What it offered, for nodes whose receipts do not say what was taken. */
  readonly pricePerGas: bigint;
}

/** A node that prunes remembers the accounts of so many blocks; what is deeper than that is at least so deep. */
const REMEMBERED_BLOCKS = 127;

const standingOfReceipt = (
  { blockHash, blockNumber, gasUsed, status, effectiveGasPrice }: Receipt,
  tip: Block,
  { pricePerGas }: Sent,
): TransactionStanding => ({
  kind: status === 0 ? 'failed' : 'confirmed',
  confirmations: Math.max(1, tip.number - blockNumber + 1),
  blockHash: blockHash.slice(2),
  feeAtomic: gasUsed * (effectiveGasPrice ?? pricePerGas),
});

/** Whether the nonce was used by the end of this block; undefined: the node does not remember. */
const isUsedAt = async (
  node: EthereumNode,
  { account, nonce }: Sent,
  height: number,
): Promise<boolean | undefined> => {
  try {
    return (await node.count(account, height)) > nonce;
  } catch (error) {
    if (isWalletError(error) && error.code === 'WALLET_RPC') return undefined;
    throw error;
  }
};

/** The lowest block known to be at or above the one that used the nonce, by halving. */
const findUse = async (
  node: EthereumNode,
  sent: Sent,
  tip: number,
): Promise<{ readonly height: number; readonly isExact: boolean }> => {
  let used = tip;
  let unused = Math.max(-1, tip - REMEMBERED_BLOCKS);
  const oldest = unused < 0 ? false : await isUsedAt(node, sent, unused);
  if (oldest === true) return { height: unused, isExact: false };
  let isExact = oldest !== undefined;
  while (used - unused > 1) {
    const middle = Math.floor((used + unused) / 2);
    const state = await isUsedAt(node, sent, middle);
    if (state === true) used = middle;
    else unused = middle;
    // Exact if the last step down was an answer and not a block that is forgotten.
    if (state !== true) isExact = state === false;
  }
  return { height: used, isExact };
};

export const findStanding = async (node: EthereumNode, sent: Sent): Promise<TransactionStanding> => {
  const tip = await node.tip();
  const receipt = await node.receipt(sent.txid);
  if (receipt !== undefined) {
    const block = await node.blockAt(receipt.blockNumber);
    // Otherwise the chain changed its mind between the two answers: the next look sees what it came to.
    if (block?.hash === receipt.blockHash) return standingOfReceipt(receipt, tip, sent);
    return { kind: 'unknown' };
  }
  if (await node.knows(sent.txid)) return { kind: 'pending' };
  if ((await node.count(sent.account, tip.number)) <= sent.nonce) return { kind: 'unknown' };
  // A block may have come with it since the first answer.
  if ((await node.receipt(sent.txid)) !== undefined) return { kind: 'pending' };
  const { height, isExact } = await findUse(node, sent, tip.number);
  const by = isExact ? await node.findSent(height, sent.account, sent.nonce) : undefined;
  const confirmations = tip.number - height + 1;
  return { kind: 'conflicted', confirmations, ...(by === undefined ? {} : { by }) };
};
