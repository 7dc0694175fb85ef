/** A real monerod on a private chain: addresses of the main network, difficulty 1 unless asked otherwise. */
import { mkdirSync } from 'node:fs';
import { freePort, monerod } from './places.ts';
import { TestProcess } from './process.ts';
import { RpcFailure } from './rpc.ts';

export interface MoneroRpc {
  readonly url: string;
  /** A method of `/json_rpc`. The caller knows the type of the result; nothing checks it. */
  call<T = unknown>(method: string, params?: object): Promise<T>;
}

export interface MoneroNode {
  readonly url: string;
  readonly rpc: MoneroRpc;
  /** `tcp://host:port` of its publisher. */
  readonly zmqPub: string;
  /** Blocks that the node finds by itself. */
  generate(walletAddress: string, blocks: number): Promise<void>;
  /** Takes blocks off the end of the chain. */
  popBlocks(blocks: number): Promise<void>;
  stop(): Promise<void>;
}

export interface MoneroOptions {
  /** Of every block. */
  readonly difficulty?: number;
  /** Wanted of whoever asks, by HTTP Digest; the `rpc` of this node does not know it. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Keeps the ports of an earlier run. */
  readonly ports?: { readonly rpc: number; readonly zmq: number };
}

interface Reply {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const post = async (url: string, body: object): Promise<unknown> => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new RpcFailure(url, response.status, response.statusText);
  return response.json();
};

export const createMoneroRpc = (url: string): MoneroRpc => ({
  url,
  call: async <T>(method: string, params: object = {}): Promise<T> => {
    const reply = (await post(`${url}/json_rpc`, { jsonrpc: '2.0', id: '1', method, params })) as Reply;
    if (reply.error !== undefined) throw new RpcFailure(method, reply.error.code, reply.error.message);
    return reply.result as T;
  },
});

export const startMoneroNode = async (dataDir: string, options: MoneroOptions = {}): Promise<MoneroNode> => {
  const binary = monerod();
  if (binary === undefined) throw new Error('monerod is missing');
  mkdirSync(dataDir, { recursive: true });
  const { login } = options;
  const ports = options.ports ?? { rpc: await freePort(), zmq: await freePort() };
  const zmqPub = `tcp://127.0.0.1:${ports.zmq}`;
  const child = new TestProcess('monerod', binary, [
    '--regtest',
    '--offline',
    `--fixed-difficulty=${options.difficulty ?? 1}`,
    `--data-dir=${dataDir}`,
    '--rpc-bind-ip=127.0.0.1',
    `--rpc-bind-port=${ports.rpc}`,
    `--zmq-rpc-bind-port=${await freePort()}`,
    `--zmq-pub=${zmqPub}`,
    '--no-igd',
    '--hide-my-port',
    '--non-interactive',
    '--max-concurrency=1',
    '--log-level=0',
    ...(login === undefined ? [] : [`--rpc-login=${login.user}:${login.password}`]),
  ]);
  const url = `http://127.0.0.1:${ports.rpc}`;
  const rpc = createMoneroRpc(url);
  await child.until('an answer', async () => fetch(`${url}/json_rpc`).catch(() => undefined));
  return {
    url,
    rpc,
    zmqPub,
    generate: async (walletAddress, blocks) => {
      await rpc.call('generateblocks', { wallet_address: walletAddress, amount_of_blocks: blocks });
    },
    popBlocks: async (blocks) => {
      await post(`${url}/pop_blocks`, { nblocks: blocks });
    },
    stop: () => child.stop(),
  };
};
