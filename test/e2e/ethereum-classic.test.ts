/**
 * Ethash against a real go-ethereum on a private chain (below block 30,000 Etchash is the same): our miner finds
 * blocks through our gateway, the node takes them, the ledger credits them under the hash that the chain gave
 * them and with the fees that they earned, and a node that gives work for a branch it has left is not mined on.
 */
import {
  type EthashNode,
  type Otedama,
  type Scratch,
  describeWith,
  ethashGeth,
  eventually,
  scratchDirectory,
  startEthashNode,
  startOtedama,
} from '@otedama/test-harness';
import { type PoolView, createPoolView, stopMining } from './pool.fixture.ts';

const POOL = 'etc-test';
const WALLET = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const REWARD = 5n * 10n ** 18n;

const config = ({ url, webSocket }: EthashNode): string => `
mining: {algorithm: etchash, enable_cpu: true, cpu: {threads: 1}}
pools:
  - id: ${POOL}
    coin: ethereum-classic
    network: regtest
    payout_address: '${WALLET}'
    scheme: solo
    fee_percentage: 0
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${url}', websocket: '${webSocket}'}]
`;

interface EthereumBlock {
  readonly hash: string;
  readonly number: string;
}

interface Receipt {
  readonly blockNumber: string;
}

describeWith('geth with Ethash', ethashGeth())('an Ethereum Classic pool', () => {
  let scratch: Scratch;
  let node: EthashNode;
  let otedama: Otedama;
  let pool: PoolView;

  beforeAll(async () => {
    scratch = scratchDirectory('etc');
    node = await startEthashNode(scratch.path);
    otedama = await startOtedama({ dataDir: scratch.path, config: config(node) });
    pool = createPoolView(otedama, POOL);
  }, 180_000);

  afterAll(async () => {
    await otedama?.stop();
    await node?.stop();
    scratch?.remove();
  }, 60_000);

  it('credits the fees of a block, to the last unit', async () => {
    // It makes the one who pays rich, and waits for the dataset of our miner.
    await eventually('a first block', async () => (await pool.summary()).blocks.accepted >= 1, 600_000);
    const gasPrice = 1_234_567_891n;
    const id = await node.call<string>('eth_sendTransaction', {
      from: node.payer,
      to: WALLET,
      value: '0x1',
      gas: '0x5208',
      gasPrice: `0x${gasPrice.toString(16)}`,
    });
    const height = await eventually(
      'a block of ours has the transaction',
      async () => {
        const receipt = await node.call<Receipt | null>('eth_getTransactionReceipt', id);
        return receipt === null ? undefined : Number(receipt.blockNumber);
      },
      200_000,
    );
    const block = await eventually('its fee is booked', async () =>
      (await pool.blocks()).find((each) => each.height === height && BigInt(each.rewardAtomic) > REWARD),
    );
    expect(BigInt(block.rewardAtomic)).toBe(REWARD + 21_000n * gasPrice);
  }, 840_000);

  it('finds blocks that the node accepts, and knows them by their hash on the chain', async () => {
    await eventually('three blocks', async () => (await pool.summary()).blocks.accepted >= 3, 400_000);
    await stopMining(otedama);
    const block = (await pool.blocks()).find(({ rewardAtomic }) => BigInt(rewardAtomic) === REWARD);
    if (block === undefined) throw new Error('no block without fees');
    const onChain = await node.call<EthereumBlock>(
      'eth_getBlockByNumber',
      `0x${block.height.toString(16)}`,
      false,
    );
    expect(onChain.hash).toBe(`0x${block.hash}`);
  }, 420_000);

  it('credits the finder', async () => {
    const tip = await node.call<EthereumBlock>('eth_getBlockByNumber', 'latest', false);
    await eventually(
      'the ledger has the tip',
      async () => (await pool.blocks())[0]?.hash === tip.hash.slice(2),
    );
    const blocks = await pool.blocks();
    const earned = blocks.reduce((sum, { rewardAtomic }) => sum + BigInt(rewardAtomic), 0n);
    expect(earned).toBeGreaterThan(REWARD * BigInt(blocks.length));
    expect(await pool.owed()).toEqual({ immature: earned, matured: 0n });
  }, 60_000);

  it('stops mining when the node has no work for its tip', async () => {
    const [tip] = await pool.blocks();
    if (tip === undefined) throw new Error('no block');
    // Its chain is cut, and geth goes on giving work for the old end until it hears of another block.
    await node.rewind(tip.height - 1);
    const stopped = await eventually(
      'the pool says why it has stopped',
      async () => (await otedama.status()).gateway.pools[0]?.stoppedReason,
      120_000,
    );
    expect(stopped).toMatch(/no work for its tip/);
  }, 150_000);
});
