/** The books of a pool that runs, explained, proved, given out and corrected by the commands of its operator. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BlockSummary,
  type LoggedShare,
  type PoolSummary,
  type ReceiptSummary,
  type Settlement,
  settlementSchema,
  type ShareProofSummary,
  type Statement,
} from '@otedama/contracts';
import {
  type Otedama,
  REPOSITORY,
  type Ran,
  type Scratch,
  runBeside,
  scratchDirectory,
  startOtedama,
} from '@otedama/test-harness';

let scratch: Scratch;
let otedama: Otedama;
let pool: PoolSummary;

const run = (...args: readonly string[]): Ran => runBeside(scratch.path, ['ledger', ...args]);

const items = async <Item>(path: string): Promise<readonly Item[]> =>
  (await otedama.get<{ items: readonly Item[] }>(path)).items;

const until = async <Value>(read: () => Promise<Value | undefined>): Promise<Value> => {
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    await delay(250);
  }
};

beforeAll(async () => {
  scratch = scratchDirectory('explained');
  otedama = await startOtedama({
    dataDir: scratch.path,
    config: "pool: {address: '127.0.0.1:PORT'}\nmining: {cpu: {threads: 1}}\n",
  });
  pool = await until(async () =>
    (await otedama.get<PoolSummary[]>('/api/v1/pools')).find((each) => each.blocks.accepted > 1),
  );
}, 180_000);
afterAll(async () => {
  await otedama?.stop();
  scratch?.remove();
}, 60_000);

const oldestBlock = async (): Promise<BlockSummary> => {
  const block = (await items<BlockSummary>('/api/v1/blocks?limit=1000')).at(-1);
  if (block === undefined) throw new Error('no block');
  return block;
};

it('proves the books beside the running pool, and says that no wallet could be asked', () => {
  const proof = run('prove');
  expect(proof.status).toBe(0);
  expect(proof.stdout).toMatch(/bitcoin: assets (\S+) (\S+) = liabilities \1 \2\nNOT CHECKED: /);
  expect(JSON.parse(run('prove', '--json').stdout)).toMatchObject({ ok: true, problems: [] });
}, 60_000);

it('explains a block the same way by command and by API, to the last unit', async () => {
  const { coin, hash } = await oldestBlock();
  // Not by its height, which an orphan may have as well.
  const explained = run('explain', hash, '--json');
  expect(explained).toMatchObject({ status: 0 });
  const sheet: Settlement = settlementSchema.parse(JSON.parse(explained.stdout));
  const served = settlementSchema.parse(await otedama.get(`/api/v1/blocks/${coin}/${hash}/settlement`));
  expect(served.miners).toEqual(sheet.miners);
  expect(sheet).toMatchObject({ hash, verdict: 'equal', remainderAtomic: '0' });
  const [A, W] = [BigInt(sheet.dividedAtomic), BigInt(sheet.totalWork)];
  for (const { work, cumulativeWork, bookedAtomic } of sheet.miners) {
    const [upTo, before] = [BigInt(cumulativeWork), BigInt(cumulativeWork) - BigInt(work)];
    expect((A * upTo) / W - (A * before) / W).toBe(BigInt(bookedAtomic));
  }
  expect(run('explain', hash.slice(-12)).stdout).toContain('equal to what was booked');
  expect(run('explain', 'ffffffffffff')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no block'),
  });
}, 60_000);

it('gives out every posting, and each entry of it balances', () => {
  const lines = run('export', '--json').stdout.trimEnd().split('\n');
  const sums = new Map<string, bigint>();
  for (const line of lines) {
    const { entry, amount_atomic } = JSON.parse(line) as { entry: string; amount_atomic: string };
    sums.set(entry, (sums.get(entry) ?? 0n) + BigInt(amount_atomic));
  }
  expect(sums.size).toBeGreaterThan(1);
  expect(new Set(sums.values())).toEqual(new Set([0n]));
  expect(run('export', '--from', '2100-01-01').stdout.trimEnd().split('\r\n')).toHaveLength(1);
}, 60_000);

it('proves to a miner that a share is in a receipt, by a file of its own', async () => {
  const { finder } = await oldestBlock();
  const [address = ''] = finder.split('.');
  const receipts = await until(async () => {
    const list = await items<ReceiptSummary>(`/api/v1/pools/${pool.id}/receipts?limit=1000`);
    return list.length > 0 ? list : undefined;
  });
  const first = receipts.at(-1);
  if (first === undefined) throw new Error('no receipt');
  const around = `address=${address}&at=${first.closedAtMs}&limit=1000`;
  const shares = await otedama.get<readonly LoggedShare[]>(`/api/v1/pools/${pool.id}/shares?${around}`);
  const share = shares.find(({ sequence }) => BigInt(sequence) <= BigInt(first.toSequence));
  if (share === undefined) throw new Error('no share');
  const proof = await otedama.get<ShareProofSummary>(
    `/api/v1/pools/${pool.id}/shares/${share.sequence}/${share.index}/receipt`,
  );
  const [proofFile, receiptsFile] = [join(scratch.path, 'proof.json'), join(scratch.path, 'receipts.json')];
  writeFileSync(proofFile, JSON.stringify(proof));
  writeFileSync(receiptsFile, JSON.stringify(receipts));
  const verifier = join(REPOSITORY, 'tools/verify-receipt.mjs');
  const args = [verifier, proofFile, '--receipts', receiptsFile, '--digest', receipts[0]?.digest ?? ''];
  const verified = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(verified).toMatchObject({ status: 0, stderr: '' });
  expect(verified.stdout).toContain(`proven: a share of ${address}`);
}, 120_000);

it('states to a miner every credit, and takes a correction only with a reason', async () => {
  const { finder } = await oldestBlock();
  const [address = ''] = finder.split('.');
  const statement = await otedama.get<Statement>(`/api/v1/miners/${address}/statement`);
  expect(statement.balances[0]?.valuation).toMatchObject({ ok: false, reason: 'no_currency' });
  expect(statement.entries.at(-1)).toMatchObject({
    kind: 'block_credited',
    block: { windowTo: expect.any(String) },
  });

  const target = ['miner_matured', '0.5', '--address', address, '--pool', pool.id, '--coin', 'bitcoin'];
  expect(run('adjust', ...target).status).toBe(2);
  expect(run('adjust', ...target, '--reason', 'a share that was lost').stdout).toMatch(
    /^entry \d+: miner_matured 0.50/,
  );
  const less = ['miner_matured', '-1000000', ...target.slice(2), '--reason', 'too much'];
  expect(run('adjust', ...less)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('would owe the pool'),
  });
  const after = await otedama.get<Statement>(`/api/v1/miners/${address}/statement?limit=1000`);
  expect(after.entries.filter(({ kind }) => kind === 'adjusted')).toMatchObject([
    { amounts: [{ account: 'miner_matured', amountAtomic: '50000000' }] },
  ]);
}, 60_000);

it('proves the books also when nothing runs on them', async () => {
  await otedama.stop();
  expect(run('prove')).toMatchObject({ status: 0 });
  expect(run('prove').stdout).toContain('= liabilities');
}, 120_000);
