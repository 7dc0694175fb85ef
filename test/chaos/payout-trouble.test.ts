/** What goes wrong with wallets and chains while paying out: said clearly, nothing lost, nobody paid twice. */
import { createPayouts, type Payouts, type PayoutTerms } from '@otedama/app-pool-accounting/payouts';
import { silentLogger } from '@otedama/contracts';
import { createLedger, createPayoutOutbox, type PayoutOutbox } from '@otedama/ledger';
import { creditMatured, startTestDatabase, type TestDatabase } from '@otedama/ledger/testing';
import { type PayoutWallet, WalletError } from '@otedama/payouts';
import { eventually } from '@otedama/test-harness';
import { Registry } from 'prom-client';
import { encodeTransaction } from './payouts/double-chain.ts';
import { type DoubleNode, startDoubleNode } from './payouts/double-node.ts';
import { type DoubleWalletOptions, openWallet } from './payouts/double-wallet.ts';
import { readTerms } from './payouts/terms.ts';
import { createSeededRandom } from './seeded-random.ts';

const CHAIN = { pool: 'main', coin: 'litecoin' };
const BY = { actor: { kind: 'os', id: '0', name: 'root' }, reason: 'looked into it' } as const;
const TERMS = readTerms({
  feeRule: 'pool',
  maxPayees: 10,
  confirmations: 2,
  finalConfirmations: 4,
  bumpAfterMs: 3_600_000,
  maxInFlight: 8,
  idleMs: 20,
});

let database: TestDatabase;
let outbox: PayoutOutbox;
let node: DoubleNode;
let wallet: PayoutWallet;
let payouts: Payouts | undefined;

beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.dispose());

const openNode = async (funds: readonly bigint[]): Promise<void> => {
  node = await startDoubleNode({ kind: 'coins', funds, random: createSeededRandom(1), maxPayees: 10 });
  wallet = openWallet(node.walletOptions as DoubleWalletOptions);
};

beforeEach(async () => {
  await database.reset();
  outbox = createPayoutOutbox(database.db);
  const terms = {
    scheme: 'solo',
    window: { kind: 'work', networkBlocks: 1 },
    feeBasisPoints: 0,
    splits: [],
  } as const;
  await createLedger(database.db).registerPools([{ id: 'main', coin: 'litecoin', terms }]);
});
afterEach(async () => {
  await payouts?.stop();
  payouts = undefined;
  await node[Symbol.asyncDispose]();
  expect(await createLedger(database.db).prove()).toMatchObject({ ok: true, problems: [] });
});

const owe = (owed: Readonly<Record<string, bigint>>, atMs = 1): Promise<void> =>
  creditMatured(database, { ...CHAIN, owed, atMs });

const wholeWallet = (): PayoutWallet => ({
  coin: wallet.coin,
  maxPayees: wallet.maxPayees,
  check: () => wallet.check(),
  balance: () => wallet.balance(),
  costs: () => wallet.costs(),
  canonical: (address) => wallet.canonical(address),
  sign: (payees, inFlight) => wallet.sign(payees, inFlight),
  broadcast: (transaction) => wallet.broadcast(transaction),
  standing: (transaction) => wallet.standing(transaction),
  release: (transaction) => wallet.release(transaction),
  close: () => wallet.close(),
});

/** In this process, with the wallet as it is hurt. */
const pay = (over: Partial<PayoutWallet> = {}, terms: Partial<PayoutTerms> = {}): Payouts => {
  const hurt: PayoutWallet = {
    ...wholeWallet(),
    ...over,
  };
  const task = { chain: CHAIN, wallet: hurt, terms: { ...TERMS, ...terms }, decimals: 8 };
  const deps = {
    outbox,
    isBookkeeper: () => true,
    registry: new Registry(),
    clock: Date.now,
    logger: silentLogger,
  };
  payouts = createPayouts(deps, [task], 20);
  payouts.start();
  return payouts;
};

const stop = async (): Promise<void> => {
  await payouts?.stop();
  payouts = undefined;
};

