/**
 * Starts the node: bcoin on a chain of its own, by default on the loopback interface, on disk, without a wallet and
 * without peers. Blocks come only from those who know the API key.
 */
import { type FullNode, loadBcoin } from './bcoin.ts';
import {
  createEasingWatch,
  followDisconnects,
  followHashPower,
  useCoreAddresses,
  usePlaygroundMoney,
} from './chain-rules.ts';
import type { PlaygroundOptions } from './options.ts';

const EASING_WATCH_MS = 2_000;

export interface Playground {
  readonly rpcUrl: string;
  readonly height: number;
  stop(): Promise<void>;
}

const nodeOptions = (options: PlaygroundOptions): Record<string, unknown> => ({
  network: 'regtest',
  prefix: options.dataDir,
  memory: false,
  logFile: false,
  logConsole: false,
  workers: false,
  listen: false,
  indexTx: true,
  cacheSize: 8,
  httpHost: options.rpcHost,
  httpPort: options.rpcPort,
  apiKey: options.apiKey,
});

const openNode = async (node: FullNode, dataDir: string): Promise<void> => {
  await node.ensure();
  try {
    await node.open();
  } catch (error) {
    // LevelDB guards its folder itself, but says so in its own words.
    if (!/\block\b/.test(String(error))) throw error;
    throw new Error(`the data folder ${dataDir} is used by another process`, { cause: error });
  }
};

export const startPlayground = async (
  options: PlaygroundOptions,
  onError: (error: unknown) => void,
): Promise<Playground> => {
  const bcoin = loadBcoin();
  useCoreAddresses(bcoin);
  if (options.rules === 'playground') usePlaygroundMoney(bcoin);
  const node = bcoin.createNode(nodeOptions(options));
  node.on('error', onError);
  followDisconnects(node);
  let timer: NodeJS.Timeout | undefined;
  if (options.rules === 'playground') {
    followHashPower(node);
    const watch = createEasingWatch(node, () => Math.floor(Date.now() / 1000));
    timer = setInterval(() => watch().catch(onError), EASING_WATCH_MS);
  }
  await openNode(node, options.dataDir);
  return {
    rpcUrl: `http://127.0.0.1:${node.http.address().port}`,
    height: node.chain.height,
    stop: async () => {
      clearInterval(timer);
      await node.close();
    },
  };
};
