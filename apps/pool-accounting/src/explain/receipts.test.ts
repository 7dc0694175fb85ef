import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogEntry, ReceiptSummary, ShareProofSummary } from '@otedama/contracts';
import { shareProofReplySchema } from '@otedama/contracts';
import { createLedger, type Ledger } from '@otedama/ledger';
import { createBatch, startTestDatabase, type TestDatabase } from '@otedama/ledger/testing';
import { receiptRoot } from '@otedama/native';
import { receiptDigest, type ReceiptHead } from '@otedama/receipts';
import { createExplainQueries, type ExplainQueries } from './queries.ts';

// A real database, and a process for each check of a proof, on a machine that may be busy with other things.
import.meta.jest.setTimeout(240_000);

const VERIFIER = fileURLToPath(new URL('../../../../tools/verify-receipt.mjs', import.meta.url));
const NOW = 1_700_000_000_000;
const never = new AbortController().signal;
let database: TestDatabase;
let queries: ExplainQueries;
let dir: string;
let proof: ShareProofSummary;
let receipts: readonly ReceiptSummary[];

const book = async (ledger: Ledger, entries: readonly LogEntry[]): Promise<void> => {
  const read = async (after: bigint, limit: number) =>
    entries.filter(({ sequence }) => sequence > after).slice(0, limit);
  await ledger.bookShares({ read }, never);
};

/** Four minutes with three batches each. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'otedama-verify-'));
  database = await startTestDatabase();
  let nowMs = NOW;
  const ledger = createLedger(database.db, { clock: () => nowMs, receiptRoot });
  const entries: LogEntry[] = [];
  for (let minute = 0; minute < 4; minute++) {
    for (let batch = 0; batch < 3; batch++) {
      const shares = Array.from({ length: 5 }, (_, i) => ({ address: `miner${i}`, worker: 'rig', work: 9n }));
      const sequence = BigInt(entries.length + 1);
      entries.push({ sequence, payload: createBatch({ poolId: 'main', closedAtMs: nowMs, shares }) });
    }
    await book(ledger, entries);
    nowMs += 60_000;
  }
  const readAt = async (wanted: bigint) => entries.find(({ sequence }) => sequence === wanted);
  queries = createExplainQueries({ ledger, logs: { shares: { readAt } }, clock: () => nowMs }, []);
  const reply = shareProofReplySchema.parse(
    await queries.shareProof({ poolId: 'main', sequence: '5', index: 3 }),
  );
  if (!reply.ok) throw new Error(reply.reason);
  proof = reply.proof;
  receipts = await queries.receipts({ poolId: 'main', limit: 10, offset: 0 });
});
afterAll(async () => {
  await database.dispose();
  rmSync(dir, { recursive: true, force: true });
});

interface Verdict {
  readonly status: number | null;
  readonly words: string;
}

/** As a miner runs it, who has nothing of ours but the file. */
const verify = (given: unknown, ...args: readonly string[]): Verdict => {
  const file = join(dir, 'proof.json');
  writeFileSync(file, JSON.stringify(given));
  const { status, stdout, stderr } = spawnSync(process.execPath, [VERIFIER, file, ...args], {
    encoding: 'utf8',
  });
  return { status, words: `${stdout}${stderr}` };
};

const withReceipts = (list: unknown): string[] => {
  const file = join(dir, 'receipts.json');
  writeFileSync(file, JSON.stringify(list));
  return ['--receipts', file];
};

it('is proven by the independent verifier, alone and within the chain of all receipts', () => {
  const alone = verify(proof);
  expect(alone).toMatchObject({ status: 0 });
  expect(alone.words).toContain(`a share of miner3.rig is in receipt ${proof.receipt.number} of pool main`);
  expect(alone.words).toContain('accepted, work 9');
  const newest = receipts[0]?.digest ?? '';
  expect(receipts).toHaveLength(4);
  expect(verify(proof, '--digest', newest, ...withReceipts({ items: receipts }))).toMatchObject({
    status: 0,
  });
});

/** Every leaf of the proof, by the way to it. */
const leavesOf = (value: unknown, way: readonly (string | number)[] = []): (readonly (string | number)[])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...way, key]))
    : [way];