const stateIs = (wanted: string) => async (): Promise<boolean> =>
  (await outbox.open(CHAIN)).some(({ state }) => state === wanted);

const paidOut = async (): Promise<boolean> => {
  node.chain.mine();
  return (await outbox.debts(CHAIN)).length === 0 && (await outbox.open(CHAIN)).length === 0;
};

const reasonOf = (running: Payouts): string => {
  const part = running.partState();
  return 'reason' in part ? part.reason : '';
};

const payments = (): Record<string, readonly bigint[]> =>
  Object.fromEntries([...node.chain.payments()].filter(([address]) => address !== 'wallet'));

it.each([
  ['WALLET_UNREACHABLE', 'no answer'],
  ['WALLET_LOCKED', 'unlock it with walletpassphrase'],
  ['WALLET_WRONG_CHAIN', 'its block 0 is another'],
  ['WALLET_SYNCING', 'wait until it is done'],
] as const)('waits for a wallet that says %s, tells why, and pays when it can', async (code, detail) => {
  await openNode([1_000_000n]);
  await owe({ 'miner-a': 5_000n });
  let isWell = false;
  const check = (): Promise<void> =>
    isWell ? Promise.resolve() : Promise.reject(new WalletError(code, { coin: 'litecoin', detail }));
  const running = pay({ check });
  await eventually('it says why', () => Promise.resolve(reasonOf(running).includes(detail)));
  expect(running.partState().state).toBe('degraded');
  expect(await outbox.debts(CHAIN)).toHaveLength(1);
  isWell = true;
  await eventually('it is paid', paidOut);
  expect(running.partState()).toEqual({ state: 'up' });
  expect(payments()).toEqual({ 'miner-a': [5_000n] });
});

it('with too little in the wallet pays the oldest debts, says who waits, and pays the rest when it can', async () => {
  await openNode([20_000n, 3_000n]);
  await owe({ 'miner-new': 9_000n }, 3);
  await owe({ 'miner-old': 9_000n }, 1);
  await owe({ 'miner-large': 15_000n }, 2);
  pay();
  await eventually('those who can be are paid', async () => {
    node.chain.mine();
    return (await outbox.refusals(['main'])).length === 1 && (await outbox.open(CHAIN)).length === 0;
  });
  expect(payments()).toEqual({ 'miner-old': [9_000n], 'miner-new': [9_000n] });
  expect(await outbox.refusals(['main'])).toMatchObject([{ address: 'miner-large', code: 'HELD_FUNDS' }]);
  node.chain.fund(30_000n);
  await eventually('the rest is paid', paidOut);
  expect(payments()).toMatchObject({ 'miner-large': [15_000n] });
});

it('leaves out an address that cannot be paid, with the reason, and pays the others', async () => {
  await openNode([1_000_000n]);
  await owe({ 'miner-a': 5_000n, 'nobody-b': 6_000n, 'miner-c': 7_000n });
  // What looks right and is refused only when it is to be paid.
  const sign: PayoutWallet['sign'] = (payees, inFlight) => {
    const wrong = payees.find(({ address }) => address === 'miner-c');
    if (wrong === undefined) return wallet.sign(payees, inFlight);
    const { address } = wrong;
    throw new WalletError('ADDRESS_INVALID', { coin: 'litecoin', detail: 'not relayed', address });
  };
  pay({ sign });
  await eventually('the others are paid', async () => {
    node.chain.mine();
    return (await outbox.refusals(['main'])).length === 2 && (await outbox.open(CHAIN)).length === 0;
  });
  expect(payments()).toEqual({ 'miner-a': [5_000n] });
  expect(await outbox.refusals(['main'])).toMatchObject([
    { address: 'miner-c', code: 'ADDRESS_INVALID', reason: 'not relayed' },
    { address: 'nobody-b', code: 'ADDRESS_INVALID', reason: 'not an address of a miner' },
  ]);
  expect(await outbox.debts(CHAIN)).toHaveLength(2);
});

