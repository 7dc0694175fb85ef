/** The calls of an Ethereum node that a payout needs. */
import { connectRpc, type ConnectionOptions, type Dialect } from '@otedama/daemon-rpc/rpc';
import type { z } from 'zod';
import { asWalletCall } from '../daemon-failure.ts';
import { firstThatAnswers } from '../first-that-answers.ts';
import {
  amountSchema,
  blockSchema,
  codeSchema,
  countSchema,
  fullBlockSchema,
  hashSchema,
  maybeBlockSchema,
  maybeReceiptSchema,
  maybeTransactionSchema,
  syncingSchema,
} from './replies.ts';

const DIALECT: Dialect = { version: '2.0', login: 'basic', path: '', codes: new Map() };
const CALL_TIMEOUT_MS = 20_000;

/** `pending`: as if what the node's pool holds were in the chain. */
export type At = number | 'latest' | 'pending';

const tagOf = (at: At): string => (typeof at === 'number' ? `0x${at.toString(16)}` : at);
const quantity = (value: bigint): string => `0x${value.toString(16)}`;

export type Receipt = NonNullable<z.infer<typeof maybeReceiptSchema>>;
export type Block = z.infer<typeof blockSchema>;

export interface EthereumNode {
  chainId(): Promise<number>;
  isSyncing(): Promise<boolean>;
  tip(): Promise<Block>;
  /** In the main chain; undefined: it is not so high. */
  blockAt(height: number): Promise<Block | undefined>;
  balance(account: string, at: At): Promise<bigint>;
  /** Transactions that the account has sent, which is the nonce of the next. */
  count(account: string, at: At): Promise<number>;
  hasCode(account: string): Promise<boolean>;
  /** Rejects when the account would not take it. */
  estimateGas(from: string, to: string, valueAtomic: bigint): Promise<bigint>;
  gasPrice(): Promise<bigint>;
  /** What to offer above the base fee. */
  priorityFee(): Promise<bigint>;
  send(raw: string): Promise<string>;
  /** In its pool or in its chain. */
  knows(txid: string): Promise<boolean>;
  receipt(txid: string): Promise<Receipt | undefined>;
  /** The transaction of this account with this nonce in the block of this height. */
  findSent(height: number, account: string, nonce: number): Promise<string | undefined>;
  close(): void;
}

export const createEthereumNode = (coin: string, daemons: readonly ConnectionOptions[]): EthereumNode => {
  const rpc = firstThatAnswers(daemons.map((options) => connectRpc(options, DIALECT)));
  const timeoutMs = daemons[0]?.callTimeoutMs ?? CALL_TIMEOUT_MS;
  const call = <T>(method: string, params: readonly unknown[], result: z.ZodType<T>): Promise<T> =>
    asWalletCall(coin, rpc.call(method, params, result, { timeoutMs }));

  return {
    chainId: () => call('eth_chainId', [], countSchema),
    isSyncing: async () => (await call('eth_syncing', [], syncingSchema)) !== false,
    tip: () => call('eth_getBlockByNumber', ['latest', false], blockSchema),
    blockAt: async (height) =>
      (await call('eth_getBlockByNumber', [tagOf(height), false], maybeBlockSchema)) ?? undefined,
    balance: (account, at) => call('eth_getBalance', [account, tagOf(at)], amountSchema),
    count: (account, at) => call('eth_getTransactionCount', [account, tagOf(at)], countSchema),
    hasCode: async (account) => (await call('eth_getCode', [account, 'latest'], codeSchema)) !== '0x',
    estimateGas: (from, to, valueAtomic) =>
      call('eth_estimateGas', [{ from, to, value: quantity(valueAtomic) }], amountSchema),
    gasPrice: () => call('eth_gasPrice', [], amountSchema),
    priorityFee: () => call('eth_maxPriorityFeePerGas', [], amountSchema),
    send: (raw) => call('eth_sendRawTransaction', [raw], hashSchema),
    knows: async (txid) => (await call('eth_getTransactionByHash', [txid], maybeTransactionSchema)) !== null,
    receipt: async (txid) =>
      (await call('eth_getTransactionReceipt', [txid], maybeReceiptSchema)) ?? undefined,
    findSent: async (height, account, nonce) => {
      const block = await call('eth_getBlockByNumber', [tagOf(height), true], fullBlockSchema);
      const from = account.toLowerCase();
      return block.transactions.find((each) => each.from === from && each.nonce === nonce)?.hash;
    },
    close: () => rpc.close(),
  };
};
