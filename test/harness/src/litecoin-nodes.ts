/**
 * Two real litecoind on regtest: getblocktemplate wants a peer. MWEB activates at height 432 and templates
 * then need a peg-in in the mempool once.
 */
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { freePort, litecoind } from './places.ts';
import { eventually } from './process.ts';
import { type Rpc, createRpc } from './rpc.ts';
import { ServerProcess } from './server-process.ts';

export interface LitecoinNodes {
  readonly rpc: Rpc;
  readonly peer: Rpc;
  /** An address of the first node's wallet, which got the rewards of the blocks mined so far. */
  readonly walletAddress: string;
  stop(): Promise<void>;
}

export const MWEB_HEIGHT = 432;
const USER = 'u';
const PASSWORD = 'p';

export interface LitecoinNode extends AsyncDisposable {
  readonly rpc: Rpc;
  /** Kills it, stops it, starts it again on the same data. */
  readonly server: ServerProcess;
}

/** `args` besides those that every node here has. */
export const startLitecoinNode = async (
  dataDir: string,
  args: readonly string[] = [],
): Promise<LitecoinNode> => {
  const program = litecoind();
  if (program === undefined) throw new Error('litecoind is missing');
  mkdirSync(dataDir, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const rpc = createRpc(url, USER, PASSWORD);
  const server = new ServerProcess({
    name: 'litecoind',
    url,
    port,
    program,
    args: [
      '-regtest',
      '-server',
      `-datadir=${dataDir}`,
      `-rpcuser=${USER}`,
      `-rpcpassword=${PASSWORD}`,
      `-rpcport=${port}`,
      '-rpcbind=127.0.0.1',
      '-rpcallowip=127.0.0.1',
      '-fallbackfee=0.0002',
      '-addresstype=bech32',
      '-dnsseed=0',
      '-listenonion=0',
      '-printtoconsole=0',
      '-dbcache=16',
      ...args,
    ],
    isReady: async () => {
      const blocks = await rpc.call<number>('getblockcount').catch(() => undefined);
      return blocks === undefined ? undefined : true;
    },
  });
  await server.start();
  return { rpc, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

export const startLitecoinNodes = async (dataDir: string): Promise<LitecoinNodes> => {
  const p2p = await freePort();
  const main = await startLitecoinNode(join(dataDir, 'a'), [`-bind=127.0.0.1:${p2p}`, '-txindex=1']);
  const peer = await startLitecoinNode(join(dataDir, 'b'), [
    '-listen=0',
    `-connect=127.0.0.1:${p2p}`,
    '-disablewallet',
  ]);
  const { rpc } = main;
  await eventually(
    'the two nodes are connected',
    async () => (await rpc.call<number>('getconnectioncount')) > 0,
  );
  await rpc.call('createwallet', 'w').catch(() => undefined);
  const walletAddress = await rpc.call<string>('getnewaddress');
  await rpc.call('generatetoaddress', 1, walletAddress);
  return {
    rpc,
    peer: peer.rpc,
    walletAddress,
    stop: async () => {
      await Promise.all([main.server.stop(), peer.server.stop()]);
    },
  };
};

/** Mines past the activation of MWEB, with the peg-in that makes templates carry an extension block. */
export const activateMweb = async ({ rpc, walletAddress }: LitecoinNodes): Promise<void> => {
  await rpc.call(
    'generatetoaddress',
    MWEB_HEIGHT - 1 - (await rpc.call<number>('getblockcount')),
    walletAddress,
  );
  // The wallet hears of blocks on a queue of its own.
  await rpc.call('syncwithvalidationinterfacequeue');
  const mwebAddress = await rpc.call<string>('getnewaddress', '', 'mweb');
  await rpc.call('sendtoaddress', mwebAddress, 1);
  await rpc.call('generatetoaddress', 1, walletAddress);
};
