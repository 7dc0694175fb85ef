/** The wallet of the double of a chain. */
import {
  type Payee,
  type PayoutWallet,
  type SignedTransaction,
  type TransactionStanding,
  WalletError,
  type WalletErrorCode,
} from '@otedama/payouts';
import { type DoubleOutput, type DoubleStanding, encodeTransaction, txidOf, WALLET } from './double-chain.ts';

export interface DoubleWalletOptions {
  readonly url: string;
  readonly kind: 'coins' | 'account';
  readonly maxPayees: number;
}

interface NodeState {
  readonly height: number;
  readonly nonce: number;
  readonly total: string;
  readonly leastFee: string;
}

type Reply = { readonly result?: unknown; readonly refused?: string };

const COIN = 'litecoin';
const BASE_FEE = 10n;
const PAYEE_FEE = 3n;

const fail = (code: WalletErrorCode, detail: string): WalletError =>
  new WalletError(code, { coin: COIN, detail });

class DoubleWallet implements PayoutWallet {
  readonly coin = COIN;
  readonly maxPayees: number;
  readonly #options: DoubleWalletOptions;

  constructor(options: DoubleWalletOptions) {
    this.#options = options;
    this.maxPayees = options.maxPayees;
  }

  async #call<Result>(method: string, fields: object = {}): Promise<Result> {
    let reply: Reply;
    try {
      const body = JSON.stringify({ method, ...fields });
      const response = await fetch(this.#options.url, { method: 'POST', body });
      reply = (await response.json()) as Reply;
    } catch (cause) {
      throw new WalletError('WALLET_UNREACHABLE', { coin: COIN, detail: 'no answer', cause });
    }
    if (reply.refused !== undefined) throw fail('BROADCAST_REFUSED', reply.refused);
    return reply.result as Result;
  }

  async check(): Promise<void> {
    await this.#call('state');
  }

  async balance() {
    const { total } = await this.#call<NodeState>('state');
    if (this.#options.kind === 'account') return { spendableAtomic: BigInt(total), pendingAtomic: 0n };
    const coins = await this.#call<[string, string][]>('spendable');
    const spendableAtomic = coins.reduce((sum, [, amount]) => sum + BigInt(amount), 0n);
    // What is locked or on its way out will in part come back as change.
    return { spendableAtomic, pendingAtomic: BigInt(total) - spendableAtomic };
  }

  costs() {
    return Promise.resolve({ dustAtomic: () => 50n, baseFeeAtomic: BASE_FEE, payeeFeeAtomic: PAYEE_FEE });
  }

  canonical(address: string): string {
    if (!address.startsWith('miner-')) throw fail('ADDRESS_INVALID', 'not an address of a miner');
    return address.toLowerCase();
  }

  async sign(payees: readonly Payee[], inFlight: readonly SignedTransaction[]): Promise<SignedTransaction> {
    const outputs = payees.map(({ address, amountAtomic }) => ({ address, amount: amountAtomic }));
    const fee = BASE_FEE + PAYEE_FEE * BigInt(payees.length);
    const taken = new Set(inFlight.flatMap(({ spends }) => spends));
    if (this.#options.kind === 'coins') return this.#signCoins(outputs, fee, taken);
    const { nonce } = await this.#call<NodeState>('state');
    const used = [...taken].map((spend) => Number(spend.slice('nonce:'.length)));
    return this.#signed([`nonce:${Math.max(nonce, ...used.map((each) => each + 1))}`], outputs, fee);
  }

  async #signCoins(
    outputs: readonly DoubleOutput[],
    fee: bigint,
    taken: ReadonlySet<string>,
  ): Promise<SignedTransaction> {
    await this.#call('unlockBut', { coins: [...taken] });
    const needed = outputs.reduce((sum, { amount }) => sum + amount, fee);
    const chosen: string[] = [];
    let found = 0n;
    for (const [coin, amount] of await this.#call<[string, string][]>('spendable')) {
      if (found >= needed) break;
      if (taken.has(coin)) continue;
      chosen.push(coin);
      found += BigInt(amount);
    }
    if (found < needed) throw fail('WALLET_INSUFFICIENT_FUNDS', `it has ${found} of ${needed}`);
    await this.#call('lock', { coins: chosen });
    const change = found > needed ? [{ address: WALLET, amount: found - needed }] : [];
    return this.#signed(chosen, [...outputs, ...change], fee);
  }

  #signed(spends: readonly string[], outputs: readonly DoubleOutput[], fee: bigint): SignedTransaction {
    const raw = encodeTransaction({ spends, outputs, fee });
    return { txid: txidOf(raw), raw, feeAtomic: fee, spends };
  }

  async bump(payees: readonly Payee[], stuck: SignedTransaction): Promise<SignedTransaction> {
    const outputs = payees.map(({ address, amountAtomic }) => ({ address, amount: amountAtomic }));
    const fee = stuck.feeAtomic + 60n;
    if (this.#options.kind === 'account') return this.#signed(stuck.spends, outputs, fee);
    // The rest of the same coins, less what the fee is higher.
    const before = JSON.parse(stuck.raw) as { outputs: { address: string; amount: string }[] };
    const change = before.outputs.find(({ address }) => address === WALLET)?.amount.slice(0, -1);
    const left = BigInt(change ?? 0) - 60n;
    if (left <= 0n) throw fail('WALLET_CANNOT_BUMP', 'no change to take the fee from');
    return this.#signed(stuck.spends, [...outputs, { address: WALLET, amount: left }], fee);
  }

  async broadcast({ raw }: SignedTransaction): Promise<void> {
    await this.#call('broadcast', { raw });
  }

  async standing({ raw }: SignedTransaction): Promise<TransactionStanding> {
    const standing = await this.#call<DoubleStanding & { fee?: string }>('standing', { raw });
    if (standing.kind !== 'confirmed') return standing;
    const { confirmations, block, fee } = standing;
    return { kind: 'confirmed', confirmations, blockHash: block, feeAtomic: BigInt(fee) };
  }

  async release({ spends }: SignedTransaction): Promise<void> {
    if (this.#options.kind === 'coins') await this.#call('unlock', { coins: spends });
  }

  close(): void {
    // A connection for each call: there is none to end.
  }
}

export const openWallet = (options: DoubleWalletOptions): PayoutWallet => new DoubleWallet(options);
