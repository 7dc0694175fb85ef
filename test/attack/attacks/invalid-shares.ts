import type { Attack, Scene } from '../attack.ts';
import { login, randomShare } from './stratum-session.ts';

const SHARES_AT_A_TIME = 8;

/** Shares that nobody has worked for, until it is sent away. */
const cheat = async (scene: Scene, user: string): Promise<void> => {
  const session = await login(scene, user);
  if (session === undefined) return scene.pause(100);
  let id = 10;
  let isOpen = true;
  while (isOpen && !scene.isOver) {
    const replies = await Promise.all(
      Array.from({ length: SHARES_AT_A_TIME }, () =>
        session.line.request(++id, 'mining.submit', [user, ...randomShare(session)]),
      ),
    );
    for (const reply of replies) scene.count(answerOf(reply));
    isOpen = replies.every((reply) => reply !== undefined);
  }
  session.line.close();
};

const answerOf = (reply: Record<string, unknown> | undefined): string => {
  if (reply === undefined) return 'no answer';
  const [code] = (reply['error'] ?? []) as [number?];
  return code === undefined ? 'accepted' : `error ${code}`;
};

const invalidShares = (
  name: string,
  what: string,
  origin: Attack['origin'],
  userOf: (scene: Scene) => string,
): Attack => ({
  name,
  what,
  door: 'stratum',
  origin,
  attackers: 32,
  script: (scene) => cheat(scene, userOf(scene)),
  judge: ({ cutOff, turnedAway }) => (cutOff + turnedAway > 0 ? [] : ['nobody was sent away']),
});

export const invalidShareFlood = invalidShares(
  'invalid-shares',
  'sends shares that meet no target, and comes back when it is sent away',
  'many',
  ({ account, number }) => `${account}.liar${number}`,
);

export const invalidSharesForVictim = invalidShares(
  'invalid-shares-for-another',
  'sends shares that meet no target in the name of an honest miner',
  'many',
  ({ victim, number }) => `${victim}.liar${number}`,
);

export const invalidSharesOfNeighbour = invalidShares(
  'invalid-shares-of-a-neighbour',
  'sends shares that meet no target from the address of an honest miner (NAT)',
  'neighbour',
  ({ account, number }) => `${account}.liar${number}`,
);
