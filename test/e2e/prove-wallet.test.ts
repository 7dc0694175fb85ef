/** `otedama ledger prove` against the wallet of a real litecoind: equal, robbed, given to, and away. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { createLedger, migrate, openDatabase, startEmbeddedPostgres } from '@otedama/ledger';
import {
  describeWith,
  litecoind,
  type LitecoinWallets,
  type Ran,
  type Rpc,
  type Scratch,
  runBeside,
  scratchDirectory,
  startLitecoinWallets,
} from '@otedama/test-harness';

describeWith('litecoind', litecoind())('the proof of the books against a litecoind', () => {
  let scratch: Scratch;
  let wallets: LitecoinWallets;
  let wallet: Rpc;

  /** Books of 15 LTC, which the operator has brought in. */
  const makeBooks = async (): Promise<void> => {
    const dataDir = join(scratch.path, 'data/postgres');
    const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger });
    const database = openDatabase(server.connection, { logger: silentLogger });
    await migrate(database.pool);
    const ledger = createLedger(database.db);
    const terms = {
      scheme: 'pplns',
      window: { kind: 'work', networkBlocks: 2 },
      feeBasisPoints: 100,
    } as const;
    await ledger.registerPools([{ id: 'main', coin: 'litecoin', terms }]);
    await ledger.adjust({
      pool: 'main',
      coin: 'litecoin',
      account: 'wallet',
      address: '',
      amountAtomic: 1_500_000_000n,
      by: { actor: { kind: 'os', id: '0', name: 'test' }, reason: 'the first coins' },
      atMs: Date.now(),
    });
    await database.close();
    await server.stop();
  };

  const prove = (): Ran => runBeside(scratch.path, ['ledger', 'prove']);

  beforeAll(async () => {
    scratch = scratchDirectory('prove');
    wallets = await startLitecoinWallets(join(scratch.path, 'node'));
    wallet = await wallets.create('payouts');
    await wallets.fund(wallet, [10, 5]);
    const address = await wallet.call<string>('getnewaddress', '', 'bech32');
    const { url, user, password } = wallets.node.rpc;
    const daemon = `{url: '${url}', user: '${user}', password: '${password}'}`;
    writeFileSync(
      join(scratch.path, 'otedama.yaml'),
      `pools: [{id: main, coin: litecoin, network: regtest, payout_address: '${address}', daemons: [${daemon}], wallet: {name: payouts}}]\n`,
    );
    await makeBooks();
  }, 120_000);
  afterAll(async () => {
    await wallets?.[Symbol.asyncDispose]();
    scratch?.remove();
  }, 60_000);

  it('finds them equal', () => {
    const proof = prove();
    expect(proof.stdout).toContain('main, litecoin: the books have 15.00 rLTC, and so has the wallet');
    expect(proof.status).toBe(0);
  }, 60_000);

  it('fails when coins have left that no payout explains', async () => {
    await wallet.call('sendtoaddress', await wallets.miner.call<string>('getnewaddress'), 1);
    const proof = prove();
    expect(proof.stdout).toMatch(
      /WRONG: main, litecoin: the books have 15\.00 rLTC, and the wallet has 13\.99\d+ rLTC: it lacks 1\.00\d+ rLTC/,
    );
    expect(proof).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('not proven against the wallets'),
    });
  }, 60_000);

  it('shows coins that nobody has booked, and does not fail for them', async () => {
    await wallets.fund(wallet, [2]);
    const proof = prove();
    expect(proof.stdout).toMatch(/and the wallet has 0\.99\d+ rLTC more, which nobody has booked/);
    expect(proof.status).toBe(0);
  }, 60_000);

  it('proves nothing without an answer, and says so', async () => {
    await wallets.node.server.kill();
    const proof = prove();
    expect(proof.stdout).toMatch(/NOT PROVEN: main, litecoin: .* the wallet could not be asked: /);
    expect(proof.status).toBe(1);
  }, 60_000);
});
