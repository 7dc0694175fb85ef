import type { Outcome } from '@otedama/test-harness';
import type { Attack } from '../attack.ts';
import { eventuallyHasJob } from './stratum-session.ts';

const REPLAYS = 10;

const wordOf = (outcome: Outcome): string =>
  typeof outcome === 'string' ? outcome : `error ${outcome.code}`;

/** What it has sent already, in the session where it was sent and in the one that goes on with it. */
export const ownSharesAgain: Attack = {
  name: 'own-shares-again',
  what: 'sends valid shares of its own again, in the same session and after coming back to it',
  door: 'stratum',
  origin: 'many',
  attackers: 16,
  async script(scene) {
    const user = `${scene.account}.again`;
    const first = scene.miner({ user });
    if (!(await eventuallyHasJob(scene, first))) return first.close();
    scene.count(`first: ${wordOf((await first.submit('share')).outcome)}`);
    const { lastShare, sessionId, extranonce1 } = first;
    if (lastShare === undefined || sessionId === undefined) return first.close();
    const replay = async (when: string, miner: typeof first): Promise<void> => {
      const outcome = await miner.submitAgain(lastShare);
      scene.count(`${when}: ${wordOf(outcome)}`);
      if (outcome === 'accepted') scene.accuse(`a share was accepted again ${when}`);
    };
    for (let i = 0; i < REPLAYS; i++) await replay('in the same session', first);
    first.close();
    await first.closed;
    const second = scene.miner({ user, sessionId });
    if ((await eventuallyHasJob(scene, second)) && second.extranonce1 === extranonce1)
      await replay('after coming back', second);
    second.close();
  },
  judge: ({ counts }) =>
    ['in the same session', 'after coming back']
      .filter((when) => counts[`${when}: error 22`] === undefined)
      .map((when) => `no share was known again ${when}`),
};

/** Another session has another extranonce: what was found in one is no work in it. */
export const sharesOfAnother: Attack = {
  name: 'shares-of-another',
  what: 'sends the valid shares of one session in another, under another name',
  door: 'stratum',
  origin: 'many',
  attackers: 16,
  async script(scene) {
    const owner = scene.miner({ user: `${scene.account}.owner` });
    const thief = scene.miner({ user: `${scene.account}.thief`, password: 'd=1' });
    if ((await eventuallyHasJob(scene, owner)) && (await eventuallyHasJob(scene, thief))) {
      scene.count(`found: ${wordOf((await owner.submit('share')).outcome)}`);
      const outcome = owner.lastShare === undefined ? 'lost' : await thief.submitAgain(owner.lastShare);
      scene.count(`stolen: ${wordOf(outcome)}`);
      if (outcome === 'accepted') scene.accuse('a share was accepted from who has not found it');
    }
    owner.close();
    thief.close();
  },
  judge: ({ counts }) => (counts['stolen: error 23'] === undefined ? ['no stolen share was refused'] : []),
};
