/**
 * What a share costs on its way into a batch and out of it again, as JSON: added, closed with its batch, read by
 * accounting. Each of the 256 shares of a batch has an account of its own, the dearest case.
 *
 *   node libs/contracts/bench/share-batch.bench.ts
 */
import { MAX_RECORDS, ShareBatchBuilder, ShareBatchView, type ShareInput } from '../src/index.ts';

const ROUNDS = 7;
const BATCHES = 400;

const shares = Array.from({ length: MAX_RECORDS }, (_, index): ShareInput => ({
  jobKey: 7,
  address: 'bc1qexampleexampleexampleexampleexample',
  worker: `rig${index}`,
  nTime: 1_700_000_000,
  nonce: index,
  version: 0x20000000,
  extranonce: new Uint8Array(8).fill(index),
  targetLe: new Uint8Array(32).fill(0xff),
  work: 65_536n,
  receivedAtMs: 1_700_000_000_123,
  connectionSlot: 0,
  requestSlot: index,
}));
const id = new Uint8Array(16).fill(5);

const best = (run: () => number): number => Math.min(...Array.from({ length: ROUNDS }, run));

/** Nanoseconds a share. */
const timed = (body: () => void): number => {
  const from = process.hrtime.bigint();
  for (let batch = 0; batch < BATCHES; batch++) body();
  return Math.round(Number(process.hrtime.bigint() - from) / BATCHES / MAX_RECORDS);
};

const fill = (builder: ShareBatchBuilder): Buffer => {
  for (const share of shares) builder.add(share);
  return builder.close(id, 42);
};

const builder = new ShareBatchBuilder('bench');
const batch = fill(builder);
const sum = (): void => {
  const view = new ShareBatchView(batch);
  let work = 0;
  for (let index = 0; index < view.count; index++) work += view.workLimb(index, 0);
  if (work !== 65_536 * MAX_RECORDS || view.accounts().length !== MAX_RECORDS) {
    throw new Error('the batch is not what was put in');
  }
};

console.log(
  JSON.stringify({
    bench: 'share-batch',
    node: process.version,
    addAndCloseNsPerShare: best(() => timed(() => fill(builder))),
    sumNsPerShare: best(() => timed(sum)),
  }),
);
