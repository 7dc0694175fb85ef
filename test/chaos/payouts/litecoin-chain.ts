/**
 * A real litecoind to pay out of, that is treated badly: blocks are taken back, the node is killed and forgets its memory
 * pool, payments are passed over by its blocks, and answers are swallowed after it did what it was asked.
 */
import {
  activateMweb,
  type LitecoinWallets,
  RpcFailure,
  orphanBlocks,
  type Rpc,
  type SpoilingProxy,
  startLitecoinWallets,
  startSpoilingProxy,
} from '@otedama/test-harness';
import type { SeededRandom } from '../seeded-random.ts';
import type { LitecoinWalletOptions } from './litecoin-wallet.ts';
import type { PayoutTestChain } from './test-chain.ts';

export interface LitecoinTroubles {
  readonly blocks: number;
  readonly reorgs: number;
  readonly crashes: number;
  /** Payments that blocks pass over until they are replaced. */
  readonly passedOver: number;
  /** Calls that the node answered and nobody heard of. */
  readonly swallowed: Readonly<Record<string, number>>;
}

export interface LitecoinChain extends PayoutTestChain, AsyncDisposable {
  readonly troubles: LitecoinTroubles;
}

export interface LitecoinChainOptions {
  readonly dataDir: string;
  readonly random: SeededRandom;
  readonly maxPayees: number;
  /** One coin of the paying wallet each, in LTC. */
  readonly funds: readonly number[];
}

/** Shorter than the patience of the payer, longer than the node takes. */
const CALL_TIMEOUT_MS = 1_500;
const SWALLOWED = ['sendrawtransaction', 'signrawtransactionwithwallet', 'gettransaction'];
const ADDRESS_TYPES = ['bech32', 'p2sh-segwit', 'legacy'];
const ATOMIC_PER_COIN = 100_000_000;

interface Block {
  readonly tx: readonly {
    readonly vout: readonly {
      readonly value: number;
      readonly scriptPubKey: { readonly addresses?: readonly string[] };
    }[];
  }[];
}

class LitecoinUnderStress implements LitecoinChain {
  readonly coin = 'litecoin';
  readonly walletModule = new URL('litecoin-wallet.ts', import.meta.url).href;
  readonly walletOptions: LitecoinWalletOptions;
  readonly troubles = {
    blocks: 0,
    reorgs: 0,
    crashes: 0,
    passedOver: 0,
    swallowed: {} as Record<string, number>,
  };
  readonly #wallets: LitecoinWallets;
  readonly #proxy: SpoilingProxy;
  readonly #random: SeededRandom;

  constructor(wallets: LitecoinWallets, proxy: SpoilingProxy, { random, maxPayees }: LitecoinChainOptions) {
    this.#wallets = wallets;
    this.#proxy = proxy;
    this.#random = random;
    const { user, password } = wallets.node.rpc;
    this.walletOptions = {
      url: proxy.url,
      user,
      password,
      wallet: 'payer',
      maxPayees,
      callTimeoutMs: CALL_TIMEOUT_MS,
    };
  }

  get #rpc(): Rpc {
    return this.#wallets.node.rpc;
  }

  async addresses(count: number): Promise<readonly string[]> {
    const payees = await this.#wallets.create('payees');
    const made: string[] = [];
    for (let at = 0; at < count; at++) {
      made.push(await payees.call<string>('getnewaddress', '', ADDRESS_TYPES[at % ADDRESS_TYPES.length]));
    }
    return made;
  }

  async advance(): Promise<void> {
    this.#chooseSpoiling();
    if (this.#random.next() < 0.3) await this.#passOver();
    if (this.#random.next() < 0.04) {
      await this.#wallets.crash();
      this.troubles.crashes++;
    }
    if (this.#random.next() < 0.05) {
      const address = await this.#wallets.miner.call<string>('getnewaddress');
      await orphanBlocks(this.#rpc, this.#random.whole(1, 2), address);
      this.troubles.reorgs++;
    } else await this.#wallets.mine();
    this.troubles.blocks++;
  }

  /** The chain itself is read, block by block, not what a wallet says of it. */
  async payments(addresses: readonly string[]): Promise<ReadonlyMap<string, readonly bigint[]>> {
    const paid = new Map<string, bigint[]>(addresses.map((address) => [address, []]));
    const tip = await this.#rpc.call<number>('getblockcount');
    for (let height = 1; height <= tip; height++) {
      const hash = await this.#rpc.call<string>('getblockhash', height);
      const block = await this.#rpc.call<Block>('getblock', hash, 2);
      for (const { value, scriptPubKey } of block.tx.flatMap(({ vout }) => vout)) {
        for (const address of scriptPubKey.addresses ?? []) {
          paid.get(address)?.push(BigInt(Math.round(value * ATOMIC_PER_COIN)));
        }
      }
    }
    return paid;
  }

  async walletTotalAtomic(): Promise<bigint> {
    const coins = await this.#wallets.rpc('payer').call<{ amount: number }[]>('listunspent', 1);
    return coins.reduce((sum, { amount }) => sum + BigInt(Math.round(amount * ATOMIC_PER_COIN)), 0n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy.stop();
    await this.#wallets[Symbol.asyncDispose]();
  }

  /** Until the next block: the node acts, and its answer to one kind of call gets lost. */
  #chooseSpoiling(): void {
    if (this.#random.next() < 0.6) return this.#proxy.spoil(undefined);
    const method = this.#random.pick(SWALLOWED);
    const isSilent = this.#random.next() < 0.5;
    this.#proxy.spoil({
      methods: [method],
      afterwards: true,
      answer: (response) => {
        const { swallowed } = this.troubles;
        swallowed[method] = (swallowed[method] ?? 0) + 1;
        if (!isSilent) response.destroy();
      },
    });
  }

  /** One payment that waits is worth so little to the miner that its blocks leave it out. */
  async #passOver(): Promise<void> {
    const waiting = await this.#rpc.call<string[]>('getrawmempool');
    const txid = waiting[this.#random.whole(0, Math.max(0, waiting.length - 1))];
    if (txid === undefined) return;
    await this.#rpc.call('prioritisetransaction', txid, 0, -ATOMIC_PER_COIN).catch((error: unknown) => {
      if (!(error instanceof RpcFailure)) throw error;
    });
    this.troubles.passedOver++;
  }
}

export const startLitecoinChain = async (options: LitecoinChainOptions): Promise<LitecoinChain> => {
  const wallets = await startLitecoinWallets(options.dataDir, ['-mempoolreplacement=1']);
  const { miner } = wallets;
  const walletAddress = await miner.call<string>('getnewaddress');
  await activateMweb({ rpc: miner, peer: miner, walletAddress, stop: () => Promise.resolve() });
  const payer = await wallets.create('payer');
  for (let at = 0; at < options.funds.length; at += 50)
    await wallets.fund(payer, options.funds.slice(at, at + 50));
  await wallets.mine(6);
  const proxy = await startSpoilingProxy(wallets.node.rpc.url);
  return new LitecoinUnderStress(wallets, proxy, options);
};
