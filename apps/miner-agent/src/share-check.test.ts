import { readFileSync } from 'node:fs';
import { type ClientWork, createClientState, stepClient } from '@otedama/stratum-v1/client';
import { hash } from '@otedama/native';
import { headerOf, isAtMost, isGoodShare } from './share-check.ts';

interface ShareVector {
  readonly kind: string;
  readonly notify: unknown;
  readonly extranonce1: string;
  readonly extranonce2_size: number;
  readonly submit: { readonly params: readonly string[] };
  readonly version_mask?: string;
  readonly expect: { readonly header: string };
}

const file = new URL('../../../test/vectors/stratum-v1.json', import.meta.url);
const vectors = (JSON.parse(readFileSync(file, 'utf8')) as { cases: ShareVector[] }).cases.filter(
  ({ kind }) => kind === 'share',
);

/** The work of a recorded job, through the real session. */
const workOf = (vector: ShareVector): ClientWork => {
  const mask = vector.version_mask ?? '00000000';
  let state = createClientState({
    algorithm: 'sha256d',
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
  state = stepClient(state, { kind: 'connected' }, 0).state;
  for (const line of lines) {
    state = stepClient(state, { kind: 'line', bytes: Buffer.from(JSON.stringify(line)) }, 0).state;
  }
  const work = [...state.works.values()].at(-1);
  if (work === undefined) throw new Error('the vector gives no work');
  return work;
};

describe('share check', () => {
  it('builds the headers of recorded shares', () => {
    expect(vectors.length).toBeGreaterThan(0);
    for (const vector of vectors) {
      const work = workOf(vector);
      const [, , extranonce2 = '', nTime = '', nonce = '', bits] = vector.submit.params;
      const rolled = bits === undefined ? 0 : Number.parseInt(bits, 16);
      const share = {
        workId: work.workId,
        extranonce2: Buffer.from(extranonce2, 'hex'),
        nTime: Number.parseInt(nTime, 16),
        nonce: Number.parseInt(nonce, 16),
        version: (work.version & ~work.versionMask) | (rolled & work.versionMask),
      };
      const header = headerOf(work, share);
      expect(header.toString('hex')).toBe(vector.expect.header);
      const sha256d = (bytes: Buffer): Buffer => hash('sha256d', bytes);
      expect(isGoodShare(work, share, sha256d)).toBe(true);
      expect(isGoodShare(work, { ...share, version: share.version ^ 1 }, sha256d)).toBe(false);
      expect(isGoodShare(work, { ...share, extranonce2: Buffer.alloc(1) }, sha256d)).toBe(false);
      expect(isGoodShare({ ...work, targetLe: Buffer.alloc(32) }, share, sha256d)).toBe(false);
    }
  });

  it('compares as little-endian numbers', () => {
    expect(isAtMost(Buffer.from([255, 1]), Buffer.from([0, 2]))).toBe(true);
    expect(isAtMost(Buffer.from([0, 2]), Buffer.from([255, 1]))).toBe(false);
    expect(isAtMost(Buffer.from([5, 5]), Buffer.from([5, 5]))).toBe(true);
  });
});
