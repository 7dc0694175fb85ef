import { Fault, type RpcTable } from './rpc-table.ts';

export interface TestBlock {
  readonly number: number;
  readonly hash: string;
  readonly nonce: string;
  readonly mixHash: string;
  readonly uncles: readonly TestBlock[];
}

export const digest = (number: number, branch: string): string =>
  Buffer.from(`${branch}${number}`).toString('hex').padStart(64, '0');

const onWire = ({ number, hash, nonce, mixHash, uncles }: TestBlock) => ({
  number: `0x${number.toString(16)}`,
  hash: `0x${hash}`,
  parentHash: `0x${digest(number - 1, 'a')}`,
  nonce: `0x${nonce}`,
  mixHash: `0x${mixHash}`,
  uncles: uncles.map((uncle) => `0x${uncle.hash}`),
  difficulty: '0x20000',
});

/** A chain in memory, and what a node of it answers. */
export class EthereumChain {
  readonly main: TestBlock[] = [this.block(0)];
  readonly side: TestBlock[] = [];
  chainId = '0x3f';
  syncing: unknown = false;
  /** Undefined: work for the block after the tip. */
  workHeight: number | undefined;
  tellsHeight = true;
  solutions: boolean[] = [];

  block(number: number, branch = 'a', uncles: readonly TestBlock[] = []): TestBlock {
    return {
      number,
      hash: digest(number, branch),
      nonce: digest(number, branch).slice(48),
      mixHash: digest(number, `m${branch}`),
      uncles,
    };
  }

  mine(uncles: readonly TestBlock[] = []): TestBlock {
    const block = this.block(this.main.length, 'a', uncles);
    this.main.push(block);
    return block;
  }

  readonly table: RpcTable = {
    eth_chainId: () => this.chainId,
    eth_syncing: () => this.syncing,
    eth_getBlockByNumber: (tag: string) => {
      const block = tag === 'latest' ? this.main.at(-1) : this.main[Number(tag)];
      return block === undefined ? null : onWire(block);
    },
    eth_getBlockByHash: (hash: string) => {
      const block = [...this.main, ...this.side].find((entry) => `0x${entry.hash}` === hash);
      return block === undefined ? null : onWire(block);
    },
    eth_getUncleByBlockHashAndIndex: (hash: string, index: string) => {
      const uncle = this.main.find((entry) => `0x${entry.hash}` === hash)?.uncles[Number(index)];
      return uncle === undefined ? null : onWire(uncle);
    },
    eth_getWork: () => {
      const height = this.workHeight ?? this.main.length;
      const work = [`0x${digest(height, 'w')}`, `0x${'00'.repeat(32)}`, `0x0000${'80'.repeat(30)}`];
      return this.tellsHeight ? [...work, `0x${height.toString(16)}`] : work;
    },
    eth_submitWork: () => this.solutions.shift() ?? new Fault(-32000, 'no mining work available yet'),
  };
}
