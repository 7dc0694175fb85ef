import { readFileSync } from 'node:fs';
import { hash, hashBlob, hashSeal } from '@otedama/native';
import { stratumV1Client } from '@otedama/stratum-v1/client';
import { type ClientShare, type ClientWork, noncesBehind } from '@otedama/stratum/client';
import { type ShareHashes, headerOf, isGoodShare } from './share-check.ts';

const HASHES: ShareHashes = { header: hash, seal: hashSeal, blob: hashBlob };

interface ShareVector {
  readonly kind: string;
  readonly notify: unknown;
  readonly extranonce1: string;
  readonly extranonce2_size: number;
  readonly submit: { readonly params: readonly string[] };
  readonly version_mask?: string;
  readonly expect: { readonly header: string };
}

const casesOf = <Case>(name: string): Case[] => {
  const file = new URL(`../../../test/vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases;
};

/** The work of a recorded job, through the real session. */
const workOf = (vector: ShareVector): ClientWork => {
  const mask = vector.version_mask ?? '00000000';
  const client = stratumV1Client('sha256d');
  let state = client.create({
    user: 'u',
    password: 'x',
    agent: 'a',
    versionMask: Number.parseInt(mask, 16),
    handshakeTimeoutMs: 1,
    replyTimeoutMs: 1,
    silenceTimeoutMs: 1,
  });
  const lines = [
    { id: 1, result: { 'version-rolling': true, 'version-rolling.mask': mask }, error: null },
    { id: 2, result: [[], vector.extranonce1, vector.extranonce2_size], error: null },
    { id: 3, result: true, error: null },
    { id: null, method: 'mining.set_difficulty', params: [1e-12] },
    vector.notify,
  ];
  state = client.step(state, { kind: 'connected' }, 0).state;
  for (const line of lines) {
    state = client.step(state, { kind: 'line', bytes: Buffer.from(JSON.stringify(line)) }, 0).state;
  }
  const work = [...state.works.values()].at(-1);
  if (work === undefined) throw new Error('the vector gives no work');
  return work;
};

/** Caches are built on the way. */
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const target = (text: string): bigint => BigInt(`0x${text}`);

describe('headers', () => {
  it('builds those of recorded shares, and refuses them when anything is amiss', () => {
    const vectors = casesOf<ShareVector>('stratum-v1').filter(({ kind }) => kind === 'share');
    expect(vectors.length).toBeGreaterThan(0);
    for (const vector of vectors) {
      const work = workOf(vector);
      const { task } = work;
      if (task.kind !== 'coinbase') throw new Error('not a header');
      const [, , extranonce2 = '', nTime = '', nonce = '', bits] = vector.submit.params;
      const rolledBits = bits === undefined ? 0 : Number.parseInt(bits, 16);
      const rolled = {
        extranonce2: hex(extranonce2),
        nTime: Number.parseInt(nTime, 16),
        version: (task.version & ~task.versionMask) | (rolledBits & task.versionMask),
      };
      const share: ClientShare = {
        workId: work.workId,
        nonce: BigInt(`0x${nonce}`),
        hash: Buffer.alloc(32),
        rolled,
      };
      expect(headerOf(task, share.nonce, rolled).toString('hex')).toBe(vector.expect.header);
      const judge = (work: ClientWork, share: ClientShare) => isGoodShare('sha256d', work, share, HASHES);
      expect(judge(work, share)).toBe(true);
      expect(judge(work, { ...share, rolled: { ...rolled, version: rolled.version ^ 1 } })).toBe(false);
      expect(judge(work, { ...share, rolled: { ...rolled, extranonce2: Buffer.alloc(1) } })).toBe(false);
      expect(judge({ ...work, target: 0n }, share)).toBe(false);
      expect(isGoodShare('randomx', work, share, HASHES)).toBe(false);
    }
  });
});

const workWith = (task: ClientWork['task'], target: bigint): ClientWork => ({
  workId: 1,
  jobId: 'j',
  clean: true,
  difficulty: 1,
  target,
  task,
});

describe('seals', () => {
  interface Session {
    readonly id: string;
    readonly share: Readonly<Record<string, string>> & { readonly height: number };
  }

  it('takes the recorded share of a block and nothing near it', async () => {
    const session = casesOf<Session>('kawpow-stratum').find(({ id }) => id === 'testnet-250000');
    if (session === undefined) throw new Error('no such vector');
    const { height, header_hash = '', nonce = '', mix_hash = '', extranonce = '' } = session.share;
    const task = {
      kind: 'seal',
      headerHash: hex(header_hash),
      blockNumber: height,
      ...noncesBehind(hex(extranonce)),
    } as const;
    const finalHash = target(session.share['final_hash'] ?? '');
    const share = { workId: 1, nonce: target(nonce), hash: Buffer.alloc(32), mix: hex(mix_hash) };
    const judge = (limit: bigint, change: Partial<ClientShare> = {}) =>
      isGoodShare('kawpow', workWith(task, limit), { ...share, ...change }, HASHES);
    expect(await judge(finalHash)).toBe(true);
    expect(await judge(finalHash - 1n)).toBe(false);
    expect(await judge(finalHash, { mix: Buffer.alloc(32) })).toBe(false);
    expect(await judge(finalHash, { nonce: share.nonce ^ (1n << 60n) })).toBe(false);
  });
});

describe('blobs', () => {
  interface JobSubmit {
    readonly id: string;
    readonly kind: string;
    readonly job: { readonly blob: string; readonly seed_hash: string };
    readonly submit: { readonly nonce: string; readonly result: string };
  }

  it('takes the recorded result and no other', async () => {
    const found = casesOf<JobSubmit>('monero-stratum').find(({ kind }) => kind === 'job-submit');
    if (found === undefined) throw new Error('no such vector');
    const { job, submit } = found;
    const task = {
      kind: 'blob',
      blob: hex(job.blob),
      nonceOffset: 39,
      seed: hex(job.seed_hash),
      nextSeed: undefined,
      firstNonce: 0n,
      endNonce: 1n << 32n,
    } as const;
    const limit = target(hex(submit.result).reverse().toString('hex'));
    const share = {
      workId: 1,
      nonce: BigInt(hex(submit.nonce).readUInt32LE()),
      hash: hex(submit.result),
    };
    const judge = (limit: bigint, change: Partial<ClientShare> = {}) =>
      isGoodShare('randomx', workWith(task, limit), { ...share, ...change }, HASHES);
    expect(await judge(limit)).toBe(true);
    expect(await judge(limit - 1n)).toBe(false);
    expect(await judge(limit, { hash: Buffer.alloc(32) })).toBe(false);
    expect(await judge(limit, { nonce: 1n << 32n })).toBe(false);
  });
});
