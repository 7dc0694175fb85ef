/**
 * The same over NATS: accounting tells the payees, one of two validators makes the coinbase of them, and the other can
 * complete a block of it. The node is bcoin.
 */
import type { ApiStatus, BlockSummary } from '@otedama/contracts';
import {
  type BitcoinNode,
  type FleetUnderTest,
  type Scratch,
  StratumMiner,
  eventually,
  scratchDirectory,
  startBitcoinNode,
  startFleet,
} from '@otedama/test-harness';

const POOL = 'btc-direct';
/** Programs of BIP173's examples, on regtest. */
const WALLET = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const ALICE = 'bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry';

const configOf = ({ url }: BitcoinNode): string => `
pools:
  - id: ${POOL}
    coin: bitcoin
    network: regtest
    payout_address: ${WALLET}
    scheme: pplns
    window: 1000
    fee_percentage: 2
    payout_in_coinbase: true
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${url}', user: x, password: test}]
stratum: {vardiff: {initial_difficulty: 1e-10, minimum_difficulty: 1e-10, maximum_difficulty: 1e-10}}
`;

interface NodeBlock {
  readonly tx: readonly {
    readonly vout: readonly { readonly value: number; readonly scriptPubKey: { readonly hex: string } }[];
  }[];
}

describe('a fleet that pays by the coinbase', () => {
  let scratch: Scratch;
  let node: BitcoinNode;
  let fleet: FleetUnderTest;
  let miner: StratumMiner;

  beforeAll(async () => {
    scratch = scratchDirectory('fleet-direct');
    node = await startBitcoinNode(`${scratch.path}/chain`);
    fleet = await startFleet({ dataDir: `${scratch.path}/fleet`, config: configOf(node) });
    miner = new StratumMiner({ port: fleet.ports.stratum[0] ?? 0, user: `${ALICE}.rig`, inFlight: 1 });
    await eventually('work', () => miner.hasJob, 60_000);
  }, 180_000);

  afterAll(async () => {
    miner?.close();
    await fleet?.[Symbol.asyncDispose]();
    await node?.stop();
    scratch?.remove();
  }, 180_000);

  it('has its miner paid by the block that it finds', async () => {
    for (let i = 0; i < 3; i++) expect((await miner.submit('share')).outcome).toBe('accepted');
    await eventually(
      'the job pays the miner',
      async () => {
        const { validator } = await fleet.get<ApiStatus>('/api/status');
        return validator.pools[0]?.coinbasePayout?.outputs === 1;
      },
      90_000,
    );
    const { hash, outcome } = await miner.submit('block');
    expect(outcome).toBe('accepted');
    const shown = Buffer.from(hash, 'hex').reverse().toString('hex');
    const block = await eventually(
      'the block is booked',
      async () =>
        (await fleet.get<{ items: BlockSummary[] }>(`/api/v1/blocks?pool=${POOL}`)).items.find(
          (one) => one.hash === shown,
        ),
      60_000,
    );
    const reward = BigInt(block.rewardAtomic);
    const fee = (reward * 2n) / 100n;
    expect(BigInt(block.paidInCoinbaseAtomic ?? 0)).toBe(reward - fee);
    const { tx } = await node.rpc.call<NodeBlock>('getblock', shown, true, true);
    const outputs = (tx[0]?.vout ?? []).map(({ value }) => BigInt(Math.round(value * 1e8)));
    expect(outputs.filter((value) => value > 0n)).toEqual([fee, reward - fee]);
  }, 180_000);
});
