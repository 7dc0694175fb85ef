// Ethash, Etchash, KawPow and RandomX through the addon, with recorded shares of their chains.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const native = require('../index.js');
const { BlobTemplate, BuildProgress, CpuMiner, Searcher, ShareVerifier, benchmark } = native;
const { buildDataset, hash, hashBlob, hashSeal } = native;

const vectors = (name) =>
  JSON.parse(readFileSync(new URL(`../../test/vectors/${name}.json`, import.meta.url), 'utf8')).cases;
const hex = (text) => Buffer.from(text, 'hex');
const nonceOf = (text) => (/^[0-9a-f]{16}$/.test(text) ? BigInt(`0x${text}`) : BigInt(text));
const toTarget = (number) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
const EASIEST = (1n << 256n) - 1n;

const HEADER_BYTES = 64;
const RECORD_BYTES = 192;
const VERDICT = { accepted: 1, candidateOnly: 3, lowDifficulty: 4, unknownJob: 5, malformed: 6 };

/** Records of job 1 unless they say otherwise; the 64-bit nonces of seals take the places of nonce and version. */
const encodeBatch = (shares) => {
  const batch = Buffer.alloc(HEADER_BYTES + shares.length * RECORD_BYTES);
  batch.writeUInt32LE(0x3142534f, 0);
  batch.writeUInt16LE(1, 4);
  batch.writeUInt16LE(shares.length, 6);
  batch.writeUInt32LE(batch.length, 32);
  shares.forEach(({ jobKey = 1, nonce, target, mix, extraNonce = Buffer.alloc(0) }, index) => {
    const record = batch.subarray(HEADER_BYTES + index * RECORD_BYTES);
    record.writeUInt32LE(jobKey, 0);
    record[6] = extraNonce.length;
    record.writeBigUInt64LE(nonce, 12);
    extraNonce.copy(record, 32);
    toTarget(target).copy(record, 64);
    mix?.copy(record, 160);
  });
  return batch;
};

const recordOf = (batch, index) => {
  const record = batch.subarray(HEADER_BYTES + index * RECORD_BYTES, HEADER_BYTES + (index + 1) * RECORD_BYTES);
  return { verdict: record[7], powHash: record.subarray(128, 160), blockHash: record.subarray(160, 192) };
};

const firstSeal = (name, blocks) => vectors(name).find((each) => each.kind === 'hash' && each.height < blocks);
const ethash = firstSeal('ethash', 30_000);
const kawpow = firstSeal('kawpow', 7_500);
const monero = vectors('randomx').find((each) => each.kind === 'block' && each.tx_hashes.length === 7);

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
      const { verdict, powHash, blockHash } = recordOf(batch, index);
      assert.equal(verdict, index < 2 ? VERDICT.accepted : VERDICT.lowDifficulty);
      assert.deepEqual([powHash, blockHash], [hex(each.final_hash), hex(each.mix_hash)]);
    }
    assert.equal(recordOf(batch, 3).verdict, VERDICT.lowDifficulty);
    const proof = await hashSeal(algorithm, job.headerHash, job.blockNumber, nonce);
    assert.deepEqual(proof, { mix: hex(each.mix_hash), hash: hex(each.final_hash) });
  });
}

/** A template whose miner transaction is `message`, hashed as it is: its tree root is keccak256(message). */
const keccak256 = (message) => {
  const parts = { header: Buffer.alloc(4), nonceOffset: 0, minerTxVersion: 1, extraNonceBytes: 0, txCount: 1 };
  const none = Buffer.alloc(0);
  const tx = { minerTxPrefix: message, minerTxSuffix: none, merkleBranch: none };
  return new BlobTemplate({ ...parts, ...tx }).hashingBlob(none).subarray(4, 36);
};

/** For trees of pairs alone. */
const branchOf = (hashes) => {
  const branch = [];
  for (let level = [Buffer.alloc(32), ...hashes]; level.length > 1; ) {
    branch.push(level[1]);
    const pairs = Array.from({ length: level.length / 2 }, (_, i) => level.slice(2 * i, 2 * i + 2));
    level = pairs.map((pair) => keccak256(Buffer.concat(pair)));
  }
  return Buffer.concat(branch);
};

