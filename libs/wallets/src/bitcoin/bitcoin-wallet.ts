/**
 * The port to the wallet of bitcoind, litecoind, dogecoind, ravend and Bitcoin Cash Node. The daemon keeps the keys,
 * signs and relays; which coins are spent, what is paid and what it may cost is decided here.
 *
 * Confirmed coins only, change included: a batch never hangs on one before it that may yet be replaced. Nothing is
 * locked in the daemon: its locks vanish with a restart and outlive us after a crash, while `inFlight` says what
 * is taken whatever happened.
 */
import { parseAddress, type ScriptCoin } from '@otedama/chain-params';
import {
  type Payee,
  type PayoutWallet,
  type SignedTransaction,
  type TransactionStanding,
  type WalletBalance,
  type WalletCosts,
  WalletError,
} from '@otedama/payouts';
import { canonicalAddress } from '../payee-address.ts';
import { broadcastTransaction } from './broadcast.ts';
import { checkWallet } from './check.ts';
import { asPortError } from './failure.ts';
import { currentFeeRate, type FeeRate } from './fee-rate.ts';
import { WalletNode, type WalletNodeOptions } from './node.ts';
import { buildPayment, ownedCoins, type PaymentContext } from './payment.ts';
import { dustAtomic, type FeeRates, relayPolicy } from './policy.ts';
import { replacePayment } from './replacement.ts';
import { feeAtomic, sumOf } from './select.ts';
import { standingOf } from './standing.ts';

export interface BitcoinWalletOptions extends WalletNodeOptions {
  readonly maxPayees: number;
  /** Within so many blocks a payout should confirm: what the node is asked an estimate for. */
  readonly targetBlocks?: number | undefined;
  /** Those of the coin's table where left out. */
  readonly fees?: FeeRates | undefined;
  /** Whether to offer replacement. By default where the nodes of the coin replace without being told to. */
  readonly replaces?: boolean | undefined;
}

/** Nobody waits for a payout within the hour. */
const TARGET_BLOCKS = 12;
/** Virtual bytes of a payment from one typical coin, with change and without payees. */
const TYPICAL_BYTES = { segwit: 11 + 69 + 31, legacy: 10 + 149 + 34 };
/** A payee with the longest of the usual scripts, that of taproot and of P2WSH. */
const PAYEE_BYTES = { segwit: 43, legacy: 34 };

class BitcoinWallet implements PayoutWallet {
  readonly coin: string;
  readonly maxPayees: number;
  readonly bump?: NonNullable<PayoutWallet['bump']>;
  readonly #coin: ScriptCoin;
  readonly #node: WalletNode;
  readonly #targetBlocks: number;
  readonly #fees: FeeRates;
  readonly #replaces: boolean;

  constructor(options: BitcoinWalletOptions) {
    const policy = relayPolicy(options.coin);
    this.coin = options.coin.id;
    this.maxPayees = options.maxPayees;
    this.#coin = options.coin;
    this.#node = new WalletNode(options);
    this.#targetBlocks = options.targetBlocks ?? TARGET_BLOCKS;
    this.#fees = options.fees ?? policy.fees;
    this.#replaces = options.replaces ?? policy.replaces;
    if (this.#replaces) this.bump = (...args) => this.#guard(this.#replace(...args));
  }

  check(): Promise<void> {
    return this.#guard(checkWallet(this.#node, this.#coin));
  }

  balance(): Promise<WalletBalance> {
    return this.#guard(this.#balance());
  }

  costs(): Promise<WalletCosts> {
    return this.#guard(this.#costs());
  }

  canonical(address: string): string {
    return canonicalAddress(this.#coin, address);
  }

  sign(payees: readonly Payee[], inFlight: readonly SignedTransaction[]): Promise<SignedTransaction> {
    return this.#guard(this.#sign(payees, inFlight));
  }

  broadcast(transaction: SignedTransaction): Promise<void> {
    return broadcastTransaction(this.#node, this.coin, transaction);
  }

  standing(transaction: SignedTransaction): Promise<TransactionStanding> {
    return this.#guard(standingOf(this.#node, transaction));
  }

  /** Nothing was taken: see the head of this file. */
  async release(): Promise<void> {}

  close(): void {
    this.#node.close();
  }

  async #balance(): Promise<WalletBalance> {
    const { confirmed, unconfirmed } = await ownedCoins(this.#node);
    const immatureAtomic = await this.#node.immatureAtomic();
    return {
      spendableAtomic: sumOf(confirmed),
      pendingAtomic: sumOf(unconfirmed) + immatureAtomic,
    };
  }

  async #costs(): Promise<WalletCosts> {
    const { perKvb } = await this.#rate();
    const form = this.#coin.addresses.hrp === undefined ? 'legacy' : 'segwit';
    return {
      dustAtomic: (address) => dustAtomic(relayPolicy(this.#coin), this.#script(address)),
      baseFeeAtomic: feeAtomic(perKvb, TYPICAL_BYTES[form]),
      payeeFeeAtomic: feeAtomic(perKvb, PAYEE_BYTES[form]),
    };
  }

  async #sign(payees: readonly Payee[], inFlight: readonly SignedTransaction[]): Promise<SignedTransaction> {
    const outputs = this.#outputs(payees);
    return buildPayment(await this.#context(), outputs, inFlight);
  }

  async #replace(
    payees: readonly Payee[],
    stuck: SignedTransaction,
    inFlight: readonly SignedTransaction[],
  ): Promise<SignedTransaction> {
    const outputs = this.#outputs(payees);
    return replacePayment(await this.#context(), outputs, stuck, inFlight);
  }

  async #context(): Promise<PaymentContext> {
    return {
      node: this.#node,
      coin: this.#coin,
      rate: await this.#rate(),
      ceilingPerKvb: this.#fees.ceilingPerKvb,
      replaces: this.#replaces,
    };
  }

  #rate(): Promise<FeeRate> {
    return currentFeeRate(this.#node, this.#coin, this.#fees, this.#targetBlocks);
  }

  #script(address: string): Uint8Array {
    const parsed = parseAddress(this.#coin, this.canonical(address));
    if (!parsed.ok) throw new TypeError('a canonical address that is none');
    return parsed.scriptPubKey;
  }

  #outputs(payees: readonly Payee[]): { readonly valueAtomic: bigint; readonly scriptPubKey: Uint8Array }[] {
    if (payees.length === 0 || payees.length > this.maxPayees) {
      const detail = `${payees.length} payees, and a transaction pays 1 to ${this.maxPayees}`;
      throw new WalletError('WALLET_TRANSACTION_TOO_LARGE', { coin: this.coin, detail });
    }
    return payees.map(({ address, amountAtomic }) => {
      const scriptPubKey = this.#script(address);
      const dust = dustAtomic(relayPolicy(this.#coin), scriptPubKey);
      if (amountAtomic < dust) {
        const detail = `${amountAtomic} to one address, and nodes relay no less than ${dust}`;
        throw new WalletError('AMOUNT_BELOW_DUST', { coin: this.coin, detail, address });
      }
      return { valueAtomic: amountAtomic, scriptPubKey };
    });
  }

  async #guard<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw asPortError(this.coin, error);
    }
  }
}

export const createBitcoinWallet = (options: BitcoinWalletOptions): PayoutWallet =>
  new BitcoinWallet(options);
