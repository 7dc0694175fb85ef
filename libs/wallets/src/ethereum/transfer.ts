/**
 * Transactions that move Ether from the pool's account, as bytes and back. Legacy ones carry the chain's id as
 * EIP-155 has it; where blocks have a base fee, they are of type 2.
 */
import { WalletError } from '@otedama/payouts';
import { Transaction } from 'micro-eth-signer';

export type GasPrice =
  | { readonly kind: 'legacy'; readonly perGas: bigint }
  | { readonly kind: 'eip1559'; readonly maxPerGas: bigint; readonly tipPerGas: bigint };

export interface Transfer {
  readonly chainId: number;
  readonly nonce: number;
  readonly to: string;
  readonly valueAtomic: bigint;
  readonly gasLimit: bigint;
  readonly price: GasPrice;
}

export interface SignedTransfer {
  /** With 0x, as nodes and explorers show it. */
  readonly txid: string;
  readonly raw: string;
}

export const pricePerGas = (price: GasPrice): bigint =>
  price.kind === 'legacy' ? price.perGas : price.maxPerGas;

/** The most that it can cost. */
export const feeOf = ({ gasLimit, price }: Pick<Transfer, 'gasLimit' | 'price'>): bigint =>
  gasLimit * pricePerGas(price);

const unsigned = ({ chainId, nonce, to, valueAtomic, gasLimit, price }: Transfer) => {
  const common = {
    to,
    value: valueAtomic,
    nonce: BigInt(nonce),
    gasLimit,
    chainId: BigInt(chainId),
    data: '',
  };
  // Its limits for people's input know neither the prices of other chains nor an account of many transactions.
  return price.kind === 'legacy'
    ? Transaction.prepare({ type: 'legacy', gasPrice: price.perGas, ...common }, false)
    : Transaction.prepare(
        { type: 'eip1559', maxFeePerGas: price.maxPerGas, maxPriorityFeePerGas: price.tipPerGas, ...common },
        false,
      );
};

export const signTransfer = (transfer: Transfer, secret: string): SignedTransfer => {
  const signed = unsigned(transfer).signBy(secret);
  return { txid: `0x${signed.hash.replace(/^0x/, '')}`, raw: signed.toHex() };
};

/** Of what `signTransfer` made; anything else is refused. */
export const readTransfer = (coin: string, raw: string): Transfer => {
  const refuse = (cause?: unknown): WalletError =>
    new WalletError('WALLET_RPC', { coin, detail: 'what was stored is no transfer of Ether', cause });
  let transaction: ReturnType<typeof Transaction.fromHex>;
  try {
    transaction = Transaction.fromHex(raw);
  } catch (error) {
    throw refuse(error);
  }
  const { nonce, to, value, gasLimit, chainId } = transaction.raw;
  if (chainId === undefined) throw refuse();
  const common = { chainId: Number(chainId), nonce: Number(nonce), to, valueAtomic: value, gasLimit };
  const fields: Readonly<Record<string, unknown>> = transaction.raw;
  const { gasPrice: perGas, maxFeePerGas: maxPerGas, maxPriorityFeePerGas: tipPerGas } = fields;
  if (transaction.type === 'legacy' && typeof perGas === 'bigint')
    return { ...common, price: { kind: 'legacy', perGas } };
  if (transaction.type === 'eip1559' && typeof maxPerGas === 'bigint' && typeof tipPerGas === 'bigint')
    return { ...common, price: { kind: 'eip1559', maxPerGas, tipPerGas } };
  throw refuse();
};
