import type { Payee, SignedTransaction } from '@otedama/payouts';
import {
  describeWith,
  eventually,
  litecoind,
  type LitecoinWallets,
  orphanBlocks,
  type Rpc,
  type Scratch,
  scratchDirectory,
  type SpoilingProxy,
  startLitecoinWallets,
  startSpoilingProxy,
} from '@otedama/test-harness';
import { COIN, LitecoinPayers } from '../testing/litecoin-payers.ts';
import { codeOf } from '../testing/refusals.ts';

describeWith('litecoind', litecoind())('a payment from a litecoind', () => {
  let scratch: Scratch;
  let wallets: LitecoinWallets;
  let proxy: SpoilingProxy;
  let payers: LitecoinPayers<Rpc>;

  const received = ({ address }: Payee): Promise<number> =>
    wallets.miner.call('getreceivedbyaddress', address, 1);
  /** Spends the inputs of a payment otherwise, as an operator by hand. */
  const spendElsewhere = async (rpc: Rpc, { spends }: SignedTransaction, amount: number): Promise<string> => {
    const inputs = spends.map((spend) => ({ txid: spend.split(':')[0], vout: Number(spend.split(':')[1]) }));
    const to = await wallets.miner.call<string>('getnewaddress');
    const raw = await rpc.call<string>('createrawtransaction', inputs, { [to]: amount });
    const { hex } = await rpc.call<{ hex: string }>('signrawtransactionwithwallet', raw);
    return rpc.call('sendrawtransaction', hex, 0);
  };

  beforeAll(async () => {
    scratch = scratchDirectory('following');
    wallets = await startLitecoinWallets(scratch.path, ['-mempoolreplacement=1', '-acceptnonstdtxn=0']);
    payers = new LitecoinPayers(wallets, { replaces: true });
    proxy = await startSpoilingProxy(wallets.node.rpc.url);
  });
  afterEach(() => {
    proxy.spoil(undefined);
    payers.close();
  });
  afterAll(async () => {
    await proxy.stop();
    await wallets[Symbol.asyncDispose]();
    scratch.remove();
  });

  it('is unknown, pending, confirmed, and after a reorg pending again', async () => {
    const { wallet } = await payers.funded([1]);
    const to = await payers.payee(COIN / 2n);
    const signed = await wallet.sign([to], []);
    expect(await wallet.standing(signed)).toEqual({ kind: 'unknown' });
    await wallet.broadcast(signed);
    expect(await wallet.standing(signed)).toEqual({ kind: 'pending' });
    await wallets.mine(2);
    const standing = await wallet.standing(signed);
    expect(standing).toMatchObject({ kind: 'confirmed', confirmations: 2, feeAtomic: signed.feeAtomic });
    const { rpc } = wallets.node;
    const tip = await rpc.call<number>('getblockcount');
    const below = await rpc.call<string>('getblockhash', tip - 1);
    expect(standing).toMatchObject({ blockHash: below });
    await rpc.call('invalidateblock', below);
    expect(await wallet.standing(signed)).toEqual({ kind: 'pending' });
    await rpc.call('generatetoaddress', 3, await wallets.miner.call('getnewaddress'));
    expect(await wallet.standing(signed)).toMatchObject({ kind: 'confirmed', confirmations: 3 });
    expect(await received(to)).toBe(0.5);
  });

  it('may be sent as often as one likes, before and after it is in the chain', async () => {
    const { wallet } = await payers.funded([1]);
    const to = await payers.payee(COIN / 2n);
    const signed = await wallet.sign([to], []);
    await wallet.broadcast(signed);
    await wallet.broadcast(signed);
    await wallets.mine();
    await wallet.broadcast(signed);
    await wallets.mine();
    await wallet.broadcast(signed);
    expect(await received(to)).toBe(0.5);
  });

  it('outlives its daemon: killed after it signed, and again after it sent', async () => {
    const { wallet } = await payers.funded([1]);
    const to = await payers.payee(COIN / 2n);
    const signed = await wallet.sign([to], []);
    const { rpc, server } = wallets.node;
    await rpc.call('gettxoutsetinfo');
    await server.kill();
    expect(await codeOf(wallet.broadcast(signed))).toBe('BROADCAST_UNKNOWN');
    expect(await codeOf(wallet.standing(signed))).toBe('WALLET_UNREACHABLE');
    await server.start();
    expect(await wallet.standing(signed)).toEqual({ kind: 'unknown' });
    await wallet.broadcast(signed);
    await wallets.crash();
    // The memory pool and perhaps the wallet have forgotten it.
    const { kind } = await wallet.standing(signed);
    expect(['unknown', 'pending']).toContain(kind);
    await wallet.broadcast(signed);
    await wallets.mine();
    expect(await wallet.standing(signed)).toMatchObject({ kind: 'confirmed' });
    expect(await received(to)).toBe(0.5);
  });

  it('is unknown and not failed when the daemon acted and nobody heard of it', async () => {
    const { name } = await payers.funded([1]);
    const wallet = payers.connect(name, { url: proxy.url, callTimeoutMs: 1_000 });
    const to = await payers.payee(COIN / 2n);
    const signed = await wallet.sign([to], []);
    proxy.spoil({ methods: ['sendrawtransaction'], afterwards: true, answer: () => undefined });
    expect(await codeOf(wallet.broadcast(signed))).toBe('BROADCAST_UNKNOWN');
    expect(await wallet.standing(signed)).toEqual({ kind: 'pending' });
    proxy.spoil({
      methods: ['sendrawtransaction'],
      afterwards: true,
      answer: (response) => response.destroy(),
    });
    expect(await codeOf(wallet.broadcast(signed))).toBe('BROADCAST_UNKNOWN');
    proxy.spoil(undefined);
    await wallet.broadcast(signed);
    await wallets.mine();
    expect(await received(to)).toBe(0.5);
  });

  it('is refused when its coins are gone, and found in conflict with what took them', async () => {
    const { rpc, wallet } = await payers.funded([1]);
    const signed = await wallet.sign([await payers.payee(COIN / 2n)], []);
    const other = await spendElsewhere(rpc, signed, 0.9);
    expect(await wallet.standing(signed)).toEqual({ kind: 'unknown' });
    await wallets.mine(2);
    expect(await codeOf(wallet.broadcast(signed))).toBe('BROADCAST_REFUSED');
    expect(await wallet.standing(signed)).toEqual({ kind: 'conflicted', confirmations: 2, by: other });
    await wallets.crash();
    expect(await wallet.standing(signed)).toEqual({ kind: 'conflicted', confirmations: 2, by: other });
  });

  it('may still confirm when a reorg takes out what it was in conflict with', async () => {
    const { rpc, wallet } = await payers.funded([1]);
    const to = await payers.payee(COIN / 2n);
    const signed = await wallet.sign([to], []);
    await wallet.broadcast(signed);
    // Double-spent by a miner who has the other transaction and not ours.
    const { rpc: chain } = wallets.node;
    const [input] = signed.spends.map((spend) => ({
      txid: spend.split(':')[0],
      vout: Number(spend.split(':')[1]),
    }));
    const mineTo = await wallets.miner.call<string>('getnewaddress');
    const raw = await rpc.call<string>('createrawtransaction', [input], { [mineTo]: 0.99 });
    const { hex } = await rpc.call<{ hex: string }>('signrawtransactionwithwallet', raw);
    const { hash } = await chain.call<{ hash: string }>('generateblock', mineTo, [hex]);
    expect(await wallet.standing(signed)).toMatchObject({ kind: 'conflicted', confirmations: 1 });
    await chain.call('invalidateblock', hash);
    // The other one is in the memory pool again, so this node refuses ours; another may have it all the same.
    expect(await wallet.standing(signed)).toEqual({ kind: 'unknown' });
    expect(await codeOf(wallet.broadcast(signed))).toBe('BROADCAST_REFUSED');
    await chain.call('generateblock', await wallets.miner.call('getnewaddress'), [signed.raw]);
    expect(await wallet.standing(signed)).toMatchObject({ kind: 'confirmed', confirmations: 1 });
    expect(await received(to)).toBe(0.5);
  });

  it('is the same payment when somebody rewrote its signature on the way', async () => {
    const { wallet } = await payers.funded([1], {}, 'legacy');
    const to = await payers.payee(COIN / 2n);
    const signed = await wallet.sign([to], []);
    // The script of the only input: a length for it, a push of the signature, a push of the key. A longer form of
    // the first push says the same to consensus, and gives another id.
    const bytes = Buffer.from(signed.raw, 'hex');
    const at = 4 + 1 + 36;
    const script = bytes.subarray(at + 1, at + 1 + (bytes[at] ?? 0));
    const longer = Buffer.concat([Buffer.of(script.length + 1, 0x4c), script]);
    const twin = Buffer.concat([bytes.subarray(0, at), longer, bytes.subarray(at + 1 + script.length)]);
    const { rpc } = wallets.node;
    const { txid } = await rpc.call<{ txid: string }>('decoderawtransaction', twin.toString('hex'));
    expect(txid).not.toBe(signed.txid);
    const address = await wallets.miner.call<string>('getnewaddress');
    const { hash } = await rpc.call<{ hash: string }>('generateblock', address, [twin.toString('hex')]);
    expect(await wallet.standing(signed)).toEqual({
      kind: 'confirmed',
      confirmations: 1,
      blockHash: hash,
      feeAtomic: signed.feeAtomic,
    });
    await wallet.broadcast(signed);
    expect(await received(to)).toBe(0.5);
  });

  it('comes through a reorg of the blocks that it and its coins are in', async () => {
    const { wallet } = await payers.funded([1]);
    const to = await payers.payee(COIN / 2n);
    const signed = await wallet.sign([to], []);
    await wallet.broadcast(signed);
    await wallets.mine();
    await orphanBlocks(wallets.node.rpc, 2, await wallets.miner.call('getnewaddress'));
    await eventually('it is in the chain again', async () => {
      await wallets.mine();
      return (await wallet.standing(signed)).kind === 'confirmed';
    });
    expect(await received(to)).toBe(0.5);
  });
});
