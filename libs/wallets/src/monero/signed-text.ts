/**
 * What is stored of a signed transaction: its bytes, which any monerod takes, and the wallet's metadata, by which
 * monero-wallet-rpc sends it and writes down its change and its secret key. Both in hex, with a colon between.
 */
import { WalletError } from '@otedama/payouts';

export interface SignedText {
  readonly blob: string;
  readonly metadata: string;
}

const TEXT = /^(?<blob>[0-9a-f]+):(?<metadata>[0-9a-f]+)$/;

export const encodeSigned = ({ blob, metadata }: SignedText): string => `${blob}:${metadata}`;

export const decodeSigned = (coin: string, raw: string): SignedText => {
  const { blob, metadata } = TEXT.exec(raw)?.groups ?? {};
  if (blob !== undefined && metadata !== undefined) return { blob, metadata };
  throw new WalletError('WALLET_RPC', { coin, detail: 'what was stored of the transaction is not its text' });
};
