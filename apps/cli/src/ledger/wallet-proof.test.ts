import type { PayoutTask } from '@otedama/app-pool-accounting';
import type { Assets, PayoutBatch } from '@otedama/ledger';
import { type TransactionStanding, WalletError } from '@otedama/payouts';
import { describeWallets } from './prove.ts';
import { checkWallets, isProven, type WalletCheck } from './wallet-proof.ts';

const unitOf = () => ({ decimals: 8, symbol: 'LTC' });
const books = (poolId: string, immatureAtomic: bigint, walletAtomic: bigint): Assets => ({
  poolId,
  coin: 'litecoin',
  immatureAtomic,
  walletAtomic,
});

/** The parts of a wallet that the proof asks; the real ones are tested against their daemons in libs/wallets. */
const taskOf = (
  pool: string,
  balance: () => Promise<{ spendableAtomic: bigint; pendingAtomic: bigint }>,
  standing: TransactionStanding = { kind: 'unknown' },
): PayoutTask => {
  const wallet = { balance, standing: async () => standing } as unknown as PayoutTask['wallet'];
  return { chain: { pool, coin: 'litecoin' }, wallet } as PayoutTask;
};

const batchOf = (over: Partial<PayoutBatch>): PayoutBatch => ({
  id: 1n,
  state: 'broadcast',
  feeRule: 'pool',
  grossAtomic: 100n,
  netAtomic: 100n,
  plannedAtMs: 0,
  note: undefined,
  transactions: [
    {
      txid: 'aa',
      raw: '',
      feeAtomic: 7n,
      spends: ['x:0'],
      signedAtMs: 1,
      handedOverAtMs: 2,
      lookedAtMs: undefined,
      standing: 'unknown',
      confirmations: 0,
    },
  ],
  ...over,
});

const check = (
  assets: readonly Assets[],
  tasks: readonly PayoutTask[],
  batches: readonly PayoutBatch[] = [],
): Promise<readonly WalletCheck[]> =>
  checkWallets({
    assets: async () => assets,
    outbox: { open: async ({ pool }) => (pool === 'main' ? batches : []) },
    walletOf: () => 'one wallet',
    tasks,
  });

const holds =
  (spendableAtomic: bigint, pendingAtomic = 0n) =>
  async () => ({ spendableAtomic, pendingAtomic });

it('finds the books and the wallet equal, immature coins included', async () => {
  const checks = await check([books('main', 500n, 1_000n)], [taskOf('main', holds(900n, 600n))]);
  expect(checks).toMatchObject([{ verdict: 'equal', bookedAtomic: 1_500n, heldAtomic: 1_500n }]);
  expect(isProven(checks)).toBe(true);
});

it('fails by the last unit that the wallet lacks, and says how much', async () => {
  const checks = await check([books('main', 0n, 1_000n)], [taskOf('main', holds(999n))]);
  expect(isProven(checks)).toBe(false);
  expect(describeWallets(checks, unitOf)).toBe(
    'WRONG: main, litecoin: the books have 0.00001 LTC, and the wallet has 0.00000999 LTC: it lacks 0.00000001 LTC',
  );
});

it('does not fail for coins that somebody sent, and shows them', async () => {
  const checks = await check([books('main', 0n, 1_000n)], [taskOf('main', holds(1_001n))]);
  expect(isProven(checks)).toBe(true);
  expect(describeWallets(checks, unitOf)).toContain('0.00000001 LTC more, which nobody has booked');
});

it.each([
  ['is in a memory pool', { kind: 'pending' } as const, {}, 1_000n - 107n],
  [
    'has confirmed at another fee',
    { kind: 'confirmed', confirmations: 1, blockHash: '', feeAtomic: 9n } as const,
    {},
    1_000n - 109n,
  ],
  [
    'paid nobody and cost its fee',
    { kind: 'failed', confirmations: 1, blockHash: '', feeAtomic: 9n } as const,
    {},
    1_000n - 9n,
  ],
  ['is nowhere', { kind: 'unknown' } as const, {}, 1_000n],
  [
    'is booked as confirmed',
    { kind: 'confirmed', confirmations: 9, blockHash: '', feeAtomic: 9n } as const,
    { state: 'confirmed' } as const,
    1_000n,
  ],
])('counts a payout that %s', async (_, standing, over, held) => {
  const checks = await check(
    [books('main', 0n, 1_000n)],
    [taskOf('main', holds(held), standing)],
    [batchOf(over)],
  );
  expect(checks).toMatchObject([{ verdict: 'equal' }]);
});

it('asks nobody about a transaction that was never handed over', async () => {
  const [transaction] = batchOf({}).transactions;
  if (transaction === undefined) throw new Error('no transaction');
  const unsent = batchOf({ state: 'signed', transactions: [{ ...transaction, handedOverAtMs: undefined }] });
  const checks = await check(
    [books('main', 0n, 1_000n)],
    [taskOf('main', holds(1_000n), { kind: 'pending' })],
    [unsent],
  );
  expect(checks).toMatchObject([{ verdict: 'equal', leavingAtomic: 0n }]);
});

it('adds up pools that share a wallet', async () => {
  const tasks = [taskOf('main', holds(1_700n)), taskOf('solo', holds(1_700n))];
  expect(await check([books('main', 0n, 1_000n), books('solo', 0n, 700n)], tasks)).toMatchObject([
    { pools: ['main', 'solo'], verdict: 'equal' },
  ]);
});

it('says what it could not check, and proves nothing by a wallet that does not answer', async () => {
  const away = taskOf('main', () => {
    throw new WalletError('WALLET_UNREACHABLE', { coin: 'litecoin', detail: 'nobody listens' });
  });
  const checks = await check([books('main', 0n, 1n), books('other', 0n, 2n)], [away]);
  expect(checks).toMatchObject([{ verdict: 'unreachable' }, { pools: ['other'], verdict: 'not-configured' }]);
  expect(isProven(checks)).toBe(false);
  expect(isProven(checks.slice(1))).toBe(true);
  expect(describeWallets(checks, unitOf)).toMatch(/NOT PROVEN: main.*nobody listens[^]*NOT CHECKED: other/);
});

it('looks again when the books move meanwhile', async () => {
  const seen = [1_000n, 1_200n, 1_500n];
  const assets = async () => [books('main', 0n, seen.shift() ?? 1_500n)];
  const [moved] = await checkWallets({
    assets,
    outbox: { open: async () => [] },
    walletOf: () => 'w',
    tasks: [taskOf('main', holds(1_500n))],
  });
  expect(moved).toMatchObject({ bookedAtomic: 1_500n, verdict: 'equal' });
});
