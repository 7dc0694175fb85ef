/** A real monero-wallet-rpc with one wallet open. Killed and started again it goes on from the file it last wrote. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMoneroRpc, type MoneroRpc } from './monero-node.ts';
import { freePort, moneroWalletRpc } from './places.ts';
import { TestProcess } from './process.ts';

export interface MoneroWallet {
  readonly url: string;
  readonly rpc: MoneroRpc;
  /** Its primary address. */
  address(): Promise<string>;
  secretKey(kind: 'view' | 'spend'): Promise<string>;
  /** Reads the blocks that have come. */
  refresh(): Promise<void>;
  kill(): Promise<void>;
  /** On the same port and the same file. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface MoneroWalletOptions {
  readonly daemonUrl: string;
  /** Of a wallet that only looks; a wallet of random keys without it. */
  readonly watch?: { readonly address: string; readonly viewKey: string };
  /** The keys of another wallet. */
  readonly spendKey?: string;
  /** Wanted by HTTP Digest; the `rpc` of this wallet does not know it. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly flags?: readonly string[];
}

const PASSWORD = 'wallet';

/** A number below the order of the group, in little-endian. */
const randomSpendKey = (): string => Buffer.concat([randomBytes(31), Buffer.alloc(1)]).toString('hex');

const describeWallet = (file: string, { watch, spendKey = randomSpendKey() }: MoneroWalletOptions): string =>
  JSON.stringify({
    version: 1,
    filename: file,
    scan_from_height: 0,
    password: PASSWORD,
    ...(watch === undefined ? { spendkey: spendKey } : { address: watch.address, viewkey: watch.viewKey }),
  });

export const startMoneroWallet = async (dir: string, options: MoneroWalletOptions): Promise<MoneroWallet> => {
  const binary = moneroWalletRpc();
  if (binary === undefined) throw new Error('monero-wallet-rpc is missing');
  mkdirSync(dir, { recursive: true });
  const [file, description] = [join(dir, 'wallet'), join(dir, 'wallet.json')];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const rpc = createMoneroRpc(url);
  let child: TestProcess;

  const start = async (): Promise<void> => {
    const isNew = !existsSync(`${file}.keys`);
    if (isNew) writeFileSync(description, describeWallet(file, options));
    const { login, flags = [] } = options;
    child = new TestProcess('monero-wallet-rpc', binary, [
      `--daemon-address=${new URL(options.daemonUrl).host}`,
      '--trusted-daemon',
      `--rpc-bind-port=${port}`,
      ...(login === undefined ? ['--disable-rpc-login'] : [`--rpc-login=${login.user}:${login.password}`]),
      ...(isNew
        ? [`--generate-from-json=${description}`]
        : [`--wallet-file=${file}`, `--password=${PASSWORD}`]),
      `--shared-ringdb-dir=${join(dir, 'ringdb')}`,
      `--log-file=${join(dir, 'wallet.log')}`,
      '--log-level=0',
      '--max-concurrency=1',
      '--non-interactive',
      ...flags,
    ]);
    await child.until('an answer', async () => fetch(`${url}/json_rpc`).catch(() => undefined));
  };

  await start();
  return {
    url,
    rpc,
    address: async () => (await rpc.call<{ address: string }>('get_address', { account_index: 0 })).address,
    secretKey: async (kind) =>
      (await rpc.call<{ key: string }>('query_key', { key_type: `${kind}_key` })).key,
    refresh: async () => {
      await rpc.call('refresh');
    },
    kill: async () => {
      await child.kill();
    },
    start,
    stop: () => child.stop(),
  };
};
