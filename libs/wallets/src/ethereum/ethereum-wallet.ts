/**
 * Payouts from one account of an Ethereum chain: signed here with a key from a file, one payee each, in the order of
 * their nonces. The node is given finished transactions and never a key.
 */
import type { EthashCoin } from '@otedama/chain-params';
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
  type WalletErrorFields,
  type WalletCosts,
} from '@otedama/payouts';
import { canonicalAddress } from '../payee-address.ts';
import { type AccountKey, readKeyFile } from './key-file.ts';
import { createEthereumNode, type EthereumNode } from './node.ts';
import { currentPrice, replacementPrice } from './price.ts';
import { findStanding } from './standing.ts';
import { feeOf, pricePerGas, readTransfer, signTransfer, type Transfer } from './transfer.ts';

export interface EthereumWalletOptions {
  readonly coin: EthashCoin;
  /** The pool's daemons; the first that answers is asked. */
  readonly daemons: readonly ConnectionOptions[];
  /** The account that pays. */
  readonly payoutAddress: string;
  /** With the secret key of that account. */
  readonly keyFile: string;
  /** Of one transaction. */
  readonly maxFeeAtomic: bigint;
  /** Stays in the account. */
  readonly reserveAtomic: bigint;
}

const PLAIN_GAS = 21_000n;
/** A contract that forwards what it gets needs some ten thousand; beyond it, it is our fee that pays for its work. */
const MAX_GAS = 100_000n;

const nonceOf = ({ nonce }: Transfer): string => `nonce:${nonce}`;

class EthereumWallet implements PayoutWallet {
  readonly coin: string;
  readonly maxPayees = 1;
  readonly #options: EthereumWalletOptions;
  readonly #node: EthereumNode;

  constructor(options: EthereumWalletOptions) {
    this.coin = options.coin.id;
    this.#options = options;
    this.#node = createEthereumNode(this.coin, options.daemons);
  }

