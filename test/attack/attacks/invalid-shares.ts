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

/** Far fewer than anybody can send in the time: those that one address has before it is banned. */
const BEFORE_A_BAN = 5_000;

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
  judge: ({ cutOff, turnedAway, counts }) => [
    ...(cutOff + turnedAway > 0 ? [] : ['nobody was sent away']),
    ...(origin === 'many' || (counts['error 23'] ?? 0) < BEFORE_A_BAN ? [] : ['nobody was banned']),
  ],
});

const asLiar = ({ account, number }: Scene): string => `${account}.liar${number}`;
const asVictim = ({ victim, number }: Scene): string => `${victim}.liar${number}`;

export const invalidShareAttacks: readonly Attack[] = [
  invalidShares(
    'invalid-shares',
    'sends shares that meet no target from hundreds of addresses, and comes back when it is sent away',
    'many',
    asLiar,
  ),
  invalidShares('invalid-shares-from-one-address', 'the same from one address', 'one', asLiar),
  invalidShares(
    'invalid-shares-of-a-neighbour',
    'the same from the address of an honest miner (NAT)',
    'neighbour',
    asLiar,
  ),
  invalidShares(
    'invalid-shares-for-another',
    'the same from hundreds of addresses, in the name of an honest miner',
    'many',
    asVictim,
  ),
  invalidShares(
    'invalid-shares-as-a-neighbour',
    'the same from the address of an honest miner (NAT) and in its name, as another worker',
    'neighbour',
    asVictim,
  ),
];