/** A recorded block cut around some of its own bytes, which are its extra nonce then. */
const cut = (each, extraNonceBytes = 16) => {
  const block = hex(each.block_blob);
  const start = each.nonce_offset + 4;
  // RCTTypeNull and the number of transactions, a byte each here.
  const prefixEnd = block.length - 32 * each.tx_hashes.length - 2;
  const [from, to] = [prefixEnd - 20 - extraNonceBytes, prefixEnd - 20];
  const parts = {
    header: block.subarray(0, start),
    nonceOffset: each.nonce_offset,
    minerTxVersion: 2,
    minerTxPrefix: block.subarray(start, from),
    minerTxSuffix: block.subarray(to, prefixEnd),
    extraNonceBytes,
    merkleBranch: branchOf(each.tx_hashes.map(hex)),
    txCount: each.tx_hashes.length + 1,
  };
  return { parts, extraNonce: block.subarray(from, to) };
};

test('gives every session its own hashing blob', () => {
  const pairs = vectors('randomx').filter(({ kind, tx_hashes: others }) => kind === 'block' && [0, 7].includes(others.length));
  assert.ok(pairs.some(({ tx_hashes: others }) => others.length === 7));
  for (const each of pairs) {
    const { parts, extraNonce } = cut(each);
    const template = new BlobTemplate(parts);
    assert.equal(template.hashingBlob(extraNonce).toString('hex'), each.hashing_blob);
    const other = template.hashingBlob(Buffer.alloc(16, 1));
    assert.equal(other.length, each.hashing_blob.length / 2);
    assert.notEqual(other.toString('hex'), each.hashing_blob);
    assert.throws(() => template.hashingBlob(Buffer.alloc(15)), { code: 'INVALID_ARGUMENT' });
  }
  const [recorded] = vectors('randomx').filter(({ kind }) => kind === 'block-template');
  const block = hex(recorded.template.blocktemplate_blob);
  const { extra_nonce: extraNonce, at, hashing_blob: blob } = recorded.expect.with_extra_nonce;
  const template = new BlobTemplate({
    header: block.subarray(0, 43),
    nonceOffset: 39,
    minerTxVersion: 2,
    minerTxPrefix: block.subarray(43, at),
    minerTxSuffix: block.subarray(at + 8, block.length - 2),
    extraNonceBytes: 8,
    merkleBranch: Buffer.alloc(0),
    txCount: 1,
  });
  assert.equal(template.hashingBlob(hex(extraNonce)).toString('hex'), blob);
  assert.equal(template.hashingBlob(Buffer.alloc(8)).toString('hex'), recorded.expect.hashing_blob);
});

test('refuses parts that fit no template', () => {
  const { parts } = cut(monero);
  const refuses = (code, changed) => assert.throws(() => new BlobTemplate({ ...parts, ...changed }), { code });
  for (const name of Object.keys(parts)) {
    const { [name]: _, ...rest } = parts;
    assert.throws(() => new BlobTemplate(rest), { code: 'INVALID_ARGUMENT', message: new RegExp(`${name} is missing`) });
  }
  refuses('INVALID_ARGUMENT', { minerTxVersion: 3 });
  refuses('INVALID_ARGUMENT', { merkleBranch: Buffer.alloc(33) });
  refuses('INVALID_ARGUMENT', { txCount: -1 });
  refuses('TEMPLATE_SHAPE', { nonceOffset: parts.header.length - 3 });
  refuses('TEMPLATE_SHAPE', { header: Buffer.alloc(471) });
  refuses('TEMPLATE_SHAPE', { extraNonceBytes: 33 });
  refuses('TEMPLATE_SHAPE', { txCount: 2 });
  refuses('TEMPLATE_SHAPE', { txCount: 0 });
});

