/**
 * A real monerod and a real monero-wallet-rpc to pay out of, that are treated badly: blocks are taken back and their
 * transactions forgotten, the wallet is killed and goes on from an old file, and answers are swallowed after what was
 * asked was done. What was paid is read by the wallet of the payees.
 */
import {
  type MoneroNode,
  type MoneroWallet,
  type SpoilingProxy,
  startMoneroNode,
  startMoneroWallet,
  startSpoilingProxy,
} from '@otedama/test-harness';
import type { SeededRandom } from '../seeded-random.ts';
import type { MoneroRunWallet } from './monero-wallet.ts';
import { createSwallower, type Swallower } from './swallow.ts';
import type { PayoutTestChain } from './test-chain.ts';

/** Longer than they take, shorter than the patience of the payer. */
const CALL_TIMEOUT_MS = 1_500;
/** Of blocks that pay the pool, each an output that one payout spends. */
const FUNDED_BLOCKS = 200;
const MATURITY = 60;
/** Of monero's functional tests: blocks go there while payouts are made, so that the pool's wallet only pays. */
const ELSEWHERE =
  '42ey1afDFnn4886T7196doS9GPMzexD9gXpsZJDwVjeRVdFCSoHnv7KPbBeGpzJBzHRCAs9UxqeoyFQMYbqSWYTfJJQAWDm';
/** Of one call. */
const MAX_ADDRESSES = 64;

interface Incoming {
  readonly address: string;
  readonly amount: number;
}

class MoneroUnderStress implements PayoutTestChain, AsyncDisposable {
  readonly coin = 'monero';
  readonly walletModule = new URL('monero-wallet.ts', import.meta.url).href;
  readonly walletOptions: MoneroRunWallet;
  readonly counts = { blocks: 0, reorgs: 0, forgotten: 0, crashes: 0 };
  readonly #node: MoneroNode;
  readonly #pool: MoneroWallet;
  readonly #payees: MoneroWallet;
  readonly #proxies: readonly SpoilingProxy[];
  readonly #swallowers: readonly Swallower[];
  readonly #random: SeededRandom;

  constructor(
    node: MoneroNode,
    [pool, payees]: readonly [MoneroWallet, MoneroWallet],
    [walletProxy, nodeProxy]: readonly [SpoilingProxy, SpoilingProxy],
    payoutAddress: string,
    random: SeededRandom,
  ) {
    this.#node = node;
    this.#pool = pool;
    this.#payees = payees;
    this.#proxies = [walletProxy, nodeProxy];
    this.#swallowers = [
      createSwallower(walletProxy, ['transfer', 'relay_tx', 'freeze', 'get_balance'], random),
      createSwallower(nodeProxy, ['get_transactions', 'send_raw_transaction', 'is_key_image_spent'], random),
    ];
    this.#random = random;
    this.walletOptions = {
      walletUrl: walletProxy.url,
      daemonUrl: nodeProxy.url,
      payoutAddress,
      callTimeoutMs: CALL_TIMEOUT_MS,
    };
  }

  get troubles(): object {
    return {
      ...this.counts,
      swallowed: Object.assign({}, ...this.#swallowers.map((each) => each.swallowed)),
    };
  }

  async addresses(count: number): Promise<readonly string[]> {
    const made: string[] = [];
    while (made.length < count) {
      const asked = { account_index: 0, count: Math.min(MAX_ADDRESSES, count - made.length) };
      const reply = await this.#payees.rpc.call<{ addresses: string[] }>('create_address', asked);
      made.push(...reply.addresses);
    }
    return made;
  }

  async advance(): Promise<void> {
    for (const swallower of this.#swallowers) swallower.chooseNext();
    if (this.#random.next() < 0.04) await this.#crash();
    if (this.#random.next() < 0.06) await this.#reorganise();
    await this.#node.generate(ELSEWHERE, 1);
    this.counts.blocks++;
  }

  async payments(addresses: readonly string[]): Promise<ReadonlyMap<string, readonly bigint[]>> {
    await this.#payees.refresh();
    const found = await this.#payees.rpc.call<{ in?: readonly Incoming[] }>('get_transfers', { in: true });
    const paid = new Map<string, bigint[]>(addresses.map((address) => [address, []]));
    for (const { address, amount } of found.in ?? []) paid.get(address)?.push(BigInt(amount));
    return paid;
  }

  /** Its outputs that the chain has as unspent. */
  async walletTotalAtomic(): Promise<bigint> {
    await this.#pool.refresh();
    await this.#pool.rpc.call('rescan_spent');
    const { transfers } = await this.#pool.rpc.call<{ transfers: readonly { amount: number }[] }>(
      'incoming_transfers',
      { transfer_type: 'available' },
    );
    return transfers.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.#proxies) await proxy.stop();
    await Promise.all([this.#pool.stop(), this.#payees.stop()]);
    await this.#node.stop();
  }

  /** What it has not written to its file is forgotten. */
  async #crash(): Promise<void> {
    await this.#pool.kill();
    await this.#pool.start();
    this.counts.crashes++;
  }

  /** The transactions of blocks that are taken back go into the pool again, unless they are forgotten as well. */
  async #reorganise(): Promise<void> {
    await this.#node.popBlocks(this.#random.whole(1, 2));
    this.counts.reorgs++;
    if (this.#random.next() < 0.5) return;
    await this.#node.rpc.call('flush_txpool');
    this.counts.forgotten++;
  }
}

export const startMoneroChain = async (dataDir: string, random: SeededRandom): Promise<MoneroUnderStress> => {
  const node = await startMoneroNode(`${dataDir}/node`);
  const open = (name: string) => startMoneroWallet(`${dataDir}/${name}`, { daemonUrl: node.url });
  const [pool, payees] = await Promise.all([open('pool'), open('payees')]);
  const payoutAddress = await pool.address();
  await node.generate(payoutAddress, FUNDED_BLOCKS);
  await node.generate(ELSEWHERE, MATURITY);
  await pool.refresh();
  await pool.rpc.call('store');
  const proxies = [await startSpoilingProxy(pool.url), await startSpoilingProxy(node.url)] as const;
  return new MoneroUnderStress(node, [pool, payees], proxies, payoutAddress, random);
};
