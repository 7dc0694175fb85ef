/**
 * Payouts in Monero: monero-wallet-rpc builds, signs and sends; monerod says what became of it. Nothing rests on
 * what the wallet remembers between two calls: one that was killed, or restored from its seed, pays on. There is
 * no fee bump: Monero knows no replacement, and a transaction that stays out of the blocks is sent again.
 */
import { type CryptonoteCoin, type NetworkName, parseAddress } from '@otedama/chain-params';
import type { ConnectionOptions } from '@otedama/daemon-rpc/rpc';
import {
  isWalletError,
  type Payee,
  type PayoutWallet,
  type SignedTransaction,
  type TransactionStanding,
  type WalletBalance,
  WalletError,
  type WalletErrorCode,
  type WalletCosts,
} from '@otedama/payouts';
import { asWalletCall } from '../daemon-failure.ts';
import { canonicalAddress } from '../payee-address.ts';
import { createNodeView, type MoneroNodeView } from './node-view.ts';
import { decodeSigned, encodeSigned } from './signed-text.ts';
import { findStanding } from './standing.ts';
import { createMoneroWalletRpc, type MoneroWalletRpc, type Transfer } from './wallet-rpc.ts';

export interface MoneroWalletOptions {
  readonly coin: CryptonoteCoin;
  readonly walletRpc: ConnectionOptions;
  /** The pool's daemons; the first that answers is asked. */
  readonly daemons: readonly ConnectionOptions[];
  /** The primary address of the wallet. */
  readonly payoutAddress: string;
  /** Of one transaction. */
  readonly maxFeeAtomic: bigint;
  /** As monero-wallet-rpc counts: 1 to 4, 0 leaves it to the wallet. */
  readonly priority: 0 | 1 | 2 | 3 | 4;
}

/** Sixteen outputs are the most that a range proof covers, and one of them is the change. */
const MAX_PAYEES = 15;
/** Weights in bytes of transactions with two inputs, as 0.18 builds them: 2,166 with one payee, 6,827 with fifteen. */
const BASE_WEIGHT = 1_833n;
const PAYEE_WEIGHT = 333n;
/** Amounts go to the wallet as numbers of JSON. */
const MAX_AMOUNT_ATOMIC = BigInt(Number.MAX_SAFE_INTEGER);
/** A wallet reads new blocks by itself every 20 s; asked to read more than these, it does not answer for minutes. */
const MAX_BLOCKS_TO_READ = 1_000;
/** What a wallet that cannot sign puts in the place of key images. */
const NO_KEY_IMAGE = '01'.padEnd(64, '0');

const NETTYPES: Partial<Record<NetworkName, string>> = {
  mainnet: 'mainnet',
  testnet: 'testnet',
  stagenet: 'stagenet',
  regtest: 'fakechain',
};

const sumOf = (payees: readonly Payee[]): bigint =>
  payees.reduce((sum, { amountAtomic }) => sum + amountAtomic, 0n);

class MoneroWallet implements PayoutWallet {
  readonly coin: string;
  readonly maxPayees = MAX_PAYEES;
  readonly #options: MoneroWalletOptions;
  readonly #wallet: MoneroWalletRpc;
  readonly #node: MoneroNodeView;

  constructor(options: MoneroWalletOptions) {
    this.coin = options.coin.id;
    this.#options = options;
    this.#wallet = createMoneroWalletRpc(this.coin, options.walletRpc);
    this.#node = createNodeView(options.daemons);
  }

  async check(): Promise<void> {
    const { coin, payoutAddress } = this.#options;
    const { nettype, isSynced } = await this.#ask(this.#node.info());
    if (nettype !== NETTYPES[coin.network])
      throw this.#error('WALLET_WRONG_CHAIN', `monerod is on ${nettype}, and the pool on ${coin.network}`);
    if (!isSynced) throw this.#error('WALLET_SYNCING', 'monerod has not caught up with the network');
    const address = await this.#wallet.primaryAddress();
    if (address !== payoutAddress) {
      this.#assertOwnNetwork(address);
      const detail = 'the open wallet has another primary address than payout_address';
      throw this.#error('WALLET_MISSING', detail);
    }
    await this.#wallet.assertSigns();
    await this.#catchUp();
  }

