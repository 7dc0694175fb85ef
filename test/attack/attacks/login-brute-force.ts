import { randomBytes } from 'node:crypto';
import type { Attack, Scene } from '../attack.ts';

/** A known device may try ten times at once. */
const OWNER_EVERY_MS = 4_000;

const tryLogin = (scene: Scene, name: string, password: string, headers: string[] = []) =>
  scene.ask({
    method: 'POST',
    path: '/api/v1/session',
    headers: ['Content-Type: application/json', ...headers],
    body: JSON.stringify({ name, password }),
    mayBeBusy: true,
  });

/** One of them is the owner itself, who logs in meanwhile where it has logged in before. */
const logInAsOwner = async (scene: Scene): Promise<void> => {
  const { name, password, deviceToken } = scene.owner;
  const answer = await tryLogin(scene, name, password, [`Cookie: otedama_device=${deviceToken}`]);
  if (answer?.status === 200) scene.count('the owner logged in');
  else scene.accuse(`the owner was kept out: ${answer?.status} ${answer?.body}`);
  await scene.pause(OWNER_EVERY_MS);
};

const guess = async (scene: Scene): Promise<void> => {
  for (const name of [scene.owner.name, `nobody${Math.floor(Math.random() * 1_000)}`]) {
    const answer = await tryLogin(scene, name, randomBytes(8).toString('hex'));
    if (answer?.status === 200) scene.accuse(`${name} was guessed`);
  }
};

const bruteForce = (name: string, what: string, origin: 'one' | 'many'): Attack => ({
  name,
  what,
  door: 'api',
  origin,
  attackers: 16,
  // Two passwords are hashed at a time, in 128 MiB each.
  maxGrowthMib: 600,
  script: (scene) => (scene.number === 0 && origin === 'many' ? logInAsOwner(scene) : guess(scene)),
  judge: ({ counts }) => [
    ...(counts['HTTP 429'] === undefined ? ['nobody was told to slow down'] : []),
    ...(origin === 'many' && counts['the owner logged in'] === undefined
      ? ['the owner has not logged in']
      : []),
  ],
});

export const loginBruteForce = bruteForce(
  'login-brute-force',
  'guesses passwords from hundreds of addresses, while the owner logs in where it has before',
  'many',
);
export const loginFromOneAddress = bruteForce(
  'login-from-one-address',
  'guesses passwords from one address',
  'one',
);
