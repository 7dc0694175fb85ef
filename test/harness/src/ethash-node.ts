/**
 * A real Ethash node on a private chain: go-ethereum before the merge, mined from outside through `eth_getWork`.
 * Below block 30,000 Ethash and Etchash are the same. Its difficulty never falls below 131,072.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ethashGeth, freePort } from './places.ts';
import { TestProcess } from './process.ts';
import { RpcFailure } from './rpc.ts';

export interface EthashNode {
  readonly url: string;
  /** `ws://host:port` */
  readonly webSocket: string;
  readonly chainId: number;
  /** Without `0x`. */
  readonly genesisHash: string;
  /** Is paid for the blocks, and the node signs for it. */
  readonly payer: string;
  /** The caller knows the type of the result; nothing checks it. */
  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>;
  /** Takes the blocks above this height off the chain. */
  rewind(height: number): Promise<void>;
  stop(): Promise<void>;
}

export const CHAIN_ID = 63_063;
/** Of the secret key 1. */
export const PAYER = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf';
const PAYER_KEY = '1'.padStart(64, '0');
const PASSWORD = 'payer';

const GENESIS = {
  config: {
    chainId: CHAIN_ID,
    homesteadBlock: 0,
    eip150Block: 0,
    eip155Block: 0,
    eip158Block: 0,
    byzantiumBlock: 0,
    constantinopleBlock: 0,
    petersburgBlock: 0,
    istanbulBlock: 0,
    ethash: {},
  },
  difficulty: '0x20000',
  gasLimit: '0x7a1200',
  alloc: {},
};

/**
 * After the first solution geth builds the dataset of 1 GB, to check the next ones faster, and takes a processor
 * for minutes. It first opens the file of an earlier run: a pipe without a writer keeps it there, and solutions
 * are checked with the cache.
 */
const blockDataset = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  const pipe = join(folder, 'full-R23-0000000000000000');
  if (existsSync(pipe)) return;
  const { status, stderr } = spawnSync('mkfifo', [pipe]);
  if (status !== 0) throw new Error(`mkfifo: ${String(stderr)}`);
};

const run = (binary: string, args: readonly string[]): void => {
  const { status, stderr } = spawnSync(binary, args);
  if (status !== 0) throw new Error(`geth ${args.join(' ')}: ${String(stderr).slice(-2_000)}`);
};

/** The file with the password of the payer's key. */
export const importPayer = (binary: string, dataDir: string): string => {
  const [key, password] = [join(dataDir, 'payer.key'), join(dataDir, 'payer.password')];
  writeFileSync(key, PAYER_KEY);
  writeFileSync(password, PASSWORD);
  // The folder is there as soon as there is a chain.
  if (readdirSync(join(dataDir, 'keystore')).length === 0) {
    run(binary, ['account', 'import', '--lightkdf', '--datadir', dataDir, '--password', password, key]);
  }
  return password;
};

export const initialize = (binary: string, dataDir: string, block: object): void => {
  mkdirSync(dataDir, { recursive: true });
  const genesis = join(dataDir, 'genesis.json');
  writeFileSync(genesis, JSON.stringify(block));
  run(binary, ['--datadir', dataDir, 'init', genesis]);
};

interface GethPlace {
  readonly dataDir: string;
  readonly chainId: number;
  /** The ports of its interfaces. */
  readonly http: number;
  readonly auth: number;
  /** The file that `importPayer` wrote. */
  readonly password: string;
}

/** A node without peers that answers over HTTP and signs for the payer, to whom its blocks go. */
export const gethArgs = ({ dataDir, chainId, http, auth, password }: GethPlace): string[] => [
  `--datadir=${dataDir}`,
  `--networkid=${chainId}`,
  '--nodiscover',
  '--maxpeers=0',
  '--port=0',
  '--ipcdisable',
  '--cache=64',
  '--http',
  `--http.port=${http}`,
  `--authrpc.port=${auth}`,
  `--miner.etherbase=${PAYER}`,
  `--unlock=${PAYER}`,
  `--password=${password}`,
  '--allow-insecure-unlock',
];

interface Reply {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export const createCall =
  (url: string): EthashNode['call'] =>
  async <T>(method: string, ...params: readonly unknown[]): Promise<T> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body });
    const { result, error } = (await response.json()) as Reply;
    if (error !== undefined) throw new RpcFailure(method, error.code, error.message);
    return result as T;
  };

/** `dataDir` may hold the chain of an earlier run. */
export const startEthashNode = async (dataDir: string): Promise<EthashNode> => {
  const binary = ethashGeth();
  if (binary === undefined) throw new Error('the Ethash node is missing');
  const datasets = join(dataDir, 'datasets');
  initialize(binary, dataDir, GENESIS);
  blockDataset(datasets);
  const password = importPayer(binary, dataDir);
  const [http, ws, auth] = [await freePort(), await freePort(), await freePort()];
  const child = new TestProcess('geth', binary, [
    ...gethArgs({ dataDir, chainId: CHAIN_ID, http, auth, password }),
    `--ethash.dagdir=${datasets}`,
    '--http.api=eth,net,debug',
    '--ws',
    `--ws.port=${ws}`,
    '--ws.api=eth,net',
    // Without threads of its own it only hands out work.
    '--mine',
    '--miner.threads=0',
  ]);
  const url = `http://127.0.0.1:${http}`;
  const call = createCall(url);
  await child.until('work', async () => call<string[]>('eth_getWork').catch(() => undefined));
  const { hash } = await call<{ readonly hash: string }>('eth_getBlockByNumber', '0x0', false);
  return {
    url,
    webSocket: `ws://127.0.0.1:${ws}`,
    chainId: CHAIN_ID,
    payer: PAYER,
    genesisHash: hash.slice(2),
    call,
    rewind: async (height) => {
      await call('debug_setHead', `0x${height.toString(16)}`);
    },
    stop: () => child.stop(),
  };
};
