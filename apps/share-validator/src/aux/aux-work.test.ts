import { toDisplay } from '@otedama/bitcoin-family';
import type { AuxBlock } from '@otedama/daemon-rpc';
import { DOGECOIN, FakeAuxDaemon } from '../testing/fake-aux-daemon.ts';
import { type AuxWork, combineAuxWork, easiestTarget, isSameWork, readAuxWork } from './aux-work.ts';

const read = async (lies: Partial<AuxBlock> = {}) => {
  const daemon = new FakeAuxDaemon('doge');
  daemon.lies = lies;
  return readAuxWork(DOGECOIN, await daemon.createAuxBlock());
};

const work = async (chainId = 0x62, target = 1n): Promise<AuxWork> => {
  const result = await read();
  if (!result.ok) throw new Error(result.reason);
  return { ...result.work, chainId, target };
};

describe('the block of an auxiliary chain', () => {
  it('is taken with hashes in internal order', async () => {
    const hash = 'ab'.repeat(31).concat('01');
    const result = await read({ hash });
    if (!result.ok) throw new Error(result.reason);
    expect(toDisplay(result.work.blockHash)).toBe(hash);
    expect(result.work).toMatchObject({ coin: 'dogecoin', height: 101, rewardAtomic: 1_000_000_000_000n });
  });

  it.each<[string, Partial<AuxBlock>, RegExp]>([
    ['of another chain', { chainId: 1 }, /chain id 1 is not Dogecoin's 98/],
    ['before merged mining begins', { height: 19 }, /begins at height 20/],
  ])('%s is not worth a job', async (_name, lies, reason) => {
    expect(await read(lies)).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });
});

describe('several chains', () => {
  it('stand in one tree, in their order', async () => {
    const works = [await work(0x62), await work(6), await work(1)];
    const set = combineAuxWork(works);
    expect(set?.works).toBe(works);
    expect(set?.tree.chains.map(({ chainId }) => chainId)).toEqual([0x62, 6, 1]);
    expect(combineAuxWork([])).toBeUndefined();
  });

  it('cannot have one chain id', async () => {
    const one = await work();
    expect(() => combineAuxWork([one, one])).toThrow(/chain id 98/);
  });

  it('make a share worth a look at the easiest target of all', async () => {
    const set = combineAuxWork([await work(0x62, 5n), await work(6, 900n)]);
    expect(easiestTarget(100n, set)).toBe(900n);
    expect(easiestTarget(1_000n, set)).toBe(1_000n);
    expect(easiestTarget(7n, undefined)).toBe(7n);
  });

  it('are the same work as long as the block is', async () => {
    expect(isSameWork(await work(), await work())).toBe(true);
    expect(isSameWork(await work(), { ...(await work()), blockHash: Buffer.alloc(32) })).toBe(false);
    expect(isSameWork(undefined, undefined)).toBe(true);
    expect(isSameWork(undefined, await work())).toBe(false);
  });
});
