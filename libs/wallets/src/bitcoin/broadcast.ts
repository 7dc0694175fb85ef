/** Handing signed bytes to the network. Whatever the daemon says, it counts as sent once the daemon has it. */
import { isDaemonError } from '@otedama/daemon-rpc';
import { type SignedTransaction, WalletError } from '@otedama/payouts';
import { isRpcError, type WalletNode } from './node.ts';
import { standingOf } from './standing.ts';

/** Bitcoin Core: does not decode, inputs missing, against the rules or the policy, in the chain already. */
const VERDICTS = [-22, -25, -26, -27];

/** The same bytes, or their twin under another id, are in the memory pool or the chain. */
const isKnown = async (node: WalletNode, transaction: SignedTransaction): Promise<boolean> => {
  const { kind } = await standingOf(node, transaction);
  return kind === 'pending' || kind === 'confirmed';
};

export const broadcastTransaction = async (
  node: WalletNode,
  coin: string,
  transaction: SignedTransaction,
): Promise<void> => {
  try {
    await node.send(transaction.raw);
  } catch (error) {
    if (!isDaemonError(error)) throw error;
    const unknown = (detail: string, cause: unknown): WalletError =>
      new WalletError('BROADCAST_UNKNOWN', { coin, detail: `it may have been sent: ${detail}`, cause });
    if (!isRpcError(error, ...VERDICTS)) throw unknown(error.message, error);
    const known = await isKnown(node, transaction).catch((cause: unknown) => {
      throw unknown(error.message, cause);
    });
    if (known) return;
    throw new WalletError('BROADCAST_REFUSED', { coin, detail: error.detail, cause: error });
  }
};
