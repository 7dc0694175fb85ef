/**
 * A real go-ethereum to pay out of, that is treated badly: blocks are taken back, its pool of transactions is forgotten,
 * and answers are swallowed after what was asked was done. What was paid is read from the blocks, and compared with the
 * balances at their end.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import {
  type EthereumNode,
  type SpoilingProxy,
  startEthereumNode,
  startSpoilingProxy,
} from '@otedama/test-harness';
import type { SeededRandom } from '../seeded-random.ts';
import type { EthereumRunWallet } from './ethereum-wallet.ts';
import { createSwallower, type Swallower } from './swallow.ts';
import type { PayoutTestChain } from './test-chain.ts';

const CALL_TIMEOUT_MS = 1_500;
/** Of the secret key 2. */
const ACCOUNT = '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF';
const KEY = '2'.padStart(64, '0');
const FUNDS = 10n ** 22n;
const SWALLOWED = [
  'eth_sendRawTransaction',
  'eth_getTransactionReceipt',
  'eth_getTransactionByHash',
  'eth_getTransactionCount',
];

interface Block {
  readonly transactions: readonly {
    readonly hash: string;
    readonly from: string;
    readonly to: string | null;
    readonly value: string;
  }[];
}

class EthereumUnderStress implements PayoutTestChain, AsyncDisposable {
  readonly coin = 'ethereum-classic';
  readonly walletModule = new URL('ethereum-wallet.ts', import.meta.url).href;
  readonly walletOptions: EthereumRunWallet;
  readonly counts = { blocks: 0, reorgs: 0, restarts: 0 };
  readonly #node: EthereumNode;
  readonly #proxy: SpoilingProxy;
  readonly #swallower: Swallower;
  readonly #random: SeededRandom;

  constructor(node: EthereumNode, proxy: SpoilingProxy, keyFile: string, random: SeededRandom) {
    this.#node = node;
    this.#proxy = proxy;
    this.#swallower = createSwallower(proxy, SWALLOWED, random);
    this.#random = random;
    this.walletOptions = {
      url: proxy.url,
      payoutAddress: ACCOUNT,
      keyFile,
      callTimeoutMs: CALL_TIMEOUT_MS,
    };
  }

  get troubles(): object {
    return { ...this.counts, swallowed: this.#swallower.swallowed };
  }

  /** In lower case, which is another spelling than that of the payments. */
  addresses(count: number): Promise<readonly string[]> {
    const byte = (): string => this.#random.whole(0, 255).toString(16).padStart(2, '0');
    const address = (): string => `0x${Array.from({ length: 20 }, byte).join('')}`;
    return Promise.resolve(Array.from({ length: count }, address));
  }

  async advance(): Promise<void> {
    this.#swallower.chooseNext();
    if (this.#random.next() < 0.03) {
      await this.#node.restart();
      this.counts.restarts++;
    }
    if (this.#random.next() < 0.03) {
      await this.#node.rewind((await this.#node.height()) - this.#random.whole(1, 2));
      this.counts.reorgs++;
    }
    await this.#node.mine();
    this.counts.blocks++;
  }

  async payments(addresses: readonly string[]): Promise<ReadonlyMap<string, readonly bigint[]>> {
    const paid = new Map<string, bigint[]>(addresses.map((address) => [address.toLowerCase(), []]));
    const tip = await this.#node.height();
    for (let height = 1; height <= tip; height++) await this.#readBlock(height, paid);
    for (const [address, amounts] of paid) {
      const balance = BigInt(await this.#node.call<string>('eth_getBalance', address, 'latest'));
      const sum = amounts.reduce((total, amount) => total + amount, 0n);
      if (balance !== sum) throw new Error(`${address} has ${balance}, and its payments come to ${sum}`);
    }
    return new Map(addresses.map((address) => [address, paid.get(address.toLowerCase()) ?? []]));
  }

  async walletTotalAtomic(): Promise<bigint> {
    return BigInt(await this.#node.call<string>('eth_getBalance', ACCOUNT, 'latest'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy.stop();
    await this.#node.stop();
  }

  async #readBlock(height: number, paid: ReadonlyMap<string, bigint[]>): Promise<void> {
    const block = await this.#node.call<Block>('eth_getBlockByNumber', `0x${height.toString(16)}`, true);
    for (const { hash, to, value } of block.transactions) {
      const amounts = to === null ? undefined : paid.get(to.toLowerCase());
      if (amounts === undefined) continue;
      const receipt = await this.#node.call<{ status: string }>('eth_getTransactionReceipt', hash);
      if (receipt.status === '0x1') amounts.push(BigInt(value));
    }
  }
}

export const startEthereumChain = async (
  dataDir: string,
  random: SeededRandom,
): Promise<EthereumUnderStress> => {
  const keyFile = `${dataDir}/pool.key`;
  writeFileSync(keyFile, KEY);
  chmodSync(keyFile, 0o600);
  const node = await startEthereumNode(`${dataDir}/node`, { funds: { [ACCOUNT]: FUNDS } });
  await node.mine(3);
  return new EthereumUnderStress(node, await startSpoilingProxy(node.url), keyFile, random);
};
