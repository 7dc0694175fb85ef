import { Fault, type RpcTable } from './rpc-table.ts';

export interface TestBlock {
  readonly number: number;
  readonly hash: string;
  readonly nonce: string;
  readonly mixHash: string;
  readonly uncles: readonly TestBlock[];
  readonly transactions: readonly TestTransaction[];
}

export interface TestTransaction {
  readonly hash: string;
  readonly gasPrice: bigint;
  readonly gasUsed: bigint;
  /** Undefined: the node does not tell it. */
  readonly effectiveGasPrice?: bigint;
}

export const digest = (number: number, branch: string): string =>
  Buffer.from(`${branch}${number}`).toString('hex').padStart(64, '0');

const quantity = (value: bigint): string => `0x${value.toString(16)}`;

const onWire = ({ number, hash, nonce, mixHash, uncles, transactions }: TestBlock, baseFee?: bigint) => ({
  number: `0x${number.toString(16)}`,
  hash: `0x${hash}`,
  parentHash: `0x${digest(number - 1, 'a')}`,
  nonce: `0x${nonce}`,
  mixHash: `0x${mixHash}`,
  uncles: uncles.map((uncle) => `0x${uncle.hash}`),
  difficulty: '0x20000',
  transactions: transactions.map(({ hash: id, gasPrice }) => ({
    hash: `0x${id}`,
    gasPrice: quantity(gasPrice),
  })),
  ...(baseFee === undefined ? {} : { baseFeePerGas: quantity(baseFee) }),
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
  baseFeePerGas: bigint | undefined;

  block(
    number: number,
    branch = 'a',
    uncles: readonly TestBlock[] = [],
    transactions: readonly TestTransaction[] = [],
  ): TestBlock {
    return {
      number,
      hash: digest(number, branch),
      nonce: digest(number, branch).slice(48),
      mixHash: digest(number, `m${branch}`),
      uncles,
      transactions,
    };
  }

  mine(uncles: readonly TestBlock[] = [], transactions: readonly TestTransaction[] = []): TestBlock {
    const block = this.block(this.main.length, 'a', uncles, transactions);
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
      return block === undefined ? null : onWire(block, this.baseFeePerGas);
    },
    eth_getUncleByBlockHashAndIndex: (hash: string, index: string) => {
      const uncle = this.main.find((entry) => `0x${entry.hash}` === hash)?.uncles[Number(index)];
      return uncle === undefined ? null : onWire(uncle);
    },
    eth_getTransactionReceipt: (hash: string) => {
      for (const block of this.main) {
        const found = block.transactions.find((transaction) => `0x${transaction.hash}` === hash);
        if (found === undefined) continue;
        const { gasUsed, effectiveGasPrice: price } = found;
        return {
          blockHash: `0x${block.hash}`,
          gasUsed: quantity(gasUsed),
          ...(price === undefined ? {} : { effectiveGasPrice: quantity(price) }),
        };
      }
      return null;
    },
    eth_getWork: () => {
      const height = this.workHeight ?? this.main.length;
      const work = [`0x${digest(height, 'w')}`, `0x${'00'.repeat(32)}`, `0x0000${'80'.repeat(30)}`];
      return this.tellsHeight ? [...work, `0x${height.toString(16)}`] : work;
    },
    eth_submitWork: () => this.solutions.shift() ?? new Fault(-32000, 'no mining work available yet'),
  };
}
