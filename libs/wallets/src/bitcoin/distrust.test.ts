/** What a daemon says about money is checked: here it lies, one call at a time, and nothing must get signed by us. */
import type { ServerResponse } from 'node:http';
import { type Payee, type PayoutWallet, isWalletError } from '@otedama/payouts';
import {
  describeWith,
  litecoind,
  type LitecoinWallets,
  type Rpc,
  type Scratch,
  scratchDirectory,
  type SpoilingProxy,
  startLitecoinWallets,
  startSpoilingProxy,
} from '@otedama/test-harness';
import { COIN, LitecoinPayers } from '../testing/litecoin-payers.ts';

interface Unspent {
  readonly txid: string;
  readonly vout: number;
  readonly amount: number;
}

describeWith('litecoind', litecoind())('a daemon that does not do what it was asked', () => {
  let scratch: Scratch;
  let wallets: LitecoinWallets;
  let proxy: SpoilingProxy;
  let payers: LitecoinPayers<Rpc>;
  let wallet: PayoutWallet;
  let own: Rpc;
  let to: Payee;
  let coin: Unspent;

  const refusal = async (): Promise<string> => {
    const error: unknown = await wallet.sign([to], []).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return isWalletError(error) ? `${error.code}: ${error.detail}` : `no WalletError: ${String(error)}`;
  };
  const lie = (method: string, result: unknown): void =>
    proxy.spoil({
      methods: [method],
      answer: (response: ServerResponse, id) =>
        void response.end(JSON.stringify({ result, error: null, id })),
    });
  const signed = async (outputs: Record<string, number>): Promise<{ hex: string; complete: boolean }> => {
    const input = { txid: coin.txid, vout: coin.vout };
    const raw = await own.call<string>('createrawtransaction', [input], outputs);
    return own.call('signrawtransactionwithwallet', raw);
  };

  beforeAll(async () => {
    scratch = scratchDirectory('distrust');
    wallets = await startLitecoinWallets(scratch.path);
    proxy = await startSpoilingProxy(wallets.node.rpc.url);
    own = await wallets.create('own');
    await wallets.fund(own, [2]);
    const [first] = await own.call<Unspent[]>('listunspent');
    if (first === undefined) throw new Error('it was funded');
    coin = first;
    payers = new LitecoinPayers(wallets, { url: proxy.url });
    to = await payers.payee(COIN);
    wallet = payers.connect('own');
  });
  afterEach(() => proxy.spoil(undefined));
  afterAll(async () => {
    payers.close();
    await proxy.stop();
    await wallets[Symbol.asyncDispose]();
    scratch.remove();
  });

  it('does nothing wrong when nobody lies', async () => {
    expect((await wallet.sign([to], [])).spends).toEqual([`${coin.txid}:${coin.vout}`]);
  });

  it('signs a payment to somebody else', async () => {
    const thief = await wallets.miner.call<string>('getnewaddress');
    lie(
      'signrawtransactionwithwallet',
      await signed({ [thief]: 1, [await own.call<string>('getnewaddress')]: 0.99 }),
    );
    expect(await refusal()).toMatch(/^WALLET_RPC: .*another transaction than it was given/);
  });

  it('signs a payment without change, all of which would be fee', async () => {
    lie('signrawtransactionwithwallet', await signed({ [to.address]: 1 }));
    expect(await refusal()).toMatch(/^WALLET_RPC: .*another transaction than it was given/);
  });

  it('signs in part', async () => {
    lie('signrawtransactionwithwallet', { hex: '00', complete: false, errors: [{ error: 'no key' }] });
    expect(await refusal()).toMatch(/^WALLET_RPC: .*could not sign every input: no key/);
  });

  it('signs nonsense', async () => {
    lie('signrawtransactionwithwallet', { hex: 'deadbeef', complete: true });
    expect(await refusal()).toMatch(/^WALLET_RPC: .*another transaction than it was given/);
  });

  it('says that a coin is worth less than it is, which would make the rest of it fee', async () => {
    const listed = await own.call<Unspent[]>('listunspent');
    lie(
      'listunspent',
      listed.map((one) => ({ ...one, amount: 1.5 })),
    );
    expect(await refusal()).toMatch(/^WALLET_RPC: .*misstates what its coin/);
  });

  it('shows another transaction than the one that made a coin', async () => {
    const { hex } = await signed({ [to.address]: 1 });
    lie('gettransaction', { confirmations: 1, hex });
    expect(await refusal()).toMatch(/^WALLET_RPC: .*cannot show the transaction that made its coin/);
  });

  it('gives an address for change that is not its own, or of another chain', async () => {
    lie('getrawchangeaddress', to.address);
    expect(await refusal()).toMatch(/^WALLET_RPC: .*change that are not its own/);
    lie('getrawchangeaddress', 'ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9');
    expect(await refusal()).toMatch(/^WALLET_RPC: .*change that are not its own/);
  });

  it('has money left for none of it', async () => {
    expect((await own.call<Unspent[]>('listunspent')).map(({ amount }) => amount)).toEqual([2]);
    expect(await wallets.node.rpc.call('getrawmempool')).toEqual([]);
  });
});
