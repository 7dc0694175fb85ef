import { type PayoutDecisionRequest, silentLogger } from '@otedama/contracts';
import { createAuditBook, createLedger, createPayoutOutbox, type PayoutOutbox } from '@otedama/ledger';
import { creditMatured, startTestDatabase, type TestDatabase } from '@otedama/ledger/testing';
import { type PayoutWallet, WalletError } from '@otedama/payouts';
import { createPayoutDesk, type PayoutDesk } from './desk.ts';
import type { PayoutTask } from './payouts.ts';

// A real database on a machine that may be busy with other things.
const NOW = 1_795_000_000_000;
const CHAIN = { pool: 'main', coin: 'litecoin' };
const ALICE = { kind: 'user', id: '7', name: 'alice' } as const;

/** One that answers questions about money and can be away; nothing here signs or sends. */
const walletOf = (isAway: () => boolean): PayoutWallet => {
  const nothing = (): never => {
    throw new Error('the desk signs and sends nothing');
  };
  return {
    coin: 'litecoin',
    maxPayees: 10,
    check: async () => {
      if (isAway()) throw new WalletError('WALLET_UNREACHABLE', { coin: 'litecoin', detail: 'it is away' });
    },
    balance: async () => ({ spendableAtomic: 1_200n, pendingAtomic: 0n }),
    costs: async () => ({ dustAtomic: () => 1n, baseFeeAtomic: 1n, payeeFeeAtomic: 1n }),
    canonical: (address) => address,
    sign: nothing,
    broadcast: nothing,
    standing: nothing,
    release: nothing,
    close: () => undefined,
  };
};

let database: TestDatabase;
let outbox: PayoutOutbox;
let desk: PayoutDesk;
let isAway = false;

beforeAll(async () => {
  database = await startTestDatabase();
});
beforeEach(async () => {
  await database.reset();
  isAway = false;
  outbox = createPayoutOutbox(database.db);
  const terms = { scheme: 'solo', window: { kind: 'work', networkBlocks: 2 }, feeBasisPoints: 0 } as const;
  await createLedger(database.db).registerPools([{ id: 'main', coin: 'litecoin', terms }]);
  await creditMatured(database, { ...CHAIN, owed: { carol: 1_000n, dave: 500n }, atMs: NOW - 1_000 });
  const task: PayoutTask = {
    chain: CHAIN,
    wallet: walletOf(() => isAway),
    terms: {
      rules: {
        minimumAtomic: 100n,
        lowestMinimumAtomic: 10n,
        feeRule: 'pool',
        maxPayees: 10,
        maxFeeBasisPoints: 5_000,
        approveAboveAtomic: 900n,
        batchLimitAtomic: undefined,
      },
      intervalMs: 1,
      dailyLimitAtomic: undefined,
      depths: { confirmations: 6, finalConfirmations: 100 },
      bumpAfterMs: 1_000,
      maxInFlight: 2,
      retryMs: 1_000,
    },
    decimals: 8,
  };
  const deps = { outbox, tasks: [task], clock: () => NOW, logger: silentLogger };
  desk = createPayoutDesk(deps, ['main']);
});
afterAll(() => database.dispose());

const planBatch = (): Promise<bigint> =>
  outbox.plan(
    CHAIN,
    {
      feeRule: 'pool',
      payees: [
        { address: 'carol', amountAtomic: 1_000n, debits: [{ account: 'carol', grossAtomic: 1_000n }] },
      ],
    },
    NOW,
  );

const decide = (id: bigint, over: Partial<PayoutDecisionRequest> = {}) =>
  desk.decide({
    id: id.toString(),
    decision: 'approve',
    reason: 'known to us',
    actor: ALICE,
    address: '203.0.113.9',
    ...over,
  });

const audited = async () =>
  (await createAuditBook(database.db).list({}, { limit: 9, offset: 0 })).map(({ event }) => event);

it('approves what waits for a person, and writes down who it was', async () => {
  const id = await planBatch();
  await outbox.awaitApproval(id, { atMs: NOW });
  expect(await desk.batches({ isOpen: true, limit: 9, offset: 0 })).toMatchObject([
    { id: id.toString(), state: 'awaiting_approval', netAtomic: '1000' },
  ]);
  expect(await decide(id)).toMatchObject({ ok: true, batch: { state: 'approved' } });
  expect(await audited()).toMatchObject([
    {
      actor: ALICE,
      action: 'payout.approve',
      target: `payout batch ${id}`,
      address: '203.0.113.9',
      details: { reason: 'known to us', net: '1000' },
    },
  ]);
});

it('refuses what the state of a batch forbids, changes nothing and writes nothing down', async () => {
  const id = await planBatch();
  expect(await decide(id, { decision: 'retry' })).toMatchObject({ ok: false, code: 'conflict' });
  expect(await decide(id, { decision: 'cancel' })).toMatchObject({ ok: true, batch: { state: 'cancelled' } });
  expect(await decide(id)).toMatchObject({ ok: false, code: 'conflict' });
  expect(await decide(99n)).toMatchObject({ ok: false, code: 'not-found' });
  expect((await audited()).map(({ action }) => action)).toEqual(['payout.cancel']);
  expect(await outbox.debts(CHAIN)).toHaveLength(2);
});

it('tells whom the next planning would pay and who would wait, and plans nothing by it', async () => {
  expect(await desk.plan({})).toMatchObject([
    {
      poolId: 'main',
      plan: {
        netAtomic: '1000',
        needsApproval: true,
        outputs: [{ address: 'carol', amountAtomic: '1000' }],
        held: [{ address: 'dave', owedAtomic: '500', reason: 'funds' }],
        heldTotal: 1,
      },
    },
  ]);
  expect(await desk.batches({ isOpen: false, limit: 9, offset: 0 })).toEqual([]);
  expect(await desk.plan({ poolId: 'other' })).toEqual([]);
  isAway = true;
  expect(await desk.plan({})).toEqual([{ poolId: 'main', coin: 'litecoin', plan: null }]);
});
