import { silentLogger } from '@otedama/contracts';
import { DaemonError, type Seal, type SealedBlock } from '@otedama/daemon-rpc';
import { ManualTimers } from '@otedama/daemon-rpc/testing';
import { findChainHash } from './chain-identity.ts';

const SEAL: Seal = { height: 7, nonce: '0123456789abcdef', mixHash: 'ab'.repeat(32) };
const HASH = 'cd'.repeat(32);

type Answer = SealedBlock | undefined | 'down';

/** Answers in turn, the last one for ever. */
const daemon = (...answers: readonly Answer[]) => {
  let asked = 0;
  return {
    name: 'node',
    get asked() {
      return asked;
    },
    findSealed: (seal: Seal): Promise<SealedBlock | undefined> => {
      expect(seal).toEqual(SEAL);
      const answer = answers[Math.min(asked++, answers.length - 1)];
      return answer === 'down'
        ? Promise.reject(
            new DaemonError('DAEMON_UNREACHABLE', { daemon: 'node', method: 'm', detail: 'down' }),
          )
        : Promise.resolve(answer);
    },
  };
};

const sealed: SealedBlock = { hash: HASH, uncleOf: undefined };

const find = (daemons: Parameters<typeof findChainHash>[1], signal = new AbortController().signal) => {
  const timers = new ManualTimers();
  const found = findChainHash({ timers, logger: silentLogger }, daemons, SEAL, signal);
  return { found, timers };
};

it('is asked of every daemon until one knows', async () => {
  const [first, second] = [daemon('down'), daemon(undefined, sealed)];
  const { found, timers } = find([first, second]);
  await timers.advance(1_000);
  expect(await found).toBe(HASH);
  expect([first.asked, second.asked]).toEqual([2, 2]);
});

it('an uncle is known by its own hash', async () => {
  const uncle = { hash: HASH, uncleOf: { nephewHash: 'ef'.repeat(32), nephewHeight: 9 } };
  expect(await find([daemon(uncle)]).found).toBe(HASH);
});

it('a block that no chain ever shows is given up', async () => {
  const node = daemon(undefined);
  const { found, timers } = find([node]);
  await timers.advance(200_000);
  expect(await found).toBeUndefined();
  expect(node.asked).toBe(100);
});

it('ends with the process', async () => {
  const stopping = new AbortController();
  const { found } = find([daemon(undefined)], stopping.signal);
  stopping.abort();
  expect(await found).toBeUndefined();
});
