/** Payers out of the wallets of one litecoind on regtest: each has coins of its own, and all are closed together. */
import { findCoin, type ScriptCoin } from '@otedama/chain-params';
import type { Payee, PayoutWallet } from '@otedama/payouts';
import { type BitcoinWalletOptions, createBitcoinWallet } from '../bitcoin/bitcoin-wallet.ts';

interface Rpc {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>;
}

/** As the test harness starts them. */
interface NodeWallets<R extends Rpc> {
  readonly node: { readonly rpc: R };
  readonly miner: R;
  create(name: string): Promise<R>;
  fund(wallet: R, amounts: readonly number[], type?: string): Promise<void>;
}

export interface FundedPayer<R> {
  readonly rpc: R;
  readonly wallet: PayoutWallet;
  readonly name: string;
}

export const COIN = 100_000_000n;
export const FEES = { floorPerKvb: 1_000n, ceilingPerKvb: 1_000_000n, fallbackPerKvb: 10_000n };

export const scriptCoin = (id: string, network: string): ScriptCoin => {
  const coin = findCoin(id, network);
  if (coin?.family !== 'bitcoin' && coin?.family !== 'kawpow') throw new Error(`no ${id} of ${network}`);
  return coin;
};

export class LitecoinPayers<R extends Rpc> {
  readonly #wallets: NodeWallets<R>;
  readonly #defaults: Partial<BitcoinWalletOptions>;
  readonly #open: PayoutWallet[] = [];
  #names = 0;

  constructor(wallets: NodeWallets<R>, defaults: Partial<BitcoinWalletOptions> = {}) {
    this.#wallets = wallets;
    this.#defaults = defaults;
  }

  connect(wallet: string, options: Partial<BitcoinWalletOptions> = {}): PayoutWallet {
    const { url, user, password } = this.#wallets.node.rpc;
    const payer = createBitcoinWallet({
      name: 'ltc',
      url,
      user,
      password: { reveal: () => password },
      coin: scriptCoin('litecoin', 'regtest'),
      wallet,
      maxPayees: 500,
      fees: FEES,
      ...this.#defaults,
      ...options,
    });
    this.#open.push(payer);
    return payer;
  }

  /** A new wallet, with one coin of each amount. */
  async funded(
    amounts: readonly number[],
    options: Partial<BitcoinWalletOptions> = {},
    type?: string,
  ): Promise<FundedPayer<R>> {
    const name = `w${++this.#names}`;
    const rpc = await this.#wallets.create(name);
    await this.#wallets.fund(rpc, amounts, type);
    return { rpc, wallet: this.connect(name, options), name };
  }

  async payee(amountAtomic: bigint, type = 'bech32'): Promise<Payee> {
    return { address: await this.#wallets.miner.call<string>('getnewaddress', '', type), amountAtomic };
  }

  close(): void {
    for (const one of this.#open.splice(0)) one.close();
  }
}