it('asks a person above the limit, and pays what was approved', async () => {
  await openNode([1_000_000n]);
  await owe({ 'miner-a': 5_000n });
  const running = pay({}, { rules: { ...TERMS.rules, approveAboveAtomic: 4_999n } });
  await eventually('it waits', stateIs('awaiting_approval'));
  await eventually('it says so', () => Promise.resolve(reasonOf(running).includes('waits for approval')));
  const [batch] = await outbox.open(CHAIN);
  await outbox.approve(batch?.id ?? 0n, { by: BY, atMs: Date.now() });
  await eventually('it is paid', paidOut);
  expect(payments()).toEqual({ 'miner-a': [5_000n] });
});

it('gives back what was cancelled before it was sent, with the coins that were signed for', async () => {
  await openNode([1_000_000n]);
  await owe({ 'miner-a': 5_000n });
  // The process ends between the signature and the first byte that leaves.
  const handOver = outbox.handOver;
  outbox = { ...outbox, handOver: () => Promise.reject(new Error('the process ends here')) };
  pay();
  await eventually('it is signed', stateIs('signed'));
  await stop();
  expect(node.chain.spendable()).toEqual([]);
  outbox = { ...outbox, handOver };
  const [batch] = await outbox.open(CHAIN);
  await outbox.cancel(batch?.id ?? 0n, 4, { by: BY, atMs: Date.now() });
  expect(node.chain.waiting).toBe(0);
  pay();
  await eventually('it is planned anew and paid', paidOut);
  expect(payments()).toEqual({ 'miner-a': [5_000n] });
});

it('keeps a batch whose coins were spent behind its back until that is final, and pays its miners then', async () => {
  await openNode([20_000n, 50_000n]);
  await owe({ 'miner-a': 15_000n });
  // The node has it and forgets it; somebody spends the same coin by hand.
  const running = pay({ broadcast: () => Promise.resolve() });
  await eventually('it is out', stateIs('broadcast'));
  const [batch] = await outbox.open(CHAIN);
  const [spend = ''] = batch?.transactions[0]?.spends ?? [];
  const amount = node.chain.coinValue(spend);
  const byHand = { spends: [spend], outputs: [{ address: 'elsewhere', amount: amount - 1n }], fee: 1n };
  node.chain.accept(encodeTransaction(byHand));
  node.chain.mine();
  await eventually('it is found', stateIs('conflicted'));
  await eventually('it is told', () => Promise.resolve(reasonOf(running).includes('something else spends')));
  const cancel = (): Promise<void> => outbox.cancel(batch?.id ?? 0n, 4, { by: BY, atMs: Date.now() });
  await expect(cancel()).rejects.toMatchObject({ code: 'PAYOUT_STATE' });
  expect(await outbox.debts(CHAIN)).toEqual([]);
  for (let block = 0; block < 4; block++) node.chain.mine();
  await eventually('it is final', () =>
    cancel().then(
      () => true,
      () => false,
    ),
  );
  await stop();
  pay();
  await eventually('its miners are paid', paidOut);
  expect(payments()).toEqual({ 'miner-a': [15_000n], elsewhere: [amount - 1n] });
});

it('takes a payout back that a reorg took out, and books it again when it is in the chain again', async () => {
  await openNode([1_000_000n]);
  await owe({ 'miner-a': 5_000n });
  pay();
  await eventually('it is confirmed', async () => {
    if (node.chain.waiting > 0) for (let block = 0; block < 2; block++) node.chain.mine();
    return stateIs('confirmed')();
  });
  node.chain.reorganise(2, () => true);
  await eventually(
    'it is sent again',
    async () => node.chain.waiting === 1 && (await stateIs('broadcast')()),
  );
  await eventually('it is paid', paidOut);
  expect(payments()).toEqual({ 'miner-a': [5_000n] });
  const [batch] = await outbox.list({ pools: ['main'] }, { limit: 1, offset: 0 });
  expect(batch).toMatchObject({ state: 'confirmed', transactions: [{ standing: 'confirmed' }] });
});
