/**
 * From work to a miner's own wallet, with the built program and a real litecoind: blocks are found for somebody else's
 * address, mature, are paid out of the node's wallet, confirmed by the chain, and right in the books.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type LitecoinNodes,
  type Otedama,
  REPOSITORY,
  type Rpc,
  type Scratch,
  TestProcess,
  activateMweb,
  createRpc,
  describeWith,
  eventually,
  litecoind,
  scratchDirectory,
  startLitecoinNodes,
  startOtedama,
} from '@otedama/test-harness';
import { type PoolView, createPoolView } from './pool.fixture.ts';

const POOL = 'ltc-paid';
const PROGRAM = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');
const run = promisify(execFile);

interface Listed {
  readonly payouts: readonly {
    readonly id: string;
    readonly state: string;
    readonly payees: number;
    readonly netAtomic: string;
    readonly transactions: readonly { readonly txid: string; readonly confirmations: number }[];
  }[];
}

const config = ({ rpc, walletAddress }: LitecoinNodes): string => `
mining: {enable: false}
pools:
  - id: ${POOL}
    coin: litecoin
    network: regtest
    payout_address: ${walletAddress}
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${rpc.url}', user: '${rpc.user}', password: '${rpc.password}'}]
    wallet: {name: w}
    payouts: {minimum: 1, interval: 1s, confirmations: 2, approve_above: 0.5}
`;

describeWith('litecoind', litecoind())('a pool that pays its miners', () => {
  let scratch: Scratch;
  let nodes: LitecoinNodes;
  let miners: Rpc;
  let otedama: Otedama;
  let pool: PoolView;
  let address: string;

  const cli = async (...args: readonly string[]): Promise<string> => {
    const all = ['--no-warnings', PROGRAM, ...args, '--config', join(scratch.path, 'otedama.yaml')];
    const data = ['--data-dir', join(scratch.path, 'data')];
    return (await run(process.execPath, [...all, ...data])).stdout;
  };
  const list = async (): Promise<Listed['payouts']> =>
    (JSON.parse(await cli('payouts', 'list', '--all', '--json')) as Listed).payouts;
  const mine = (blocks: number): Promise<unknown> =>
    nodes.rpc.call('generatetoaddress', blocks, nodes.walletAddress);

  const sendWish = async (minimum: string, atMs: number): Promise<Response> => {
    const time = new Date(atMs).toISOString();
    const message = `Otedama payout settings\npool: ${POOL}\ncoin: litecoin\naddress: ${address}\nminimum: ${minimum}\ntime: ${time}`;
    const signature = await miners.call<string>('signmessage', address, message);
    return fetch(`${otedama.api}/api/v1/miners/${address}/payout-settings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message, signature }),
    });
  };

  beforeAll(async () => {
    scratch = scratchDirectory('payouts');
    nodes = await startLitecoinNodes(scratch.path);
    await activateMweb(nodes);
    await nodes.rpc.call('createwallet', 'miners');
    const { url, user, password } = nodes.rpc;
    miners = createRpc(`${url}/wallet/miners`, user, password);
    // The kind of address that every wallet can sign with.
    address = await miners.call<string>('getnewaddress', '', 'legacy');
    otedama = await startOtedama({ dataDir: scratch.path, config: config(nodes) });
    pool = createPoolView(otedama, POOL);
  }, 240_000);

  afterAll(async () => {
    await otedama?.stop();
    await nodes?.stop();
    scratch?.remove();
  }, 60_000);

  it('owes a miner what his blocks have earned', async () => {
    const at = `stratum+tcp://127.0.0.1:${otedama.ports.stratum}`;
    const user = ['--user', `${address}.rig`, '--pass', 'x,mp=2'];
    const options = ['--algo', 'scrypt', '--threads', '1'];
    const miner = new TestProcess('miner', process.execPath, [
      '--no-warnings',
      PROGRAM,
      'mine',
      '--url',
      at,
      ...user,
      ...options,
    ]);
    try {
      await pool.firstBlock();
    } finally {
      await miner.stop();
    }
    await mine(101);
    const [block] = await pool.blocks();
    await pool.inState(block?.hash ?? '', 'matured');
    expect((await pool.owed()).matured).toBeGreaterThan(100_000_000n);
  }, 180_000);

  it('takes a wish that is signed with the key of the address, once', async () => {
    const atMs = Date.now();
    expect((await sendWish('0.00000001', atMs)).status).toBe(409);
    const taken = await sendWish('0.5', atMs);
    expect(await taken.json()).toMatchObject({ ok: true, coin: 'litecoin', minimumAtomic: '50000000' });
    const again = await sendWish('0.5', atMs);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ detail: expect.stringContaining('was taken before') });
  }, 60_000);

  it('pays it out of its wallet when a person has approved it, and the chain shows it', async () => {
    const [batch] = await eventually('a batch waits for approval', async () => {
      const found = await list();
      return found[0]?.state === 'awaiting_approval' ? found : undefined;
    });
    expect(batch).toMatchObject({ payees: 1 });
    expect(await cli('payouts', 'list')).toContain('awaiting_approval');
    expect(await cli('payouts', 'approve', batch?.id ?? '', '--reason', 'looked at it')).toContain(
      'is approved',
    );
    await eventually('it is out', async () => (await list())[0]?.state === 'broadcast');
    await eventually('it is confirmed', async () => {
      await mine(1);
      return (await list())[0]?.state === 'confirmed';
    });
    const received = await miners.call<number>('getreceivedbyaddress', address, 1);
    expect(Math.round(received * 1e8).toString()).toBe(batch?.netAtomic);
    expect((await pool.owed()).matured).toBe(0n);
    expect(await cli('payouts', 'plan')).toContain('nobody is due');
    expect(await cli('ledger', 'prove')).toContain('=');
    await expect(cli('payouts', 'cancel', batch?.id ?? '', '--reason', 'no')).rejects.toThrow(/is confirmed/);
  }, 180_000);
});
