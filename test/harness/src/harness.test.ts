import { MWEB_HEIGHT, activateMweb, startLitecoinNodes } from './litecoin-nodes.ts';
import { startBitcoinNode } from './bitcoin-node.ts';
import { describeWith, litecoind, scratchDirectory } from './places.ts';
import { TestProcess, eventually } from './process.ts';
import { orphanBlocks } from './reorg.ts';
import { RpcFailure, createRpc } from './rpc.ts';

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

describe('process', () => {
  it('says what a program wrote that died before it was ready', async () => {
    const script = 'console.log("no disk"); process.exit(3)';
    const child = new TestProcess('sad', process.execPath, ['-e', script]);
    await expect(child.until('ready', async () => undefined)).rejects.toThrow(/exit code 3[^]*no disk/);
    const missing = new TestProcess('missing', '/nonexistent/program', []);
    await expect(missing.until('ready', async () => undefined)).rejects.toThrow(/ENOENT/);
  });

  it('keeps a bounded part of the output', async () => {
    const script = 'process.stdout.write("x".repeat(1e6) + "end")';
    const child = new TestProcess('chatty', process.execPath, ['-e', script]);
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(child.output).toHaveLength(65_536);
    expect(child.output.endsWith('end')).toBe(true);
  });
});

describe('bitcoin node', () => {
  it('mines, and reorganises on request', async () => {
    const scratch = scratchDirectory('bitcoin');
    undo.push(() => scratch.remove());
    const node = await startBitcoinNode(scratch.path);
    undo.push(() => node.stop());
    await node.rpc.call('generatetoaddress', 5, ADDRESS);
    const orphans = await orphanBlocks(node.rpc, 2, ADDRESS);
    expect(orphans).toHaveLength(2);
    expect(await node.rpc.call('getblockcount')).toBe(6);
    expect(await node.rpc.call('getblockhash', 4)).not.toBe(orphans[0]);
    await expect(node.rpc.call('nonsense')).rejects.toThrow(RpcFailure);
    await expect(createRpc('http://127.0.0.1:1', 'u', 'p').call('getblockcount')).rejects.toThrow();
  }, 60_000);
});

describeWith('litecoind', litecoind())('litecoin nodes', () => {
  it('offer templates with MWEB, and reorganise together', async () => {
    const scratch = scratchDirectory('litecoin');
    undo.push(() => scratch.remove());
    const nodes = await startLitecoinNodes(scratch.path);
    undo.push(() => nodes.stop());
    await activateMweb(nodes);
    await nodes.rpc.call('generatetoaddress', 3, nodes.walletAddress);
    const template = await nodes.rpc.call<Record<string, unknown>>('getblocktemplate', {
      rules: ['mweb', 'segwit'],
    });
    expect(template).toMatchObject({ height: MWEB_HEIGHT + 4, mweb: expect.stringMatching(/^[0-9a-f]+$/) });
    await orphanBlocks(nodes.rpc, 2, await nodes.rpc.call<string>('getnewaddress'));
    const tip = await nodes.rpc.call('getbestblockhash');
    await eventually('both have one tip', async () => (await nodes.peer.call('getbestblockhash')) === tip);
  }, 120_000);
});
