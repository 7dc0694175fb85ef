import type { BlockIncome, Daemon, UncleInclusion } from '@otedama/daemon-rpc';
import { FakeDaemon, fakeHash } from '@otedama/daemon-rpc/testing';
import { createChainIncome } from './chain-income.ts';
import { createChainView } from './chain-view.ts';

const OURS = fakeHash(5, 'b');

const daemon = (name: string, height: number, branch: string, knows = true): FakeDaemon => {
  const fake = new FakeDaemon(name);
  fake.moveTo(height, branch);
  if (knows) {
    fake.headers.set(OURS, { hash: OURS, height: 5, confirmations: branch === 'b' ? height - 4 : -1 });
  }
  return fake;
};

const ask = (...daemons: readonly Daemon[]) =>
  createChainView({ synced: () => daemons }).blockConfirmations(OURS);
const askWithHeight = (...daemons: readonly Daemon[]) =>
  createChainView({ synced: () => daemons }).blockConfirmations(OURS, 5);

describe('blockConfirmations', () => {
  it('counts on the main chain', async () => {
    expect(await ask(daemon('a', 5, 'b'))).toEqual({ kind: 'main', confirmations: 1 });
    expect(await ask(daemon('a', 104, 'b'))).toEqual({ kind: 'main', confirmations: 100 });
  });

  it('takes the smaller count of two daemons', async () => {
    const lagging = daemon('b', 7, 'b');
    expect(await ask(daemon('a', 8, 'b'), lagging)).toEqual({ kind: 'main', confirmations: 3 });
  });

  it('another block at its height is an orphan, and how deep', async () => {
    expect(await ask(daemon('a', 5, 'c'))).toEqual({ kind: 'orphaned', depth: 1 });
    expect(await ask(daemon('a', 9, 'c'))).toEqual({ kind: 'orphaned', depth: 5 });
  });

  it('is not misled by a daemon that counts confirmations on side chains', async () => {
    const bcoin = daemon('a', 9, 'c');
    bcoin.headers.set(OURS, { hash: OURS, height: 5, confirmations: 5 });
    expect(await ask(bcoin)).toEqual({ kind: 'orphaned', depth: 5 });
  });

  it('a chain that does not reach its height says nothing', async () => {
    expect(await ask(daemon('a', 4, 'c'))).toEqual({ kind: 'unknown' });
  });

  it('a daemon that does not know the block has no say', async () => {
    expect(await ask(daemon('a', 9, 'c', false))).toEqual({ kind: 'unknown' });
    expect(await ask(daemon('a', 9, 'c', false), daemon('b', 6, 'b'))).toEqual({
      kind: 'main',
      confirmations: 2,
    });
  });

  it('a block that nobody knows any more is orphaned once its height is taken, if the height is given', async () => {
    expect(await askWithHeight(daemon('a', 4, 'c', false))).toEqual({ kind: 'unknown' });
    expect(await askWithHeight(daemon('a', 6, 'c', false))).toEqual({ kind: 'orphaned', depth: 2 });
  });

  it('one that knows the block outweighs one that does not', async () => {
    const late = daemon('b', 9, 'c', false);
    expect(await askWithHeight(daemon('a', 6, 'b'), late)).toEqual({ kind: 'main', confirmations: 2 });
  });

  it('daemons that disagree, fail or are absent leave it unknown', async () => {
    expect(await ask(daemon('a', 9, 'c'), daemon('b', 9, 'b'))).toEqual({ kind: 'unknown' });
    const broken = daemon('a', 9, 'b');
    broken.failure = 'DAEMON_TIMEOUT';
    expect(await ask(broken)).toEqual({ kind: 'unknown' });
    expect(await ask()).toEqual({ kind: 'unknown' });
  });
});

describe('where only the chain tells what a block has earned', () => {
  // Ethereum Classic: 5, then 4 coins, here from block 9 on.
  const income = createChainIncome({ kind: 'eras', initialAtomic: 5n * 10n ** 18n, eraBlocks: 8 });
  const askEarnings = (...daemons: readonly Daemon[]) =>
    createChainView({ synced: () => daemons }, income).blockConfirmations(OURS, 5);

  class Ethereum extends FakeDaemon {
    income: BlockIncome | undefined = { feesAtomic: 7n, uncleHeights: [4, 1] };
    uncle: UncleInclusion | undefined;
    asked = 0;

    getBlockIncome(): Promise<BlockIncome | undefined> {
      this.asked++;
      return Promise.resolve(this.income);
    }

    findUncle(): Promise<UncleInclusion | undefined> {
      return Promise.resolve(this.uncle);
    }
  }

  const ethereum = (height: number, branch: string): Ethereum => {
    const fake = new Ethereum('a');
    fake.moveTo(height, branch);
    fake.headers.set(OURS, { hash: OURS, height: 5, confirmations: branch === 'b' ? height - 4 : -1 });
    return fake;
  };

  it('is subsidy, fees and a part for each uncle, and asked for once', async () => {
    const node = ethereum(6, 'b');
    // A thirty-second of the subsidy for each.
    const rewardAtomic = (5n * 10n ** 18n + 7n + 2n * ((5n * 10n ** 18n) / 32n)).toString();
    node.income = undefined;
    expect(await askEarnings(node)).toEqual({ kind: 'unknown' });
    node.income = { feesAtomic: 7n, uncleHeights: [4, 1] };
    for (let look = 0; look < 3; look++) {
      expect(await askEarnings(node)).toEqual({ kind: 'main', confirmations: 2, rewardAtomic });
    }
    expect(node.asked).toBe(2);
  });

  it.each([
    // In the first era by depth: 7 of 8 parts for the next block, 5 of 8 two later.
    [6, ((5n * 10n ** 18n) / 8n) * 7n],
    [8, ((5n * 10n ** 18n) / 8n) * 5n],
    // Since then a thirty-second of the subsidy of the block that names it.
    [9, (4n * 10n ** 18n) / 32n],
  ])('is what an uncle is paid that block %d names', async (nephewHeight, reward) => {
    const node = ethereum(10, 'c');
    node.uncle = { nephewHash: fakeHash(nephewHeight, 'c'), nephewHeight };
    expect(await askEarnings(node)).toEqual({
      kind: 'uncle',
      confirmations: 10 - nephewHeight + 1,
      rewardAtomic: reward.toString(),
    });
    node.uncle = undefined;
    expect(await askEarnings(node)).toEqual({ kind: 'orphaned', depth: 6 });
  });

  it('is nobody’s word while the daemons disagree', async () => {
    const [node, other] = [ethereum(10, 'c'), ethereum(10, 'c')];
    node.uncle = { nephewHash: fakeHash(6, 'c'), nephewHeight: 6 };
    expect(await askEarnings(node, other)).toEqual({ kind: 'unknown' });
    other.uncle = { nephewHash: fakeHash(7, 'd'), nephewHeight: 7 };
    expect(await askEarnings(node, other)).toEqual({ kind: 'unknown' });
    // A block that is newer than the tip that was asked for.
    node.uncle = { nephewHash: fakeHash(11, 'c'), nephewHeight: 11 };
    expect(await askEarnings(node)).toEqual({ kind: 'unknown' });
  });
});