  async check(): Promise<void> {
    const wanted = this.#options.coin.chainId;
    const chainId = await this.#node.chainId();
    if (chainId !== wanted)
      throw this.#error('WALLET_WRONG_CHAIN', `the chain of the node has the id ${chainId}, not ${wanted}`);
    if (await this.#node.isSyncing()) throw this.#error('WALLET_SYNCING', 'the node has not caught up');
    await this.#key();
  }

  /** Both views of the node: what waits in its pool is spent, what waits there for the account is not yet had. */
  async balance(): Promise<WalletBalance> {
    const { payoutAddress, reserveAtomic } = this.#options;
    const [mined, pending] = await Promise.all([
      this.#node.balance(payoutAddress, 'latest'),
      this.#node.balance(payoutAddress, 'pending'),
    ]);
    const least = mined < pending ? mined : pending;
    const spendableAtomic = least > reserveAtomic ? least - reserveAtomic : 0n;
    return { spendableAtomic, pendingAtomic: pending > mined ? pending - mined : 0n };
  }

  async costs(): Promise<WalletCosts> {
    const price = await currentPrice(this.#node);
    return {
      dustAtomic: () => 1n,
      baseFeeAtomic: 0n,
      payeeFeeAtomic: feeOf({ gasLimit: PLAIN_GAS, price }),
    };
  }

  canonical(address: string): string {
    return canonicalAddress(this.#options.coin, address);
  }

  async sign(payees: readonly Payee[], inFlight: readonly SignedTransaction[]): Promise<SignedTransaction> {
    const { address: to, amountAtomic: valueAtomic } = this.#onlyPayee(payees);
    const { payoutAddress, coin } = this.#options;
    const [price, used, pooled] = await Promise.all([
      currentPrice(this.#node),
      this.#node.count(payoutAddress, 'latest'),
      this.#node.count(payoutAddress, 'pending'),
    ]);
    const taken = inFlight.map(({ raw }) => readTransfer(this.coin, raw));
    // Of those with one nonce the chain takes one.
    const waiting = new Map<number, bigint>();
    for (const each of taken) {
      const most = each.valueAtomic + feeOf(each);
      if (each.nonce >= used && most > (waiting.get(each.nonce) ?? 0n)) waiting.set(each.nonce, most);
    }
    const nonce = Math.max(used, pooled, ...taken.map((each) => each.nonce + 1));
    await this.#assertCovered(
      valueAtomic + feeOf({ gasLimit: PLAIN_GAS, price }),
      [...waiting.values()].reduce((sum, most) => sum + most, 0n),
    );
    const gasLimit = await this.#gasFor(to, valueAtomic);
    return this.#sign({ chainId: coin.chainId, nonce, to, valueAtomic, gasLimit, price });
  }

  async bump(payees: readonly Payee[], stuck: SignedTransaction): Promise<SignedTransaction> {
    const { address, amountAtomic } = this.#onlyPayee(payees);
    const transfer = readTransfer(this.coin, stuck.raw);
    if (this.canonical(transfer.to) !== this.canonical(address) || transfer.valueAtomic !== amountAtomic)
      throw this.#error('WALLET_CANNOT_BUMP', 'the stuck transaction pays somebody else');
    const next = await this.#node.count(this.#options.payoutAddress, 'latest');
    if (transfer.nonce > next) {
      const detail = `nonce ${transfer.nonce} waits for ${next}: no fee brings it forward`;
      throw this.#error('WALLET_CANNOT_BUMP', detail);
    }
    if (transfer.nonce < next)
      throw this.#error('WALLET_CANNOT_BUMP', `nonce ${transfer.nonce} is used: look at its standing`);
    const price = replacementPrice(transfer.price, await currentPrice(this.#node));
    return this.#sign({ ...transfer, price });
  }

  async broadcast({ txid, raw }: SignedTransaction): Promise<void> {
    try {
      if ((await this.#node.send(raw)) === txid) return;
      throw this.#error('BROADCAST_UNKNOWN', 'the node took it under another id');
    } catch (error) {
      if (!isWalletError(error)) throw error;
      // "Already known", "nonce too low": whether it is this one that the node has is seen by its id.
      if (await this.#isKnown(txid)) return;
      const isRefused = error.code === 'WALLET_RPC';
      throw this.#error(isRefused ? 'BROADCAST_REFUSED' : 'BROADCAST_UNKNOWN', error.detail, {
        cause: error,
      });
    }
  }

  standing({ txid, raw }: SignedTransaction): Promise<TransactionStanding> {
    const { nonce, price } = readTransfer(this.coin, raw);
    const account = this.#options.payoutAddress;
    return findStanding(this.#node, { txid, account, nonce, pricePerGas: pricePerGas(price) });
  }

  /** A nonce is taken by what is in flight, and by nothing else. */
  async release(): Promise<void> {}

  close(): void {
    this.#node.close();
  }

  async #isKnown(txid: string): Promise<boolean> {
    try {
      return await this.#node.knows(txid);
    } catch (error) {
      if (isWalletError(error)) throw this.#error('BROADCAST_UNKNOWN', error.detail, { cause: error });
      throw error;
    }
  }

  #onlyPayee(payees: readonly Payee[]): Payee {
    const [payee] = payees;
    if (payee === undefined || payees.length > 1)
      throw this.#error('WALLET_TRANSACTION_TOO_LARGE', `${payees.length} payees, and one fits`);
    const { address, amountAtomic } = payee;
    if (amountAtomic < 1n) throw this.#error('AMOUNT_BELOW_DUST', 'nothing to pay', { address });
    return { address: this.canonical(address), amountAtomic };
  }

  /** What it takes in the chain as it is now, beside what others in flight will take. */
  async #assertCovered(neededAtomic: bigint, waitingAtomic: bigint): Promise<void> {
    const { payoutAddress, reserveAtomic } = this.#options;
    const mined = await this.#node.balance(payoutAddress, 'latest');
    const free = mined - waitingAtomic - reserveAtomic;
    if (neededAtomic <= free) return;
    const shortAtomic = neededAtomic - free;
    throw this.#error('WALLET_INSUFFICIENT_FUNDS', `the account is ${shortAtomic} wei short`, {
      spendableAtomic: free > 0n ? free : 0n,
    });
  }

  /** Accounts with code run it when they are paid. */
  async #gasFor(to: string, valueAtomic: bigint): Promise<bigint> {
    if (!(await this.#node.hasCode(to))) return PLAIN_GAS;
    const refuse = (detail: string, cause?: unknown): WalletError =>
      this.#error('ADDRESS_INVALID', detail, { address: to, cause });
    let estimate: bigint;
    try {
      estimate = await this.#node.estimateGas(this.#options.payoutAddress, to, valueAtomic);
    } catch (error) {
      if (!isWalletError(error) || error.code !== 'WALLET_RPC') throw error;
      throw refuse('the contract of this address does not take the payment', error);
    }
    // Its state can be another one when the block comes.
    const gasLimit = (estimate * 5n) / 4n;
    if (gasLimit > MAX_GAS) throw refuse(`the contract of this address wants ${estimate} gas`);
    return gasLimit;
  }

  async #sign(transfer: Transfer): Promise<SignedTransaction> {
    const feeAtomic = feeOf(transfer);
    const { maxFeeAtomic } = this.#options;
    if (feeAtomic > maxFeeAtomic)
      throw this.#error('WALLET_FEE_TOO_HIGH', `a fee of ${feeAtomic} wei, and the limit is ${maxFeeAtomic}`);
    const { secret } = await this.#key();
    return { ...signTransfer(transfer, secret), feeAtomic, spends: [nonceOf(transfer)] };
  }

  async #key(): Promise<AccountKey> {
    const { keyFile, payoutAddress } = this.#options;
    const key = await readKeyFile(this.coin, keyFile);
    if (key.address === this.canonical(payoutAddress)) return key;
    throw this.#error('WALLET_MISSING', 'the key file is of another account than payout_address');
  }

  #error(
    code: WalletErrorCode,
    detail: string,
    more: Omit<WalletErrorFields, 'coin' | 'detail'> = {},
  ): WalletError {
    return new WalletError(code, { coin: this.coin, detail, ...more });
  }
}

export const createEthereumWallet = (options: EthereumWalletOptions): PayoutWallet =>
  new EthereumWallet(options);
