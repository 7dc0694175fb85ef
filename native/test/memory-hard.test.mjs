// Ethash, Etchash, KawPow and RandomX through the addon, with recorded shares of their chains.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const native = require('../index.js');
const { BuildProgress, CpuMiner, Searcher, ShareVerifier, benchmark, buildDataset, hash, hashBlob, hashSeal } = native;

const vectors = (name) =>
  JSON.parse(readFileSync(new URL(`../../test/vectors/${name}.json`, import.meta.url), 'utf8')).cases;
const hex = (text) => Buffer.from(text, 'hex');
const nonceOf = (text) => (/^[0-9a-f]{16}$/.test(text) ? BigInt(`0x${text}`) : BigInt(text));
const toTarget = (number) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
const EASIEST = (1n << 256n) - 1n;

const HEADER_BYTES = 64;
const RECORD_BYTES = 192;
const VERDICT = { accepted: 1, candidate: 2, lowDifficulty: 4 };

/** Records of job 1; the 64-bit nonces of seals take the places of nonce and version. */
const encodeBatch = (shares) => {
  const batch = Buffer.alloc(HEADER_BYTES + shares.length * RECORD_BYTES);
  batch.writeUInt32LE(0x3142534f, 0);
  batch.writeUInt16LE(1, 4);
  batch.writeUInt16LE(shares.length, 6);
  batch.writeUInt32LE(batch.length, 32);
  shares.forEach(({ nonce, target, mix }, index) => {
    const record = batch.subarray(HEADER_BYTES + index * RECORD_BYTES);
    record.writeUInt32LE(1, 0);
    record.writeBigUInt64LE(nonce, 12);
    toTarget(target).copy(record, 64);
    mix?.copy(record, 160);
  });
  return batch;
};

const recordOf = (batch, index) => {
  const record = batch.subarray(HEADER_BYTES + index * RECORD_BYTES, HEADER_BYTES + (index + 1) * RECORD_BYTES);
  return { verdict: record[7], powHash: record.subarray(128, 160), mix: record.subarray(160, 192) };
};

const firstSeal = (name, blocks) => vectors(name).find((each) => each.kind === 'hash' && each.height < blocks);
const ethash = firstSeal('ethash', 30_000);
const kawpow = firstSeal('kawpow', 7_500);
const monero = vectors('randomx').find((each) => each.kind === 'block');

for (const [algorithm, each] of [
  ['ethash', ethash],
  ['kawpow', kawpow],
]) {
  test(`judges a recorded ${algorithm} share, true mix and false`, async () => {
    const verifier = new ShareVerifier(algorithm, 2);
    await verifier.prepare({ blockNumber: each.height });
    const job = { headerHash: hex(each.header_hash), blockNumber: each.height };
    verifier.addJob(1, { ...job, networkTarget: toTarget(0n) });
    const number = BigInt(`0x${each.final_hash}`);
    const nonce = nonceOf(String(each.nonce));
    const batch = encodeBatch([
      { nonce, target: number, mix: hex(each.mix_hash) },
      { nonce, target: number },
      { nonce, target: number - 1n },
      { nonce, target: 1n, mix: Buffer.alloc(32, 7) },
    ]);
    assert.deepEqual(await verifier.verifyBatch(batch), { accepted: 2, candidates: 0, rejected: 2 });
    for (const index of [0, 1, 2]) {
      const { verdict, powHash, mix } = recordOf(batch, index);
      assert.equal(verdict, index < 2 ? VERDICT.accepted : VERDICT.lowDifficulty);
      assert.deepEqual([powHash, mix], [hex(each.final_hash), hex(each.mix_hash)]);
    }
    assert.equal(recordOf(batch, 3).verdict, VERDICT.lowDifficulty);
    const proof = await hashSeal(algorithm, job.headerHash, job.blockNumber, nonce);
    assert.deepEqual(proof, { mix: hex(each.mix_hash), hash: hex(each.final_hash) });
  });
}

test('judges and mines RandomX from the cache', async (t) => {
  const blob = hex(monero.hashing_blob);
  const seed = hex(monero.seed_hash);
  assert.deepEqual(await hashBlob('randomx', blob, seed), hex(monero.pow_hash));
  const verifier = new ShareVerifier('randomx');
  const number = BigInt(`0x${hex(monero.pow_hash).reverse().toString('hex')}`);
  const job = { blob, nonceOffset: monero.nonce_offset, seed };
  verifier.addJob(1, { ...job, networkTarget: toTarget(number) });
  const nonce = BigInt(hex(monero.nonce).readUInt32LE());
  const batch = encodeBatch([{ nonce, target: 0n }, { nonce: nonce + 1n, target: 0n }]);
  assert.deepEqual(await verifier.verifyBatch(batch), { accepted: 1, candidates: 1, rejected: 1 });
  assert.deepEqual(recordOf(batch, 0).powHash, hex(monero.pow_hash));

  // Every nonce is a share, found long before the dataset is there.
  let found;
  const share = new Promise((resolve) => (found = resolve));
  const miner = new CpuMiner({ algorithm: 'randomx', threads: 1 }, (each) => found(each));
  const alive = setInterval(() => {}, 1000);
  t.after(async () => {
    await miner.close();
    clearInterval(alive);
  });
  assert.equal(miner.readiness().state, 'waiting');
  miner.setWork({ ...job, workId: 9, target: toTarget(EASIEST), firstNonce: nonce, endNonce: nonce + 1n });
  const { workId, nonce: at, powHash, rolled } = await share;
  assert.deepEqual([workId, at, powHash, rolled], [9, nonce, hex(monero.pow_hash), undefined]);
});

