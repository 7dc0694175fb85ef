import type { MinerReadiness } from '@otedama/native';
import { type ClientTask, noncesBehind } from '@otedama/stratum/client';
import { describeReadiness, toClientShare, toNativeWork } from './native-work.ts';

const work = (task: ClientTask) =>
  toNativeWork({ workId: 3, jobId: 'j', clean: true, difficulty: 1, target: 0x0102n, task });

describe('work for the native miner', () => {
  it('has its target as little-endian bytes', () => {
    const { target } = work({
      kind: 'seal',
      headerHash: new Uint8Array(32),
      blockNumber: 9,
      ...noncesBehind(Uint8Array.of(0xff)),
    });
    expect([target[0], target[1], target.length]).toEqual([2, 1, 32]);
  });

  it('carries what its family needs', () => {
    const seal = work({
      kind: 'seal',
      headerHash: new Uint8Array(32).fill(1),
      blockNumber: 9,
      ...noncesBehind(Uint8Array.of(0xff)),
    });
    expect(seal).toMatchObject({
      workId: 3,
      blockNumber: 9,
      firstNonce: 0xffn << 56n,
      endNonce: (1n << 64n) - 1n,
    });
    const blob = {
      kind: 'blob',
      blob: new Uint8Array(76),
      nonceOffset: 39,
      seed: new Uint8Array(32).fill(2),
      nextSeed: undefined,
      firstNonce: 0n,
      endNonce: 1n << 32n,
    } as const;
    expect(work(blob)).toMatchObject({ nonceOffset: 39, seed: Buffer.alloc(32, 2) });
    expect(work(blob)).not.toHaveProperty('nextSeed');
    expect(work({ ...blob, nextSeed: new Uint8Array(32).fill(3) })).toMatchObject({
      nextSeed: Buffer.alloc(32, 3),
    });
  });

  it('comes back as a share with what was found', () => {
    const powHash = Buffer.alloc(32, 4);
    expect(toClientShare({ workId: 3, nonce: 5n, powHash })).toEqual({ workId: 3, nonce: 5n, hash: powHash });
    const mix = Buffer.alloc(32, 6);
    expect(toClientShare({ workId: 3, nonce: 5n, powHash, mix })).toMatchObject({ mix });
  });
});

describe('readiness', () => {
  it.each<[Omit<MinerReadiness, 'notes'>, boolean, string | undefined]>([
    [{ state: 'full' }, true, undefined],
    [{ state: 'full', building: { ahead: true, done: 1, total: 2 } }, true, undefined],
    [{ state: 'waiting' }, false, 'preparing the cache'],
    [{ state: 'waiting', building: { ahead: false, done: 0, total: 0 } }, false, 'preparing the cache'],
    [
      { state: 'waiting', building: { ahead: false, done: 999, total: 2000 } },
      false,
      'preparing the dataset, 49 %',
    ],
    [
      { state: 'light', building: { ahead: false, done: 1, total: 4 } },
      true,
      'at a fraction of the speed: preparing the dataset, 25 %',
    ],
    [
      { state: 'light', failure: 'no memory for 2181038080 bytes' },
      true,
      'at a fraction of the speed: no dataset, no memory for 2181038080 bytes',
    ],
    [
      { state: 'failed', failure: 'no memory for 5368709120 bytes' },
      false,
      'what this algorithm needs cannot be prepared: no memory for 5368709120 bytes',
    ],
  ])('%j', (readiness, searching, reason) => {
    expect(describeReadiness({ ...readiness, notes: [] })).toEqual({ searching, reason, notes: [] });
  });
});
