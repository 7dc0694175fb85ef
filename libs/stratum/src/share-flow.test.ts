import { createCore } from './core.ts';
import type { Effect, SessionCore, SubmittedShare, Wording } from './session.ts';
import { type CheckedShare, isUnproven, settleShare, submitShare } from './share-flow.ts';
import type { Turn } from './turn.ts';

const wording: Wording = {
  accepted: (id) => `ok ${id}\n`,
  refused: (id, reason) => `no ${id} ${reason}\n`,
  notice: () => undefined,
};
const vardiff = {
  initialDifficulty: 1,
  minimumDifficulty: 1,
  maximumDifficulty: 1,
  targetShareIntervalMs: 10_000,
  retargetIntervalMs: 30_000,
};

const checked = (key: string, claimed?: boolean): CheckedShare => ({
  jobKey: 1,
  account: { address: 'a', worker: 'w' },
  nTime: 0,
  nonce: 0,
  version: 0,
  extranonce: new Uint8Array(),
  target: { difficulty: 1, targetLe: new Uint8Array(32), work: 1n },
  key,
  ...(claimed === undefined ? {} : { claimed }),
});

class Peer {
  readonly session: SessionCore = createCore({ vardiff }, wording, undefined, 0);
  readonly effects: Effect[] = [];

  get turn(): Turn {
    return { session: this.session, nowMs: 0, effects: this.effects };
  }

  /** The share that goes out for its verdict. */
  submit(id: string, share: CheckedShare): SubmittedShare | undefined {
    const from = this.effects.length;
    submitShare(this.turn, { id }, share);
    const sent = this.effects.slice(from).find((effect) => effect.kind === 'submit');
    return sent?.kind === 'submit' ? sent.share : undefined;
  }

  settle(share: SubmittedShare | undefined, outcome: Parameters<typeof settleShare>[2]): void {
    if (share === undefined) throw new Error('nothing went out');
    settleShare(this.turn, share.ticket, outcome);
  }

  said(): string {
    return this.effects.flatMap((effect) => (effect.kind === 'send' ? [String(effect.data)] : [])).join('');
  }
}

it('a session is unproven until its first share is accepted', () => {
  const peer = new Peer();
  const [first, second] = [peer.submit('1', checked('a')), peer.submit('2', checked('b'))];
  expect([first?.unproven, second?.unproven]).toEqual([true, true]);
  peer.settle(first, 'low-difficulty');
  expect(isUnproven(peer.session)).toBe(true);
  peer.settle(second, 'accepted');
  expect(peer.submit('3', checked('c'))?.unproven).toBe(false);
});

it('answers in the order of the requests, whatever the order of the verdicts', () => {
  const peer = new Peer();
  const [first, second] = [peer.submit('1', checked('a')), peer.submit('2', checked('b'))];
  peer.settle(second, 'accepted');
  expect(peer.said()).toBe('');
  peer.settle(first, 'accepted');
  expect(peer.said()).toBe('ok 1\nok 2\n');
});

it('takes a share again only if it did not count and its fate is known', () => {
  const peer = new Peer();
  peer.settle(peer.submit('1', checked('a')), 'low-difficulty');
  peer.settle(peer.submit('2', checked('a')), 'accepted');
  expect(peer.submit('3', checked('a'))).toBeUndefined();
  expect(peer.said()).toMatch(/no 3 duplicate\n$/);
  peer.settle(peer.submit('4', checked('b')), 'undecided');
  expect(peer.session.closed).toBe(true);
  expect(peer.session.history.has(1, 'b')).toBe(true);
});

it('a miner whose claimed hashes are false is soon sent away, one that only misses its target is not', () => {
  const [liar, unlucky] = [new Peer(), new Peer()];
  for (let n = 0; n < 4; n++) {
    liar.settle(liar.submit(`${n}`, checked(`${n}`, true)), 'low-difficulty');
    unlucky.settle(unlucky.submit(`${n}`, checked(`${n}`)), 'low-difficulty');
  }
  expect(liar.said()).toMatch(/no 0 false-hash/);
  expect(liar.session.closed).toBe(true);
  expect(unlucky.said()).toMatch(/no 0 low-difficulty/);
  expect(unlucky.session.closed).toBe(false);
});
