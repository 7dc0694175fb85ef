/** The audit itself: a check that cannot fail would let everything pass. */
import { ShareBatchBuilder } from '@otedama/contracts';
import { type LogReader, type Query, ShareAudit, endOf } from './share-audit.ts';

const VERDICT_OFFSET = 64 + 7;
const HASH_OFFSET = 64 + 160;
const RECORD_BYTES = 192;

/** A batch as the log has it: each share accepted, its hash the number repeated. */
const batchOf = (id: number, ...shares: readonly number[]): Buffer => {
  const builder = new ShareBatchBuilder('pool');
  for (const nonce of shares) {
    builder.add({
      jobKey: 1,
      address: 'miner',
      worker: 'rig',
      nTime: 0,
      nonce,
      version: 0,
      extranonce: new Uint8Array(8),
      targetLe: new Uint8Array(32),
      work: 10n,
      receivedAtMs: 0,
      connectionSlot: 0,
      requestSlot: 0,
    });
  }
  const batch = builder.close(new Uint8Array(16).fill(id), 0);
  shares.forEach((share, i) => {
    batch[VERDICT_OFFSET + i * RECORD_BYTES] = 1;
    batch.fill(share, HASH_OFFSET + i * RECORD_BYTES, HASH_OFFSET + i * RECORD_BYTES + 32);
  });
  return batch;
};

const hashOf = (share: number): string => Buffer.alloc(32, share).toString('hex');

interface Books {
  readonly batches: readonly Buffer[];
  readonly accepted: number;
  readonly position: string;
  /** Up to where there are receipts, and what they say. */
  readonly receipted?: number;
  readonly receipts?: readonly { pool: string; shares: string; breaks: number }[];
}

/** Answers what the audit asks of tables that agree in everything but what the test says. */
const queryOf = ({ accepted, position, receipted = 0, receipts = [] }: Books): Query => {
  const answer = (sql: string): readonly Record<string, unknown>[] => {
    if (sql.includes('FROM consumer')) return [{ position }];
    if (sql.includes('FROM block LEFT JOIN')) return [];
    if (sql.includes('FROM share_interval')) return [{ after: String(receipted) }];
    if (sql.includes('FROM share_receipt')) return receipts;
    const key = sql.includes('miner.address') ? 'pool miner rig' : 'pool';
    return [{ key, accepted: String(accepted), rejected: '0', work: String(accepted * 10) }];
  };
  return async <Row extends Record<string, unknown>>(sql: string) => answer(sql) as readonly Row[];
};

const readerOf =
  ({ batches }: Books): LogReader =>
  async (after) =>
    batches
      .map((payload, i) => ({ sequence: String(i + 1), payload }))
      .filter(({ sequence }) => BigInt(sequence) > after);

const audit = async (
  books: Books,
  ...acknowledged: readonly number[]
): Promise<{ lost: number; doubled: number; problems: number }> => {
  const audit = new ShareAudit();
  audit.acknowledge(acknowledged.map(hashOf));
  const query = queryOf(books);
  const read = readerOf(books);
  await audit.readLog(read);
  const end = await endOf(read);
  const problems = await audit.problems(query, { SHARES: end, BLOCKS: end });
  return { lost: audit.lost().length, doubled: audit.doubled().length, problems: problems.length };
};

describe('the audit of the kill test', () => {
  const batches = [batchOf(1, 1, 2), batchOf(2, 3)];
  const good: Books = { batches, accepted: 3, position: '2' };

  it('is content when everything agrees, also with shares that nobody was told of', async () => {
    expect(await audit(good, 1, 3)).toEqual({ lost: 0, doubled: 0, problems: 0 });
  });

  it('misses a share that was acknowledged and not logged', async () => {
    expect(await audit(good, 1, 4)).toEqual({ lost: 1, doubled: 0, problems: 0 });
  });

  it('sees a share twice in the log, and two answers for one share', async () => {
    const twice: Books = { batches: [...batches, batchOf(3, 2)], accepted: 3, position: '3' };
    expect(await audit(twice, 2)).toEqual({ lost: 0, doubled: 1, problems: 0 });
    // Counted twice in every place.
    expect(await audit({ ...twice, accepted: 4 }, 2)).toEqual({ lost: 0, doubled: 1, problems: 6 });
    expect(await audit(good, 2, 2)).toEqual({ lost: 0, doubled: 1, problems: 0 });
  });

  it('sees each sum of the ledger that differs from the log, and logs that are not booked', async () => {
    expect(await audit({ ...good, accepted: 4 })).toMatchObject({ problems: 6 });
    expect(await audit({ ...good, position: '1' })).toMatchObject({ problems: 2 });
  });

  it('sees receipts that leave out a share, have one twice, or are no chain', async () => {
    const receipts = (shares: number, breaks = 0) => [{ pool: 'pool', shares: String(shares), breaks }];
    const closed = { ...good, receipted: 2 };
    expect(await audit({ ...closed, receipts: receipts(3) })).toMatchObject({ problems: 0 });
    expect(await audit({ ...good, receipted: 1, receipts: receipts(2) })).toMatchObject({ problems: 0 });
    for (const wrong of [[], receipts(2), receipts(4), receipts(3, 1)]) {
      expect(await audit({ ...closed, receipts: wrong })).toMatchObject({ problems: 1 });
    }
  });
});
