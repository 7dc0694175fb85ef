import type { ClientShare, ClientTask, ClientWork } from '@otedama/stratum/client';
import { RecentShares } from './recent-shares.ts';

const work = (jobId: string, task: ClientTask): ClientWork => ({
  workId: 1,
  jobId,
  clean: false,
  difficulty: 1,
  target: 1n,
  task,
});

const share = (nonce: bigint, extranonce2?: number): ClientShare => ({
  workId: 1,
  nonce,
  hash: Buffer.alloc(32),
  ...(extranonce2 === undefined
    ? {}
    : { rolled: { extranonce2: Buffer.alloc(4, extranonce2), nTime: 1, version: 2 } }),
});

const seal = (byte: number): ClientTask =>
  ({ kind: 'seal', headerHash: Buffer.alloc(32, byte) }) as unknown as ClientTask;
const coinbase = (byte: number): ClientTask =>
  ({ kind: 'coinbase', extranonce1: Buffer.alloc(4, byte) }) as unknown as ClientTask;

it('a header hash that comes again under another id brings no share twice', () => {
  const recent = new RecentShares();
  expect(recent.add(work('a00', seal(1)), share(7n))).toBe(true);
  expect(recent.add(work('a01', seal(1)), share(7n))).toBe(false);
  expect(recent.add(work('a01', seal(2)), share(7n))).toBe(true);
  expect(recent.add(work('a01', seal(1)), share(8n))).toBe(true);
});

it('a coinbase is told by its job, its extranonces and what was rolled', () => {
  const recent = new RecentShares();
  expect(recent.add(work('a', coinbase(1)), share(7n, 1))).toBe(true);
  expect(recent.add(work('a', coinbase(1)), share(7n, 1))).toBe(false);
  expect(recent.add(work('b', coinbase(1)), share(7n, 1))).toBe(true);
  expect(recent.add(work('a', coinbase(2)), share(7n, 1))).toBe(true);
  expect(recent.add(work('a', coinbase(1)), share(7n, 2))).toBe(true);
});

it('forgets the oldest', () => {
  const recent = new RecentShares();
  for (let nonce = 0n; nonce <= 512n; nonce++) recent.add(work('a', seal(1)), share(nonce));
  expect(recent.add(work('a', seal(1)), share(512n))).toBe(false);
  expect(recent.add(work('a', seal(1)), share(0n))).toBe(true);
});