const changed = (value: string | number): string | number => {
  if (typeof value === 'number') return value + 1;
  if (/^\d{1,15}$/.test(value)) return String(Number(value) + 1);
  return `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`;
};

/** What is there for people to read is in the account's bytes as well. */
const FOR_PEOPLE = new Set(['share.address', 'share.worker']);

it('is not proven once anything of it is changed', () => {
  const ways = leavesOf(proof).filter((way) => !FOR_PEOPLE.has(way.join('.')));
  expect(ways.length).toBeGreaterThan(18);
  for (const way of ways) {
    const copy = structuredClone(proof);
    let inner = copy as unknown as Record<string, unknown>;
    for (const key of way.slice(0, -1)) inner = inner[key] as Record<string, unknown>;
    const key = String(way.at(-1));
    inner[key] = changed(inner[key] as string | number);
    expect({ way, ...verify(copy) }).toMatchObject({
      way,
      status: 1,
      words: expect.stringContaining('NOT PROVEN'),
    });
  }
});

it('is not proven by less or more than it is made of', () => {
  const { batch, path } = proof;
  const [first = ''] = batch.path;
  for (const broken of [
    {},
    { ...proof, path: path.slice(1) },
    { ...proof, path: [...path, first] },
    { ...proof, batch: { ...batch, path: batch.path.slice(1) } },
    // An inner node in the place of a leaf's neighbour.
    { ...proof, batch: { ...batch, path: batch.path.toReversed() } },
    { ...proof, share: { ...proof.share, record: proof.share.record.slice(2) } },
  ]) {
    expect(verify(broken).status).toBe(1);
  }
});

const headOf = ({ audit, ...receipt }: ReceiptSummary): ReceiptHead => ({
  ...receipt,
  number: BigInt(receipt.number),
  afterSequence: BigInt(receipt.afterSequence),
  toSequence: BigInt(receipt.toSequence),
  shares: BigInt(receipt.shares),
  root: Buffer.from(receipt.root, 'hex'),
  previous: Buffer.from(receipt.previous, 'hex'),
  audit: audit && { sequence: BigInt(audit.sequence), hash: Buffer.from(audit.hash, 'hex') },
});

it('is proven as well by a receipt from before there was an audit log', () => {
  const { audit, ...receipt } = proof.receipt;
  expect(audit).toBeDefined();
  const digest = receiptDigest({ ...headOf(receipt), audit: undefined }).toString('hex');
  const first = { ...proof, format: 'otedama-receipt-1', receipt: { ...receipt, digest } };
  expect(verify(first).status).toBe(0);
  expect(verify({ ...first, format: 'otedama-receipt-2' }).status).toBe(1);
});

it('is not proven by receipts that were changed, left out, or are of another history', () => {
  const second = receipts.at(-2);
  if (second === undefined) throw new Error('no receipt');
  // Whole in itself, and of another history.
  const head = { ...headOf(second), previous: Buffer.alloc(32, 7) };
  const forged = {
    ...second,
    previous: head.previous.toString('hex'),
    digest: receiptDigest(head).toString('hex'),
  };
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['a receipt is missing', receipts.filter((receipt) => receipt !== second), []],
    ['the digest is not its own', receipts.map((r) => (r === second ? { ...r, shares: '1' } : r)), []],
    ['does not follow', receipts.map((r) => (r === second ? forged : r)), []],
    ['not among those', receipts.slice(0, 1), []],
    ['the digest that you kept', receipts, ['--digest', 'ab'.repeat(32)]],
  ];
  for (const [words, list, args] of cases) {
    const verdict = verify(proof, ...args, ...withReceipts(list));
    expect({ ...verdict, expected: verdict.words.includes(words) }).toMatchObject({
      status: 1,
      expected: true,
    });
  }
  // A digest of an earlier receipt says nothing about a later share.
  const late = receipts.at(-1)?.digest ?? '';
  expect(verify(proof, '--digest', late, ...withReceipts(receipts)).status).toBe(1);
});

it('finds the share that the proof is of', async () => {
  const request = { poolId: 'main', address: 'miner3', atMs: NOW + 60_000, limit: 100 };
  const shares = await queries.shares(request);
  expect(shares).toContainEqual(
    expect.objectContaining({ sequence: '5', index: 3, worker: 'rig', work: '9' }),
  );
});