  async balance(): Promise<WalletBalance> {
    const { totalAtomic, unlockedAtomic } = await this.#wallet.balance();
    return { spendableAtomic: unlockedAtomic, pendingAtomic: totalAtomic - unlockedAtomic };
  }

  async costs(): Promise<WalletCosts> {
    const perByte = await this.#ask(this.#node.feePerByteAtomic(this.#options.priority));
    return {
      // Amounts are hidden: the network cannot tell a small one.
      dustAtomic: () => 1n,
      baseFeeAtomic: BASE_WEIGHT * perByte,
      payeeFeeAtomic: PAYEE_WEIGHT * perByte,
    };
  }

  canonical(address: string): string {
    return canonicalAddress(this.#options.coin, address);
  }

  async sign(payees: readonly Payee[], inFlight: readonly SignedTransaction[]): Promise<SignedTransaction> {
    this.#assertPayable(payees);
    const taken = [...new Set(inFlight.flatMap(({ spends }) => spends))];
    const first = await this.#build(payees, taken);
    if (await this.#isUnspent(first)) return this.#signed(first);
    // The wallet's file is older than the chain: it learns which of its outputs are spent, and chooses again.
    await this.#wallet.refresh();
    await this.#wallet.rescanSpent();
    const second = await this.#build(payees, taken);
    if (await this.#isUnspent(second)) return this.#signed(second);
    throw this.#error(
      'WALLET_SYNCING',
      'the wallet chose outputs that are spent: another program pays from it, or it has not read the chain',
    );
  }

  async broadcast({ txid, raw }: SignedTransaction): Promise<void> {
    // Sent again, one that has confirmed would be entered into the wallet's books as pending: see QUIRKS.md.
    if ((await this.#sent(this.#node.placeOf(txid))).kind !== 'nowhere') return;
    const { blob, metadata } = decodeSigned(this.coin, raw);
    const failure = await this.#relay(metadata);
    if (failure === undefined) return;
    // The wallet does not say why, and may have sent it all the same: the node judges the bytes.
    const refusal = await this.#sent(this.#node.send(blob));
    if (refusal === undefined) return;
    if ((await this.#sent(this.#node.placeOf(txid))).kind !== 'nowhere') return;
    throw this.#error('BROADCAST_REFUSED', refusal, failure);
  }

  standing(transaction: SignedTransaction): Promise<TransactionStanding> {
    return this.#ask(findStanding(this.#node, this.#wallet, transaction));
  }

  /** `sign` leaves nothing taken, unless it was killed. */
  async release({ spends }: SignedTransaction): Promise<void> {
    await this.#wallet.thaw(spends);
  }

  close(): void {
    this.#wallet.close();
    this.#node.close();
  }

  #assertOwnNetwork(address: string): void {
    try {
      this.canonical(address);
    } catch (error) {
      if (!isWalletError(error)) throw error;
      throw this.#error(
        'WALLET_WRONG_CHAIN',
        `the open wallet is not of this network: ${error.detail}`,
        error,
      );
    }
  }

  /** Both are asked at the same time, and blocks come while they answer. */
  async #catchUp(): Promise<void> {
    const behind = async (): Promise<number> => {
      const [walletHeight, { height }] = await Promise.all([
        this.#wallet.height(),
        this.#ask(this.#node.info()),
      ]);
      return height - walletHeight;
    };
    const first = await behind();
    if (first !== 0 && Math.abs(first) <= MAX_BLOCKS_TO_READ) await this.#wallet.refresh();
    const left = first === 0 ? 0 : await behind();
    if (left > 1) throw this.#error('WALLET_SYNCING', `the wallet has ${left} blocks to read`);
    if (left < -1) {
      throw this.#error(
        'WALLET_SYNCING',
        `the wallet is ${-left} blocks ahead: it asks another monerod than the pool`,
      );
    }
  }

  #assertPayable(payees: readonly Payee[]): void {
    if (payees.length === 0 || payees.length > MAX_PAYEES)
      throw this.#error(
        'WALLET_TRANSACTION_TOO_LARGE',
        `${payees.length} payees, and 1 to ${MAX_PAYEES} fit`,
      );
    for (const { address, amountAtomic } of payees) {
      if (payees.length > 1 && this.paidAlone(address)) {
        const detail = 'an address with a payment id shares no transaction with other payees';
        throw new WalletError('ADDRESS_INVALID', { coin: this.coin, detail, address });
      }
      if (amountAtomic < 1n)
        throw new WalletError('AMOUNT_BELOW_DUST', { coin: this.coin, detail: 'nothing to pay', address });
      if (amountAtomic > MAX_AMOUNT_ATOMIC) {
        const detail = `more than ${MAX_AMOUNT_ATOMIC} piconero for one payee does not fit the wallet's JSON`;
        throw this.#error('WALLET_TRANSACTION_TOO_LARGE', detail);
      }
    }
  }

