import type { Daemon } from '@otedama/daemon-rpc';
import { FakeDaemon, fakeHash } from '@otedama/daemon-rpc/testing';
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
