// The addon as JavaScript sees it. The kernels' own tests are in Rust; here every promise of index.d.ts is
// checked through the loader, with Node's crypto as the independent implementation.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const native = require('../index.js');
const { CpuMiner, ShareVerifier, benchmark, cpuFeatures, hash } = native;

/** Those that hash headers; the others are in memory-hard.test.mjs. */
const ALGORITHMS = ['sha256d', 'scrypt'];
const HEADER_BYTES = 64;
const RECORD_BYTES = 192;
const VERDICT = { accepted: 1, candidate: 2, candidateOnly: 3, lowDifficulty: 4, unknownJob: 5, malformed: 6 };

const sha256d = (bytes) => createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
const scrypt = (header) => scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 });
const pow = (algorithm, header) => (algorithm === 'scrypt' ? scrypt(header) : sha256d(header));

const toNumber = (littleEndian) => BigInt(`0x${Buffer.from(littleEndian).reverse().toString('hex')}`);
const toTarget = (number) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
const EASIEST = (1n << 256n) - 1n;

const buildHeader = (job, extranonce, { version, nTime, nonce }) => {
  let root = sha256d(Buffer.concat([job.coinbasePrefix, extranonce, job.coinbaseSuffix]));
  for (let at = 0; at < job.merkleBranch.length; at += 32) {
    root = sha256d(Buffer.concat([root, job.merkleBranch.subarray(at, at + 32)]));
  }
  const header = Buffer.alloc(80);
  header.writeUInt32LE(version, 0);
  job.prevHash.copy(header, 4);
  root.copy(header, 36);
  header.writeUInt32LE(nTime, 68);
  header.writeUInt32LE(job.bits, 72);
  header.writeUInt32LE(nonce, 76);
  return header;
};

const exampleJob = (networkTarget = 0n) => ({
  coinbasePrefix: Buffer.alloc(77, 1),
  coinbaseSuffix: Buffer.alloc(120, 2),
  merkleBranch: Buffer.alloc(3 * 32, 3),
  prevHash: Buffer.alloc(32, 4),
  bits: 0x1d00ffff,
  networkTarget: toTarget(networkTarget),
});

const exampleShare = (nonce, target, jobKey = 1) => ({
  jobKey,
  extranonce: Buffer.from('00112233445566778899aabb', 'hex'),
  nTime: 1_700_000_000,
  nonce,
  version: 0x20000000,
  target,
});

const encodeBatch = (shares) => {
  const batch = Buffer.alloc(HEADER_BYTES + shares.length * RECORD_BYTES);
  batch.writeUInt32LE(0x3142534f, 0);
  batch.writeUInt16LE(1, 4);
  batch.writeUInt16LE(shares.length, 6);
  batch.writeUInt32LE(batch.length, 32);
  shares.forEach((share, index) => {
    const record = batch.subarray(HEADER_BYTES + index * RECORD_BYTES);
    record.writeUInt32LE(share.jobKey, 0);
    record[6] = share.extranonce.length;
    record.writeUInt32LE(share.nTime, 8);
    record.writeUInt32LE(share.nonce, 12);
    record.writeUInt32LE(share.version, 16);
    share.extranonce.copy(record, 32, 0, 32);
    toTarget(share.target).copy(record, 64);
  });
  return batch;
};

const readRecord = (batch, index) => {
  const record = batch.subarray(HEADER_BYTES + index * RECORD_BYTES, HEADER_BYTES + (index + 1) * RECORD_BYTES);
  return { verdict: record[7], powHash: record.subarray(128, 160), blockHash: record.subarray(160, 192) };
};

const exampleWork = (workId, target) => ({
  ...exampleJob(),
  workId,
  extranonce1: Buffer.from('a1b2c3d4', 'hex'),
  extranonce2Size: 4,
  version: 0x20000000,
  versionMask: 0x1fffe000,
  nTime: 1_700_000_000,
  target: toTarget(target),
});

