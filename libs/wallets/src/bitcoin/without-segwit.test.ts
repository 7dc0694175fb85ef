/**
 * Chains without segregated witness, and daemons that lack newer methods, of which no distribution has a package: a
 * double answers as dogecoind 1.14, ravend 4 and Bitcoin Cash Node do.
 */
import { readTransaction, serializeUnsigned, type TransactionBody } from '@otedama/bitcoin-family';
import { parseAddress, type ScriptCoin } from '@otedama/chain-params';
import {
  answerFrom,
  Fault,
  methodsOf,
  type RawServer,
  type RpcTable,
  startRawServer,
} from '@otedama/daemon-rpc/testing';
import { type PayoutWallet, isWalletError } from '@otedama/payouts';
import { COIN, scriptCoin } from '../testing/litecoin-payers.ts';
import { createBitcoinWallet } from './bitcoin-wallet.ts';

const NOBODY = 'mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** To a key hash, of as many bytes as an address has. */
const scriptOf = (fill: number): Uint8Array =>
  Uint8Array.from([0x76, 0xa9, 20, ...Array(20).fill(fill), 0x88, 0xac]);
/** The regtest of all three has these version bytes. */
const addressOf = (coin: ScriptCoin): string => {
  const parsed = parseAddress(coin, NOBODY);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.canonical;
};

/** What made the coins of the wallet: three of 5 each. */
const FUNDING: TransactionBody = {
  version: 1,
  inputs: [{ txid: '11'.repeat(32), index: 0, sequence: 0xffffffff }],
  outputs: [1, 2, 3].map((fill) => ({ valueAtomic: 5n * COIN, scriptPubKey: scriptOf(fill) })),
  lockTime: 0,
};
const FUNDING_HEX = hexOf(serializeUnsigned(FUNDING));
const FUNDING_TXID = readTransaction(serializeUnsigned(FUNDING))?.txid ?? '';

/** Input scripts of a signature and a key: 72 and 33 bytes, each with its push. */
const signAsWallet = (hex: string): string => {
  const body = readTransaction(Buffer.from(hex, 'hex'));
  if (body === undefined) throw new Error('it was asked to sign nonsense');
  const script = Buffer.concat([Buffer.of(72), Buffer.alloc(72, 0x30), Buffer.of(33), Buffer.alloc(33, 2)]);
  const unsigned = Buffer.from(hex, 'hex');
  const parts: Buffer[] = [unsigned.subarray(0, 5)];
  for (let at = 5, left = body.inputs.length; left > 0; left--, at += 41) {
    parts.push(
      unsigned.subarray(at, at + 36),
      Buffer.of(script.length),
      script,
      unsigned.subarray(at + 37, at + 41),
    );
  }
  return Buffer.concat([...parts, unsigned.subarray(5 + 41 * body.inputs.length)]).toString('hex');
};

const tableOf = (coin: ScriptCoin): RpcTable => ({
  getblockhash: () => coin.genesisHash,
  getblockchaininfo: () => ({ blocks: 500 }),
  validateaddress: () => ({ isvalid: true, ismine: true }),
  getwalletinfo: () => ({ balance: 15, unconfirmed_balance: 0, immature_balance: 7 }),
  listunspent: () =>
    FUNDING.outputs.map(({ scriptPubKey }, vout) => ({
      txid: FUNDING_TXID,
      vout,
      amount: 5,
      confirmations: 3,
      scriptPubKey: hexOf(scriptPubKey),
      spendable: true,
    })),
  gettransaction: (txid: string) =>
    txid === FUNDING_TXID
      ? { confirmations: 3, hex: FUNDING_HEX }
      : new Fault(-5, 'Invalid or non-wallet transaction id'),
  getrawchangeaddress: () => addressOf(coin),
  getmempoolinfo: () => ({ size: 0, mempoolminfee: 0.00001 }),
  getnetworkinfo: () => ({ relayfee: 0.00001 }),
});
/** signrawtransactionwithwallet, getaddressinfo and getbalances came with 0.17 to 0.19. */
const before017 = (coin: ScriptCoin): RpcTable => ({
  ...tableOf(coin),
  estimatesmartfee: () => ({ feerate: -1, blocks: 6 }),
  signrawtransaction: (hex: string) => ({ hex: signAsWallet(hex), complete: true }),
});
const bitcoinCashNode = (coin: ScriptCoin): RpcTable => ({
  ...tableOf(coin),
  signrawtransactionwithwallet: (hex: string) => ({ hex: signAsWallet(hex), complete: true }),
  getaddressinfo: () => ({ ismine: true }),
});

let server: RawServer;
let wallet: PayoutWallet;

const open = async (coin: ScriptCoin, table: RpcTable): Promise<void> => {
  server = await startRawServer(answerFrom(table));
  wallet = createBitcoinWallet({
    name: coin.id,
    url: server.url,
    user: 'u',
    password: { reveal: () => 'p' },
    coin,
    maxPayees: 10,
  });
};

afterEach(async () => {
  wallet.close();
  await server.close();
});

const CHAINS = [
  { id: 'dogecoin', table: before017, perKvb: 1_100_000n, dust: 1_000_000n, replaces: true },
  { id: 'ravencoin', table: before017, perKvb: 1_100_000n, dust: 546n, replaces: false },
  { id: 'bitcoin-cash', table: bitcoinCashNode, perKvb: 1_100n, dust: 546n, replaces: false },
] as const;