test('judges and mines RandomX from the cache', async (t) => {
  const blob = hex(monero.hashing_blob);
  const seed = hex(monero.seed_hash);
  assert.deepEqual(await hashBlob('randomx', blob, seed), hex(monero.pow_hash));
  const verifier = new ShareVerifier('randomx');
  const number = BigInt(`0x${hex(monero.pow_hash).reverse().toString('hex')}`);
  const { parts, extraNonce } = cut(monero);
  verifier.addJob(1, { ...parts, seed, networkTarget: toTarget(number) });
  const nonce = BigInt(hex(monero.nonce).readUInt32LE());
  const batch = encodeBatch([
    { nonce, extraNonce, target: 0n },
    { nonce: nonce + 1n, extraNonce, target: EASIEST },
    { nonce, extraNonce: Buffer.alloc(16, 1), target: 0n },
    { nonce, extraNonce: extraNonce.subarray(1), target: EASIEST },
  ]);
  assert.deepEqual(await verifier.verifyBatch(batch), { accepted: 2, candidates: 1, rejected: 2 });
  const none = Buffer.alloc(32);
  const [candidate, accepted, low, malformed] = [0, 1, 2, 3].map((index) => recordOf(batch, index));
  assert.equal(candidate.verdict, VERDICT.candidateOnly);
  assert.deepEqual([candidate.powHash, candidate.blockHash], [hex(monero.pow_hash), hex(monero.block_id)]);
  const next = Buffer.from(blob);
  next.writeUInt32LE(Number(nonce + 1n), monero.nonce_offset);
  assert.deepEqual(accepted, { verdict: VERDICT.accepted, powHash: await hashBlob('randomx', next, seed), blockHash: none });
  assert.deepEqual([low.verdict, low.blockHash], [VERDICT.lowDifficulty, none]);
  assert.deepEqual(malformed, { verdict: VERDICT.malformed, powHash: none, blockHash: none });

  // The same block as its miner's own template, which the pool's would not give.
  const brought = cut(monero, 8);
  const foreign = { ...parts, minerTxSuffix: Buffer.from(parts.minerTxSuffix).fill(7) };
  verifier.addJob(2, { ...foreign, seed, networkTarget: toTarget(number) });
  const own = () => encodeBatch([{ jobKey: 2, nonce, extraNonce: brought.extraNonce, target: number }]);
  const early = own();
  assert.deepEqual(await verifier.verifyBatch(early), { accepted: 0, candidates: 0, rejected: 1 });
  assert.equal(recordOf(early, 0).verdict, VERDICT.unknownJob);
  verifier.adoptTemplate(2, brought.extraNonce, brought.parts);
  const late = own();
  assert.deepEqual(await verifier.verifyBatch(late), { accepted: 1, candidates: 1, rejected: 0 });
  assert.deepEqual(recordOf(late, 0).blockHash, hex(monero.block_id));
  const refuses = (code, ...given) => assert.throws(() => verifier.adoptTemplate(...given), { code });
  refuses('UNKNOWN_JOB', 3, brought.extraNonce, brought.parts);
  refuses('EXTRA_NONCE', 2, extraNonce, parts);
  refuses('TEMPLATE_SHAPE', 2, brought.extraNonce, { ...brought.parts, txCount: 0 });
  refuses('INVALID_ARGUMENT', -1, brought.extraNonce, brought.parts);

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
  const job = { blob, nonceOffset: monero.nonce_offset, seed };
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

test('cancels the build of a light cache', async () => {
  const progress = new BuildProgress();
  progress.cancel();
  const seed = Buffer.alloc(32, 0xc1);
  await assert.rejects(new ShareVerifier('randomx').prepare({ seed }, progress), { code: 'CANCELLED' });
});

test('measures how soon batches of RandomX are judged', async () => {
  const options = { algorithm: 'randomx', mode: 'batch', threads: 2, seconds: 0.01, batchShares: 5 };
  const { checked, mode, hashes, latencyMs } = await benchmark(options);
  assert.deepEqual([checked, mode, hashes % 5n], [true, 'batch', 0n]);
  assert.ok(0 < latencyMs.median && latencyMs.median <= latencyMs.p99 && latencyMs.p99 <= latencyMs.worst);
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
  const template = { ...cut(monero).parts, seed: Buffer.alloc(32), networkTarget };
  refuses('INVALID_ARGUMENT', () => seals.addJob(1, template));
  refuses('INVALID_ARGUMENT', () => seals.addJob(1, { ...seal, headerHash: Buffer.alloc(31) }));
  refuses('UNKNOWN_EPOCH', () => seals.addJob(1, { ...seal, blockNumber: 2 ** 32 - 1 }));
  refuses('INVALID_ARGUMENT', () => blobs.addJob(1, seal));
  refuses('TEMPLATE_SHAPE', () => blobs.addJob(1, { ...template, nonceOffset: 73 }));
  refuses('INVALID_ARGUMENT', () => blobs.addJob(1, { ...template, minerTxVersion: 0 }));
  refuses('INVALID_ARGUMENT', () => blobs.addJob(1, { ...template, seed: Buffer.alloc(33) }));
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
  for (const batchShares of [undefined, 0, 65_536, 1.5]) {
    await assert.rejects(benchmark({ ...search, mode: 'batch', batchShares }), { code: 'INVALID_ARGUMENT' });
  }
  const miner = new CpuMiner({ algorithm: 'etchash', threads: 1 }, () => {});
  const work = { workId: 1, target: networkTarget, headerHash: Buffer.alloc(32), blockNumber: 1 };
  refuses('UNKNOWN_EPOCH', () => miner.setWork({ ...work, blockNumber: 2 ** 32 - 1 }));
  refuses('NO_NONCES', () => miner.setWork({ ...work, firstNonce: 5n, endNonce: 5n }));
  refuses('INVALID_ARGUMENT', () => miner.setWork({ ...work, firstNonce: -5n }));
  await miner.close();
});