  /** The payment id is encrypted for one recipient, and a transaction carries one. */
  paidAlone(address: string): boolean {
    const parsed = parseAddress(this.#options.coin, address);
    return parsed.ok && parsed.type === 'integrated';
  }

  /** Frozen only for so long: a frozen output that nobody thaws is money that nobody finds. */
  async #build(payees: readonly Payee[], taken: readonly string[]): Promise<Transfer> {
    await this.#wallet.freeze(taken);
    try {
      const transfer = await this.#wallet.transfer(payees, { priority: this.#options.priority });
      this.#assertAsked(transfer, payees, taken);
      return transfer;
    } finally {
      await this.#wallet.thaw(taken);
    }
  }

  #assertAsked(transfer: Transfer, payees: readonly Payee[], taken: readonly string[]): void {
    const { key_images: keyImages } = transfer.spent_key_images;
    if (keyImages.includes(NO_KEY_IMAGE))
      throw this.#error('WALLET_WATCH_ONLY', 'the wallet has no spend key');
    if (BigInt(transfer.amount) !== BigInt(Number(sumOf(payees))))
      throw this.#error('WALLET_RPC', 'the wallet built a transaction of another amount');
    if (keyImages.some((keyImage) => taken.includes(keyImage)))
      throw this.#error('WALLET_RPC', 'the wallet chose outputs that a payout in flight spends');
    if (BigInt(transfer.fee) > this.#options.maxFeeAtomic) {
      const detail = `a fee of ${transfer.fee} piconero, and the limit is ${this.#options.maxFeeAtomic}`;
      throw this.#error('WALLET_FEE_TOO_HIGH', detail);
    }
  }

  async #isUnspent({ spent_key_images: { key_images: keyImages } }: Transfer): Promise<boolean> {
    const states = await this.#ask(this.#node.keyImageStates(keyImages));
    return states.every((state) => state === 'unspent');
  }

  #signed(transfer: Transfer): SignedTransaction {
    return {
      txid: transfer.tx_hash,
      raw: encodeSigned({ blob: transfer.tx_blob, metadata: transfer.tx_metadata }),
      feeAtomic: BigInt(transfer.fee),
      spends: transfer.spent_key_images.key_images,
    };
  }

  /** Undefined, or why it is not known to have been sent. */
  async #relay(metadata: string): Promise<WalletError | undefined> {
    try {
      await this.#wallet.relay(metadata);
    } catch (error) {
      if (isWalletError(error)) return error;
      throw error;
    }
    try {
      // With the secret key of the transaction, by which a miner can be shown that it was paid.
      await this.#wallet.store();
    } catch (error) {
      if (!isWalletError(error)) throw error;
    }
    return undefined;
  }

  #ask<T>(call: Promise<T>): Promise<T> {
    return asWalletCall(this.coin, call);
  }

  /** While sending, no answer means that it may be out. */
  async #sent<T>(call: Promise<T>): Promise<T> {
    try {
      return await this.#ask(call);
    } catch (error) {
      if (!isWalletError(error)) throw error;
      throw this.#error('BROADCAST_UNKNOWN', error.detail, error);
    }
  }

  #error(code: WalletErrorCode, detail: string, cause?: unknown): WalletError {
    return new WalletError(code, { coin: this.coin, detail, cause });
  }
}

export const createMoneroWallet = (options: MoneroWalletOptions): PayoutWallet => new MoneroWallet(options);