/** A miner and a way to wait for its shares; closed when the test ends. */
const startMiner = (t, options) => {
  const waiting = [];
  const shares = [];
  const miner = new CpuMiner(options, (share) => {
    const taker = waiting.shift();
    if (taker === undefined) shares.push(share);
    else taker(share);
  });
  // The miner itself does not keep the process alive, a test that waits for it must.
  const alive = setInterval(() => {}, 1000);
  t.after(async () => {
    await miner.close();
    clearInterval(alive);
  });
  const nextShare = () => {
    const share = shares.shift();
    return share === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(share);
  };
  return { miner, shares, nextShare };
};

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const sum = (counts) => counts.reduce((total, count) => total + count, 0n);

test('exports exactly what the typings declare', () => {
  const typings = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8');
  const declared = [...typings.matchAll(/^export declare (?:class|const|function) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(Object.keys(native).sort(), declared.sort());
  for (const [, name, body] of typings.matchAll(/^export declare class (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const members = [...body.matchAll(/^ {2}(?:get |private )?(\w+)\(/gm)].map(([, member]) => member);
    assert.deepEqual(Object.getOwnPropertyNames(native[name].prototype).sort(), members.sort());
  }
});

test('hashes like Node does', () => {
  for (const length of [0, 1, 55, 56, 64, 80, 1000]) {
    const input = Buffer.alloc(length, 7);
    assert.deepEqual(hash('sha256d', input), sha256d(input));
  }
  const header = Buffer.alloc(80, 9);
  assert.deepEqual(hash('scrypt', header), scrypt(header));
});

test('names its backends and prefers the first', () => {
  const { arch, features, backends, selected } = cpuFeatures();
  assert.equal(typeof arch, 'string');
  assert.ok(features.every((feature) => typeof feature === 'string'));
  for (const algorithm of ALGORITHMS) {
    assert.equal(selected[algorithm], backends[algorithm][0]);
    assert.ok(backends[algorithm].includes('scalar'));
    assert.equal(new ShareVerifier(algorithm).backend, selected[algorithm]);
  }
});

for (const algorithm of ALGORITHMS) {
  test(`gives each ${algorithm} record its verdict and hashes`, async () => {
    const verifier = new ShareVerifier(algorithm);
    const job = exampleJob();
    const share = exampleShare(5, 0n);
    const header = buildHeader(job, share.extranonce, share);
    const number = toNumber(pow(algorithm, header));
    verifier.addJob(1, job);
    verifier.addJob(2, { ...job, networkTarget: toTarget(number) });
    verifier.addJob(3, job);
    verifier.removeJob(3);
    const cases = [
      [{ ...share, target: number }, VERDICT.accepted],
      [{ ...share, target: number, jobKey: 2 }, VERDICT.candidate],
      [{ ...share, target: number - 1n, jobKey: 2 }, VERDICT.candidateOnly],
      [{ ...share, target: number - 1n }, VERDICT.lowDifficulty],
      [{ ...share, jobKey: 3 }, VERDICT.unknownJob],
      [{ ...share, extranonce: Buffer.alloc(33) }, VERDICT.malformed],
    ];
    const batch = encodeBatch(cases.map(([input]) => input));
    assert.deepEqual(await verifier.verifyBatch(batch), { accepted: 3, candidates: 2, rejected: 3 });
    cases.forEach(([, verdict], index) => {
      const record = readRecord(batch, index);
      assert.equal(record.verdict, verdict);
      const hashed = verdict <= VERDICT.lowDifficulty;
      assert.deepEqual(record.powHash, hashed ? pow(algorithm, header) : Buffer.alloc(32));
      const identified = algorithm === 'sha256d' ? hashed : verdict <= VERDICT.candidateOnly;
      assert.deepEqual(record.blockHash, identified ? sha256d(header) : Buffer.alloc(32));
    });
  });

  test(`mines ${algorithm} shares that its verifier accepts`, async (t) => {
    const zeros = algorithm === 'sha256d' ? 18n : 5n;
    const target = EASIEST >> zeros;
    const work = exampleWork(42, target);
    const { miner, nextShare } = startMiner(t, { algorithm, threads: 2, priority: 1 });
    miner.setWork(work);
    const found = [];
    while (found.length < 20) found.push(await nextShare());
    const verifier = new ShareVerifier(algorithm);
    verifier.addJob(7, { ...work, networkTarget: toTarget(0n) });
    const batch = encodeBatch(
      found.map((share) => {
        assert.equal(share.workId, 42);
        assert.equal(share.mix, undefined);
        const { extranonce2, nTime, version } = share.rolled;
        assert.equal(extranonce2.length, work.extranonce2Size);
        assert.equal((version & ~work.versionMask) >>> 0, work.version);
        const extranonce = Buffer.concat([work.extranonce1, extranonce2]);
        return { jobKey: 7, target, extranonce, nTime, version, nonce: Number(share.nonce) };
      }),
    );
    assert.deepEqual(await verifier.verifyBatch(batch), { accepted: 20, candidates: 0, rejected: 0 });
    found.forEach((share, index) => assert.deepEqual(readRecord(batch, index).powHash, share.powHash));
    const distinct = new Set(found.map((share) => share.powHash.toString('hex')));
    assert.equal(distinct.size, found.length);
    assert.ok(miner.hashes().every((count) => count > 0n));
    assert.equal(miner.backend, cpuFeatures().selected[algorithm]);
  });

  test(`measures ${algorithm} with checked results`, async () => {
    for (const mode of ['search', 'verify']) {
      for (const backend of cpuFeatures().backends[algorithm]) {
        const result = await benchmark({ algorithm, mode, threads: 1, seconds: 0.01, backend });
        assert.equal(result.checked, true, `${mode} ${backend}`);
        assert.deepEqual([result.algorithm, result.mode, result.backend], [algorithm, mode, backend]);
        assert.ok(result.hashes > 0n && result.hashesPerSecond > 0);
      }
    }
  });
}

test('judges a batch with the jobs and bytes of the call', async () => {
  const verifier = new ShareVerifier('sha256d');
  verifier.addJob(1, exampleJob());
  const batch = encodeBatch([exampleShare(1, EASIEST)]);
  const result = verifier.verifyBatch(batch);
  verifier.removeJob(1);
  assert.deepEqual(await result, { accepted: 1, candidates: 0, rejected: 0 });
});

test('survives a buffer that is detached while it is judged', async () => {
  const verifier = new ShareVerifier('sha256d');
  const memory = new Uint8Array(encodeBatch([exampleShare(1, EASIEST)]));
  const result = verifier.verifyBatch(Buffer.from(memory.buffer));
  structuredClone(memory.buffer, { transfer: [memory.buffer] });
  await assert.rejects(result, { code: 'BATCH_DETACHED' });
});

test('rejects buffers that are no batch, with a code', async () => {
  const verifier = new ShareVerifier('sha256d');
  const patched = (at, value) => {
    const batch = encodeBatch([exampleShare(1, EASIEST)]);
    batch[at] = value;
    return batch;
  };
  await assert.rejects(verifier.verifyBatch(Buffer.alloc(0)), { code: 'BATCH_TOO_SHORT' });
  await assert.rejects(verifier.verifyBatch(patched(0, 1)), { code: 'BATCH_MAGIC' });
  await assert.rejects(verifier.verifyBatch(patched(4, 9)), { code: 'BATCH_VERSION' });
  await assert.rejects(verifier.verifyBatch(patched(7, 255)), { code: 'BATCH_LENGTH' });
  await assert.rejects(verifier.verifyBatch(patched(39, 255)), { code: 'BATCH_LENGTH' });
});

test('refuses bad arguments with an error that has a code', async () => {
  const verifier = new ShareVerifier('scrypt');
  const job = exampleJob();
  const refuses = (code, run) => assert.throws(run, { code });
  refuses('UNKNOWN_ALGORITHM', () => new ShareVerifier('md5'));
  refuses('UNKNOWN_ALGORITHM', () => hash('md5', Buffer.alloc(1)));
  refuses('INVALID_ARGUMENT', () => hash('scrypt', Buffer.alloc(79)));
  refuses('INVALID_ARGUMENT', () => verifier.addJob(-1, job));
  refuses('INVALID_ARGUMENT', () => verifier.addJob(2 ** 32, job));
  refuses('INVALID_ARGUMENT', () => verifier.addJob(1, { ...job, bits: 1.5 }));
  refuses('INVALID_ARGUMENT', () => verifier.addJob(1, { ...job, merkleBranch: Buffer.alloc(33) }));
  refuses('INVALID_ARGUMENT', () => verifier.addJob(1, { ...job, prevHash: Buffer.alloc(31) }));
  refuses('INVALID_ARGUMENT', () => verifier.addJob(1, { ...job, networkTarget: Buffer.alloc(0) }));
  refuses('BRANCH_TOO_LONG', () => verifier.addJob(1, { ...job, merkleBranch: Buffer.alloc(33 * 32) }));
  assert.throws(() => verifier.addJob(1, {}), (error) => typeof error.code === 'string');
  assert.throws(() => verifier.addJob('1', job), (error) => typeof error.code === 'string');
  assert.throws(() => verifier.verifyBatch('text'), (error) => typeof error.code === 'string');
  refuses('THREAD_COUNT', () => new CpuMiner({ algorithm: 'sha256d', threads: 0 }, () => {}));
  refuses('INVALID_ARGUMENT', () => new CpuMiner({ algorithm: 'sha256d', threads: NaN }, () => {}));
  refuses('INVALID_ARGUMENT', () => new CpuMiner({ algorithm: 'sha256d', threads: 1, priority: 6 }, () => {}));
  const search = { algorithm: 'sha256d', mode: 'search', threads: 1, seconds: 0.01 };
  await assert.rejects(benchmark({ ...search, backend: 'abacus' }), { code: 'BACKEND_UNAVAILABLE' });
  await assert.rejects(benchmark({ ...search, seconds: 0 }), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(benchmark({ ...search, mode: 'guess' }), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(benchmark({ ...search, threads: 0 }), { code: 'THREAD_COUNT' });
});

test('keeps a bounded number of jobs', () => {
  const verifier = new ShareVerifier('sha256d');
  for (let key = 0; key < 4096; key++) verifier.addJob(key, exampleJob());
  assert.throws(() => verifier.addJob(5000, exampleJob()), { code: 'TOO_MANY_JOBS' });
  verifier.addJob(0, exampleJob());
});

test('refuses work that no share could carry', async (t) => {
  const { miner } = startMiner(t, { algorithm: 'sha256d', threads: 1 });
  const work = exampleWork(1, EASIEST);
  assert.throws(() => miner.setWork({ ...work, extranonce2Size: 29 }), { code: 'EXTRANONCE_TOO_LONG' });
  assert.throws(() => miner.setWork({ ...work, extranonce2Size: 2 ** 31 }), { code: 'EXTRANONCE_TOO_LONG' });
  assert.throws(() => miner.setWork({ ...work, target: Buffer.alloc(31) }), { code: 'INVALID_ARGUMENT' });
  const sealed = { workId: 1, target: toTarget(EASIEST), headerHash: Buffer.alloc(32), blockNumber: 1 };
  assert.throws(() => miner.setWork(sealed), { code: 'INVALID_ARGUMENT', message: /coinbasePrefix is missing/ });
});

for (const algorithm of ALGORITHMS) {
  // The promise is 2 ms, or one group of scrypt lanes; the bound leaves room for a busy test machine.
  test(`switches ${algorithm} work and stops at once`, async (t) => {
    const { miner, shares, nextShare } = startMiner(t, { algorithm, threads: 1 });
    // Shares often enough for the latency to show, not so many that the time goes into taking them.
    const target = algorithm === 'sha256d' ? EASIEST >> 11n : EASIEST;
    const latencies = [];
    for (let round = 0; round < 20; round++) {
      miner.setWork(exampleWork(1, 0n));
      await sleep(5);
      const before = performance.now();
      miner.setWork(exampleWork(100 + round, target));
      while ((await nextShare()).workId !== 100 + round);
      latencies.push(performance.now() - before);
      miner.clearWork();
      shares.length = 0;
    }
    latencies.sort((a, b) => a - b);
    t.diagnostic(`setWork to its first share, median ${latencies[10].toFixed(2)} ms`);
    assert.ok(latencies[10] < 50, `median ${latencies[10]} ms`);
    await sleep(50);
    const stopped = sum(miner.hashes());
    await sleep(100);
    assert.equal(sum(miner.hashes()), stopped);
  });
}

test('waits instead of queueing shares without bound', async (t) => {
  const { miner, shares } = startMiner(t, { algorithm: 'sha256d', threads: 1 });
  miner.setWork(exampleWork(1, EASIEST));
  const until = performance.now() + 200;
  while (performance.now() < until);
  // Every hash is a share: beyond the queue there is at most the one piece of search under way.
  assert.ok(sum(miner.hashes()) < 100_000n, `${sum(miner.hashes())} hashes while nobody listened`);
  miner.clearWork();
  await sleep(20);
  assert.ok(shares.length > 0);
});

test('closes in any state, more than once, and ignores work afterwards', async () => {
  const miner = new CpuMiner({ algorithm: 'scrypt', threads: 2 }, () => {});
  miner.setWork(exampleWork(1, EASIEST));
  await Promise.all([miner.close(), miner.close()]);
  miner.setWork(exampleWork(2, EASIEST));
  miner.clearWork();
  const stopped = sum(miner.hashes());
  await sleep(20);
  assert.equal(sum(miner.hashes()), stopped);
  await new CpuMiner({ algorithm: 'sha256d', threads: 1 }, () => {}).close();
});

test('ends with the worker thread that owns it', async () => {
  const script = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { CpuMiner } = require(workerData.path);
    globalThis.miner = new CpuMiner({ algorithm: 'sha256d', threads: 2 }, () => parentPort.postMessage('share'));
    miner.setWork(workerData.work);
    setInterval(() => {}, 1000);
  `;
  const path = fileURLToPath(new URL('../index.js', import.meta.url));
  for (let round = 0; round < 5; round++) {
    const work = exampleWork(1, EASIEST >> 8n);
    const worker = new Worker(script, { eval: true, workerData: { path, work } });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
  }
});

test('neither keeps a process alive nor disturbs its end', () => {
  const script = `
    const { CpuMiner } = require(${JSON.stringify(fileURLToPath(new URL('../index.js', import.meta.url)))});
    const target = Buffer.alloc(32, 255);
    const miner = new CpuMiner({ algorithm: process.argv[1], threads: 2 }, () => {});
    const none = Buffer.alloc(0), zero = Buffer.alloc(32);
    miner.setWork({ workId: 1, coinbasePrefix: none, coinbaseSuffix: none, extranonce1: none, extranonce2Size: 4,
      merkleBranch: none, prevHash: zero, version: 1, versionMask: 0, nTime: 1, bits: 1, target });
    globalThis.miner = miner;
    if (process.argv[2] === 'exit') setTimeout(() => process.exit(0), 30);
    else setTimeout(() => {}, 30);
  `;
  for (const algorithm of ALGORITHMS) {
    for (const way of ['exit', 'drain']) {
      const child = spawnSync(process.execPath, ['-e', script, algorithm, way], { timeout: 20_000, encoding: 'utf8' });
      assert.deepEqual([child.status, child.signal, child.stderr], [0, null, ''], `${algorithm} ${way}`);
    }
  }
});

test('exports by name what the typings promise, and nothing else', async () => {
  const typings = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8');
  const promised = Array.from(typings.matchAll(/^export declare (?:class|const|function) (\w+)/gm), ([, name]) => name);
  const imported = Object.keys(await import('../index.js')).filter((name) => name !== 'default' && name !== 'module.exports');
  assert.deepEqual(new Set(imported), new Set(promised));
  assert.deepEqual(new Set(Object.keys(require('../otedama.node'))), new Set(promised));
});

test('everything that the addon has can be imported by its name', () => {
  assert.deepEqual(Object.keys(native).sort(), Object.keys(require('../otedama.node')).sort());
});