describe.each(CHAINS)('a wallet of $id', ({ id, table, perKvb, dust, replaces }) => {
  const coin = scriptCoin(id, 'regtest');

  it('is checked, and tells what it has', async () => {
    await open(coin, table(coin));
    await wallet.check();
    expect(await wallet.balance()).toEqual({ spendableAtomic: 15n * COIN, pendingAtomic: 7n * COIN });
    const { dustAtomic } = await wallet.costs();
    expect(dustAtomic(addressOf(coin))).toBe(dust);
    expect(wallet.bump === undefined).toBe(!replaces);
  });

  it('pays what it is told, for the fee of its nodes', async () => {
    await open(coin, table(coin));
    const signed = await wallet.sign([{ address: NOBODY, amountAtomic: 6n * COIN }], []);
    const read = readTransaction(Buffer.from(signed.raw, 'hex'));
    expect(read?.txid).toBe(signed.txid);
    expect(read?.inputs.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 2 }, () => (replaces ? 0xfffffffd : 0xfffffffe)),
    );
    const [paid, change, ...more] = read?.outputs ?? [];
    const parsed = parseAddress(coin, NOBODY);
    expect(paid).toEqual({
      valueAtomic: 6n * COIN,
      scriptPubKey: parsed.ok ? parsed.scriptPubKey : undefined,
    });
    expect(change?.valueAtomic).toBe(4n * COIN - signed.feeAtomic);
    expect(more).toEqual([]);
    const vbytes = BigInt(Math.ceil((read?.weight ?? 0) / 4));
    const asked = (perKvb * vbytes) / 1_000n;
    expect(signed.feeAtomic).toBeGreaterThanOrEqual(asked);
    expect(signed.feeAtomic).toBeLessThan((asked * 103n) / 100n);
  });

  it('has one payee for every spelling of a script', async () => {
    await open(coin, table(coin));
    const canonical = wallet.canonical(NOBODY);
    expect(wallet.canonical(canonical)).toBe(canonical);
    if (id !== 'bitcoin-cash') return;
    expect(canonical).toMatch(/^bchreg:q/);
    for (const spelling of [canonical.slice(7), canonical.toUpperCase()]) {
      expect(wallet.canonical(spelling)).toBe(canonical);
    }
  });
});

it('leaves alone what it cannot sign for, and what carries tokens or assets', async () => {
  const coin = scriptCoin('bitcoin-cash', 'regtest');
  const [one, two, three] = FUNDING.outputs.map(({ scriptPubKey }, vout) => ({
    txid: FUNDING_TXID,
    vout,
    amount: 5,
    confirmations: 3,
    scriptPubKey: hexOf(scriptPubKey),
  }));
  const asset = { ...three, scriptPubKey: `${three?.scriptPubKey}c0047276743175` };
  const listunspent = () => [{ ...one, spendable: false }, { ...two, tokenData: { category: 'ab' } }, asset];
  await open(coin, { ...bitcoinCashNode(coin), listunspent });
  expect((await wallet.balance()).spendableAtomic).toBe(0n);
});

it('asks an older daemon by the methods that it has', async () => {
  const coin = scriptCoin('dogecoin', 'regtest');
  await open(coin, before017(coin));
  await wallet.sign([{ address: NOBODY, amountAtomic: COIN }], []);
  const asked = methodsOf(server.requests);
  expect(asked).toEqual(expect.arrayContaining(['signrawtransactionwithwallet', 'signrawtransaction']));
  expect(asked.indexOf('validateaddress')).toBeGreaterThan(asked.indexOf('getaddressinfo'));
});

describe('check', () => {
  const coin = scriptCoin('bitcoin-cash', 'regtest');
  const codeWith = async (table: RpcTable): Promise<unknown> => {
    await open(coin, { ...bitcoinCashNode(coin), ...table });
    const error: unknown = await wallet.check().catch((reason: unknown) => reason);
    return isWalletError(error) ? error.code : error;
  };
  const cases: readonly [what: string, code: string | undefined, table: RpcTable][] = [
    ['nothing is wrong', undefined, {}],
    [
      'it is of a chain with the same first block',
      'WALLET_WRONG_CHAIN',
      { validateaddress: () => ({ isvalid: false }) },
    ],
    ['it is loading', 'WALLET_SYNCING', { getblockhash: () => new Fault(-28, 'Loading block index...') }],
    [
      'it is downloading the chain',
      'WALLET_SYNCING',
      { getblockchaininfo: () => ({ blocks: 5, initialblockdownload: true }) },
    ],
    [
      'its wallet is reading the chain',
      'WALLET_SYNCING',
      { getwalletinfo: () => ({ scanning: { duration: 9, progress: 0.1 } }) },
    ],
    ['its wallets are off', 'WALLET_MISSING', { getwalletinfo: () => new Fault(-32601, 'Method not found') }],
    [
      'it has several wallets',
      'WALLET_MISSING',
      { getwalletinfo: () => new Fault(-19, 'Wallet file not specified') },
    ],
    ['its answer is none', 'WALLET_RPC', { getwalletinfo: () => 'yes' }],
  ];
  it.each(cases)('where %s: %s', async (_what, code, table) => {
    expect(await codeWith(table)).toBe(code);
  });
});
