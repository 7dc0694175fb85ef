import type { Attack } from '../attack.ts';

/** More than a session takes. */
const NAMES = 300;

export const loginFlood: Attack = {
  name: 'login-flood',
  what: 'logs in hundreds of names of an honest miner on each connection, and stays',
  door: 'stratum',
  origin: 'many',
  attackers: 50,
  async script(scene) {
    const line = scene.line();
    await line.request(1, 'mining.subscribe', ['attack']);
    const logins = Array.from({ length: NAMES }, (_, at) =>
      line.request(at + 2, 'mining.authorize', [`${scene.victim}.ghost${scene.number}x${at}`, 'x']),
    );
    for (const reply of await Promise.all(logins)) {
      scene.count(reply?.['result'] === true ? 'logged in' : reply === undefined ? 'no answer' : 'refused');
    }
    await Promise.race([line.closed, scene.pause(600_000)]);
    await scene.pause(1_000);
  },
};
