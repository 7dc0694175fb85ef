/**
 * From chosen coins to signed bytes. The daemon adds signatures and nothing else: what it gives back is read and
 * compared with what we wrote, and what the inputs are worth is proven by the transactions that made them, whose
 * ids are their hashes. So neither payees nor fee depend on what a daemon says.
 */
import { readTransaction, serializeUnsigned, type TransactionBody } from '@otedama/bitcoin-family';
import type { ScriptCoin } from '@otedama/chain-params';
import { type SignedTransaction, WalletError } from '@otedama/payouts';
import { outpointOf, type WalletCoin } from './coins.ts';
import type { WalletNode } from './node.ts';
import { MAX_WEIGHT } from './policy.ts';

/** As many as the connection takes at a time. */
const LOOKUPS_AT_A_TIME = 8;

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fromHex = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

const refuse = (coin: ScriptCoin, detail: string): WalletError =>
  new WalletError('WALLET_RPC', { coin: coin.id, detail: `${detail}; nothing was sent` });

/** What an output is worth and which script it has, from a transaction that hashes to its id. */
const proveOutput = async (
  node: WalletNode,
  coin: ScriptCoin,
  outpoint: { readonly txid: string; readonly index: number },
): Promise<{ readonly valueAtomic: bigint; readonly scriptPubKey: Uint8Array }> => {
  const found = await node.transaction(outpoint.txid);
  const transaction = found === undefined ? undefined : readTransaction(fromHex(found.hex));
  const output = transaction?.outputs[outpoint.index];
  if (transaction?.txid !== outpoint.txid || output === undefined) {
    throw refuse(coin, `the wallet cannot show the transaction that made its coin ${outpointOf(outpoint)}`);
  }
  return output;
};

export const proveOutputs = async (
  node: WalletNode,
  coin: ScriptCoin,
  outpoints: readonly { readonly txid: string; readonly index: number }[],
): Promise<{ readonly valueAtomic: bigint; readonly scriptPubKey: Uint8Array }[]> => {
  const proven: { readonly valueAtomic: bigint; readonly scriptPubKey: Uint8Array }[] = [];
  for (let at = 0; at < outpoints.length; at += LOOKUPS_AT_A_TIME) {
    const some = outpoints.slice(at, at + LOOKUPS_AT_A_TIME);
    proven.push(...(await Promise.all(some.map((outpoint) => proveOutput(node, coin, outpoint)))));
  }
  return proven;
};

/** Same inputs in the same order, same outputs, same version and lock time: only scripts and witness were added. */
const isSameBody = (asked: TransactionBody, got: TransactionBody): boolean =>
  toHex(serializeUnsigned(asked)) === toHex(serializeUnsigned(got));

export interface SigningOptions {
  readonly node: WalletNode;
  readonly coin: ScriptCoin;
  readonly ceilingPerKvb: bigint;
  /** What no change was made of may come on top of the ceiling. */
  readonly leastChangeAtomic: bigint;
}

/** `coins` are the inputs of `body`, in order. */
export const signBody = async (
  { node, coin, ceilingPerKvb, leastChangeAtomic }: SigningOptions,
  body: TransactionBody,
  coins: readonly WalletCoin[],
): Promise<SignedTransaction> => {
  const proven = await proveOutputs(node, coin, coins);
  for (const [at, { valueAtomic, scriptPubKey }] of proven.entries()) {
    const claimed = coins[at];
    if (claimed?.amountAtomic !== valueAtomic || toHex(claimed.scriptPubKey) !== toHex(scriptPubKey)) {
      throw refuse(coin, `the wallet misstates what its coin ${body.inputs[at]?.txid} is worth`);
    }
  }
  const reply = await node.sign(toHex(serializeUnsigned(body)));
  if (!reply.complete) {
    const reason = reply.errors?.[0]?.error ?? 'it does not say why';
    throw refuse(coin, `the wallet could not sign every input: ${reason}`);
  }
  const signed = readTransaction(fromHex(reply.hex));
  if (signed === undefined || !isSameBody(body, signed)) {
    throw refuse(coin, 'the wallet signed another transaction than it was given');
  }
  const inAtomic = proven.reduce((sum, { valueAtomic }) => sum + valueAtomic, 0n);
  const feeAtomic = body.outputs.reduce((left, { valueAtomic }) => left - valueAtomic, inAtomic);
  const mostAtomic = (ceilingPerKvb * BigInt(Math.ceil(signed.weight / 4))) / 1_000n + leastChangeAtomic;
  if (feeAtomic < 0n || feeAtomic > mostAtomic) {
    throw refuse(coin, `the fee of ${feeAtomic} is above the configured ${mostAtomic}`);
  }
  if (signed.weight > MAX_WEIGHT) throw refuse(coin, `the transaction weighs ${signed.weight}`);
  return { txid: signed.txid, raw: reply.hex, feeAtomic, spends: body.inputs.map(outpointOf) };
};