test('cancels the build of a dataset and reports how far it came', async () => {
  const progress = new BuildProgress();
  const building = buildDataset('ethash', { blockNumber: 0, threads: 1 }, progress);
  while (progress.done === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(progress.done < progress.total);
  progress.cancel();
  await assert.rejects(building, { code: 'CANCELLED' });
});

test('searches a range, and stops when it is cancelled', async () => {
  const searcher = new Searcher('sha256d');
  const job = { header: Buffer.alloc(80, 3), target: toTarget(EASIEST >> 12n) };
  const { tried, solutions } = await searcher.search(job, 5n, 40_005n);
  assert.equal(tried, 40_000n);
  assert.ok(solutions.length > 0);
  for (const { nonce, hash: digest, mix } of solutions) {
    const header = Buffer.from(job.header);
    header.writeUInt32LE(Number(nonce), 76);
    assert.deepEqual([digest, mix], [hash('sha256d', header), undefined]);
  }
  const endless = searcher.search({ ...job, target: toTarget(1n) }, 0n, 1n << 32n);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await assert.rejects(searcher.search(job, 0n, 1n), { code: 'SEARCHER_BUSY' });
  searcher.cancel();
  assert.ok((await endless).tried < 1n << 32n);
  assert.equal((await searcher.search(job, 0n, 10n)).tried, 10n);
});

test('refuses what does not fit the algorithm, with a code', async () => {
  const seals = new ShareVerifier('kawpow');
  const blobs = new ShareVerifier('randomx-v2');
  const networkTarget = toTarget(0n);
  const refuses = (code, run) => assert.throws(run, { code });
  const seal = { headerHash: Buffer.alloc(32), blockNumber: 1, networkTarget };
  const blob = { blob: Buffer.alloc(76), nonceOffset: 39, seed: Buffer.alloc(32), networkTarget };
  refuses('INVALID_ARGUMENT', () => seals.addJob(1, blob));
  refuses('INVALID_ARGUMENT', () => seals.addJob(1, { ...seal, headerHash: Buffer.alloc(31) }));
  refuses('UNKNOWN_EPOCH', () => seals.addJob(1, { ...seal, blockNumber: 2 ** 32 - 1 }));
  refuses('INVALID_ARGUMENT', () => blobs.addJob(1, seal));
  refuses('BLOB_SHAPE', () => blobs.addJob(1, { ...blob, nonceOffset: 73 }));
  refuses('BLOB_SHAPE', () => blobs.addJob(1, { ...blob, blob: Buffer.alloc(513) }));
  refuses('INVALID_ARGUMENT', () => blobs.addJob(1, { ...blob, seed: Buffer.alloc(33) }));
  refuses('INVALID_ARGUMENT', () => new ShareVerifier('kawpow', 0));
  refuses('INVALID_ARGUMENT', () => new Searcher('ethash'));
  await assert.rejects(seals.prepare({ seed: Buffer.alloc(32) }), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(seals.prepare({ blockNumber: 2 ** 32 - 1 }), { code: 'UNKNOWN_EPOCH' });
  await assert.rejects(blobs.prepare({ seed: Buffer.alloc(61) }), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(buildDataset('scrypt', { blockNumber: 1 }), { code: 'INVALID_ARGUMENT' });
  // Far beyond the memory of any machine that runs this.
  await assert.rejects(buildDataset('ethash', { blockNumber: 32_639 * 30_000 }), { code: 'OUT_OF_MEMORY' });
  await assert.rejects(hashSeal('randomx', Buffer.alloc(32), 1, 1n), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(hashSeal('ethash', Buffer.alloc(31), 1, 1n), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(hashSeal('ethash', Buffer.alloc(32), 1, -1n), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(hashBlob('ethash', Buffer.alloc(32), Buffer.alloc(0)), { code: 'INVALID_ARGUMENT' });
  const search = { algorithm: 'kawpow', mode: 'search', threads: 1, seconds: 0.01 };
  await assert.rejects(benchmark(search), { code: 'INVALID_ARGUMENT' });
  const miner = new CpuMiner({ algorithm: 'etchash', threads: 1 }, () => {});
  const work = { workId: 1, target: networkTarget, headerHash: Buffer.alloc(32), blockNumber: 1 };
  refuses('UNKNOWN_EPOCH', () => miner.setWork({ ...work, blockNumber: 2 ** 32 - 1 }));
  refuses('NO_NONCES', () => miner.setWork({ ...work, firstNonce: 5n, endNonce: 5n }));
  refuses('INVALID_ARGUMENT', () => miner.setWork({ ...work, firstNonce: -5n }));
  await miner.close();
});
