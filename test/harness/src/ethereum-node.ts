/**
 * A real go-ethereum on a private chain whose blocks its own key signs (Clique): none comes but on request, and then
 * at once. For what matters about accounts and transactions and not about proofs of work.
 */
import { CHAIN_ID, PAYER, createCall, gethArgs, importPayer, initialize } from './ethash-node.ts';
import { ethashGeth, freePort } from './places.ts';
import { TestProcess, eventually } from './process.ts';

export interface EthereumNode {
  readonly url: string;
  readonly chainId: number;
  /** Rich, and the node signs for it. */
  readonly payer: string;
  /** The caller knows the type of the result; nothing checks it. */
  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>;
  /** Each with what waits, and a transaction of the payer's to itself: there are no empty blocks. */
  mine(blocks?: number): Promise<void>;
  height(): Promise<number>;
  /** Takes the blocks above this height off the chain, and forgets their transactions. */
  rewind(height: number): Promise<void>;
  /** Forgets what no block has. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface EthereumNodeOptions {
  /** Blocks have a base fee, and transactions of type 2 are taken. */
  readonly baseFee?: boolean;
  readonly chainId?: number;
  /** What accounts have from the start, in wei. */
  readonly funds?: Readonly<Record<string, bigint>>;
}

const GWEI = 10n ** 9n;
const quantity = (value: bigint | number): string => `0x${value.toString(16)}`;

const genesisOf = ({ baseFee = false, chainId = CHAIN_ID, funds = {} }: EthereumNodeOptions): object => {
  const forks = ['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg'];
  const withFees = ['istanbul', ...(baseFee ? ['berlin', 'london'] : [])];
  return {
    config: {
      chainId,
      ...Object.fromEntries([...forks, ...withFees].map((fork) => [`${fork}Block`, 0])),
      clique: { period: 0, epoch: 30_000 },
    },
    difficulty: '0x1',
    gasLimit: '0x1c9c380',
    // 32 bytes of nothing, the signer, and room for a signature.
    extraData: `0x${'00'.repeat(32)}${PAYER.slice(2)}${'00'.repeat(65)}`,
    alloc: Object.fromEntries(
      Object.entries({ [PAYER]: 10n ** 30n, ...funds }).map(([account, wei]) => [
        account.toLowerCase().replace(/^0x/, ''),
        { balance: quantity(wei) },
      ]),
    ),
  };
};

/** `dataDir` may hold the chain of an earlier run. */
export const startEthereumNode = async (
  dataDir: string,
  options: EthereumNodeOptions = {},
): Promise<EthereumNode> => {
  const binary = ethashGeth();
  if (binary === undefined) throw new Error('geth is missing');
  const { chainId = CHAIN_ID } = options;
  initialize(binary, dataDir, genesisOf(options));
  const password = importPayer(binary, dataDir);
  const [http, auth] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${http}`;
  const call = createCall(url);
  const height = async (): Promise<number> => Number(await call<string>('eth_blockNumber'));
  let child: TestProcess;

  const start = async (): Promise<void> => {
    child = new TestProcess('geth', binary, [
      ...gethArgs({ dataDir, chainId, http, auth, password }),
      '--http.api=eth,net,debug,miner,txpool',
      // What no block has is forgotten with the process.
      '--txpool.journal=',
      '--miner.gasprice=1',
    ]);
    // It answers before it has unlocked the key.
    await child.until('its key', () => call<string>('eth_sign', PAYER, '0x00').catch(() => undefined));
  };

  const mineOne = async (): Promise<void> => {
    const before = await height();
    const nudge = { from: PAYER, to: PAYER, value: '0x0', gas: '0x5208', gasPrice: quantity(100n * GWEI) };
    await call('eth_sendTransaction', nudge);
    await call('miner_start', 1);
    await eventually('a block', async () => (await height()) > before);
    await call('miner_stop');
  };

  await start();
  return {
    url,
    chainId,
    payer: PAYER,
    call,
    mine: async (blocks = 1) => {
      for (let mined = 0; mined < blocks; mined++) await mineOne();
    },
    height,
    rewind: async (to) => {
      await call('debug_setHead', quantity(to));
      // Its pool would go on from the end that is gone.
      await child.stop();
      await start();
    },
    restart: async () => {
      await child.stop();
      await start();
    },
    stop: () => child.stop(),
  };
};
