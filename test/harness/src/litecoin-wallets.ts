/** A litecoind whose wallets a test fills: one that mines, and as many as it asks for. */
import { type LitecoinNode, startLitecoinNode } from './litecoin-nodes.ts';
import { type Rpc, createRpc } from './rpc.ts';

export interface WalletOptions {
  readonly isWatchOnly?: boolean;
  readonly passphrase?: string;
}

/** Rewards mature after 100 blocks. */
const FIRST_BLOCKS = 120;

export class LitecoinWallets implements AsyncDisposable {
  readonly node: LitecoinNode;
  readonly miner: Rpc;

  constructor(node: LitecoinNode) {
    this.node = node;
    this.miner = this.rpc('miner');
  }

  rpc(wallet: string): Rpc {
    const { url, user, password } = this.node.rpc;
    return createRpc(`${url}/wallet/${wallet}`, user, password);
  }

  /** Loaded again by a node that is started again. */
  async create(name: string, { isWatchOnly = false, passphrase = '' }: WalletOptions = {}): Promise<Rpc> {
    await this.node.rpc.call('createwallet', name, isWatchOnly, false, passphrase, false, false, true);
    return this.rpc(name);
  }

  async mine(blocks = 1): Promise<void> {
    const address = await this.miner.call<string>('getnewaddress');
    await this.node.rpc.call('generatetoaddress', blocks, address);
  }

  /** One coin of each amount, with one confirmation. */
  async fund(wallet: Rpc, amounts: readonly number[], type = 'bech32'): Promise<void> {
    const shares: Record<string, number> = {};
    for (const amount of amounts) shares[await wallet.call<string>('getnewaddress', '', type)] = amount;
    await this.miner.call('sendmany', '', shares);
    await this.mine();
  }

  /** A kill -9 and a new start. Blocks that were not on disk yet would be gone, and this node has no peer to give them. */
  async crash(): Promise<void> {
    await this.node.rpc.call('gettxoutsetinfo');
    await this.node.server.kill();
    await this.node.server.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
  }
}

export const startLitecoinWallets = async (
  dataDir: string,
  args: readonly string[] = [],
): Promise<LitecoinWallets> => {
  const wallets = new LitecoinWallets(await startLitecoinNode(dataDir, ['-listen=0', ...args]));
  await wallets.create('miner');
  await wallets.mine(FIRST_BLOCKS);
  return wallets;
};
