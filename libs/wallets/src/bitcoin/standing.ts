/**
 * Where a signed transaction stands, asked anew each time: after a restart of the daemon, a reorg or a restored
 * wallet the answer is the chain's. What cannot be known is `unknown`, which costs nobody anything: the same bytes
 * are sent again.
 */
import { readTransaction, type ReadTransaction } from '@otedama/bitcoin-family';
import type { SignedTransaction, TransactionStanding } from '@otedama/payouts';
import type { WalletNode } from './node.ts';
import type { WalletTransaction } from './replies.ts';

const read = (hex: string): ReadTransaction | undefined => readTransaction(Buffer.from(hex, 'hex'));

const outputsOf = (transaction: ReadTransaction): string =>
  transaction.outputs
    .map(({ valueAtomic, scriptPubKey }) => `${valueAtomic}:${Buffer.from(scriptPubKey).toString('hex')}`)
    .join();

/**
 * The same payment under another id: signatures outside the witness can be rewritten by anybody on the way (BIP62).
 * Its inputs are spent and its payees are paid, so it counts as ours.
 */
const isTwin = (ours: ReadTransaction, other: ReadTransaction): boolean =>
  outputsOf(ours) === outputsOf(other) &&
  ours.inputs.length === other.inputs.length &&
  ours.inputs.every(
    ({ txid, index }, at) => other.inputs[at]?.txid === txid && other.inputs[at].index === index,
  );

const confirmed = (
  { confirmations, blockHash }: WalletTransaction,
  { feeAtomic }: SignedTransaction,
): TransactionStanding | undefined =>
  confirmations > 0 && blockHash !== undefined
    ? { kind: 'confirmed', confirmations, blockHash, feeAtomic }
    : undefined;

/** What the wallet has in the chain that may spend the same: none of it is older than the lock of the transaction. */
const candidates = async (
  node: WalletNode,
  ours: ReadTransaction,
  known: WalletTransaction | undefined,
): Promise<readonly string[]> => {
  if (known !== undefined && known.conflicts.length > 0) return known.conflicts;
  const { blocks } = await node.chain();
  return node.confirmedSince(await node.blockHash(Math.min(ours.lockTime, blocks)));
};

const isSpentInChain = async (node: WalletNode, { inputs }: ReadTransaction): Promise<boolean> => {
  for (const { txid, index } of inputs) if (!(await node.isUnspent(txid, index))) return true;
  return false;
};

/** Something else in the chain that spends what the transaction spends. */
const lookForSpender = async (
  node: WalletNode,
  transaction: SignedTransaction,
  ours: ReadTransaction,
  known: WalletTransaction | undefined,
): Promise<TransactionStanding> => {
  for (const txid of await candidates(node, ours, known)) {
    if (txid === transaction.txid) continue;
    const found = await node.transaction(txid);
    const other = found === undefined ? undefined : read(found.hex);
    if (found === undefined || found.confirmations <= 0 || other === undefined) continue;
    if (isTwin(ours, other)) return confirmed(found, transaction) ?? { kind: 'unknown' };
    if (other.inputs.some((input) => transaction.spends.includes(`${input.txid}:${input.index}`))) {
      return { kind: 'conflicted', confirmations: found.confirmations, by: txid };
    }
  }
  return lookForLostParent(node, ours);
};

/**
 * A coin that it spends was made by a transaction that something in the chain conflicts with, as when a reorg let the
 * predecessor of a replacement confirm: the coin does not exist, and it goes under with its parent.
 */
const lookForLostParent = async (
  node: WalletNode,
  { inputs }: ReadTransaction,
): Promise<TransactionStanding> => {
  for (const txid of new Set(inputs.map((input) => input.txid))) {
    const parent = await node.transaction(txid);
    if (parent !== undefined && parent.confirmations < 0) {
      return { kind: 'conflicted', confirmations: -parent.confirmations };
    }
  }
  return { kind: 'unknown' };
};

export const standingOf = async (
  node: WalletNode,
  transaction: SignedTransaction,
): Promise<TransactionStanding> => {
  const known = await node.transaction(transaction.txid);
  const done = known === undefined ? undefined : confirmed(known, transaction);
  if (done !== undefined) return done;
  if (await node.isInMemoryPool(transaction.txid)) return { kind: 'pending' };
  const ours = read(transaction.raw);
  if (ours === undefined || !(await isSpentInChain(node, ours))) return { kind: 'unknown' };
  return lookForSpender(node, transaction, ours, known);
};
