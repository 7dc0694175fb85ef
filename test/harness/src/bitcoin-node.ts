/** bcoin, a real Bitcoin full node, on plain regtest. */
import { join } from 'node:path';
import { REPOSITORY, freePort } from './places.ts';
import { TestProcess } from './process.ts';
import { type Rpc, createRpc } from './rpc.ts';

export interface BitcoinNode {
  readonly rpc: Rpc;
  /** For any user name, with the password `test`. */
  readonly url: string;
  readonly process: TestProcess;
  stop(): Promise<void>;
}

export const startBitcoinNode = async (dataDir: string): Promise<BitcoinNode> => {
  const port = await freePort();
  const script = join(REPOSITORY, 'apps/playground/src/main.ts');
  const args = [
    '--no-warnings',
    script,
    '--data-dir',
    dataDir,
    '--rpc-port',
    String(port),
    '--api-key',
    'test',
    '--rules',
    'regtest',
  ];
  const node = new TestProcess('bcoin', process.execPath, args);
  const url = `http://127.0.0.1:${port}`;
  const rpc = createRpc(url, 'x', 'test');
  await node.until('ready', async () => (node.output.includes('"ready":true') ? true : undefined));
  return { rpc, url, process: node, stop: () => node.stop() };
};
