import { type Who, mayOperate } from '../api/session.ts';
import { Account } from './account.ts';

const ann: Who = { identity: { kind: 'user', name: 'ann', role: 'admin' }, canLogIn: true };
const nobody: Who = { canLogIn: true };
const MINUTE_MS = 60_000;

const setup = (isLoggedIn: boolean) => {
  const world = { who: nobody as Who | undefined, isAlive: true, isVisible: true, nowMs: 0, isLoggedIn };
  const calls: string[] = [];
  const seen: (Who | undefined)[] = [];
  const account = new Account({
    api: {
      fetchWho: async () => world.who,
      logIn: async ({ password }) => {
        calls.push('login');
        if (password !== 'right') return { kind: 'failed', message: 'no' };
        world.who = ann;
        return { kind: 'done' };
      },
      logOut: async () => {
        calls.push('logout');
        world.who = nobody;
        return true;
      },
      refreshSession: async () => {
        calls.push('refresh');
        return world.isAlive;
      },
    },
    memory: {
      isLoggedIn: () => world.isLoggedIn,
      set: (value) => {
        world.isLoggedIn = value;
      },
    },
    isVisible: () => world.isVisible,
    now: () => world.nowMs,
    onWho: (who) => seen.push(who),
  });
  return { world, account, calls, seen };
};

it('asks for no token where nobody has logged in', async () => {
  const { account, calls, seen } = setup(false);
  await account.start();
  expect([calls, seen]).toEqual([[], [nobody]]);
});

it('goes on with the session of before, and keeps it while somebody looks', async () => {
  const { account, calls, world } = setup(true);
  await account.start();
  world.nowMs += 7 * MINUTE_MS;
  await account.keepAlive();
  expect(calls).toEqual(['refresh']);
  world.nowMs += MINUTE_MS;
  await account.keepAlive();
  expect(calls).toEqual(['refresh', 'refresh']);
  world.nowMs += 60 * MINUTE_MS;
  world.isVisible = false;
  await account.keepAlive();
  expect(calls).toHaveLength(2);
});

it('shows who it is after a login, and nobody after a logout or the end of the session', async () => {
  const { account, seen, world, calls } = setup(false);
  await expect(account.logIn({ name: 'ann', password: 'wrong' })).resolves.toEqual({
    kind: 'failed',
    message: 'no',
  });
  expect(seen).toEqual([]);
  await account.logIn({ name: 'ann', password: 'right' });
  expect([seen.at(-1), world.isLoggedIn]).toEqual([ann, true]);
  await account.logOut();
  expect([seen.at(-1), world.isLoggedIn]).toEqual([nobody, false]);
  await account.logIn({ name: 'ann', password: 'right' });
  world.nowMs += 10 * MINUTE_MS;
  world.isAlive = false;
  world.who = nobody;
  await account.keepAlive();
  expect([seen.at(-1), world.isLoggedIn]).toEqual([nobody, false]);
  world.nowMs += 10 * MINUTE_MS;
  await account.keepAlive();
  expect(calls.filter((call) => call === 'refresh')).toHaveLength(1);
});

it.each([
  [undefined, false],
  [{ canLogIn: false }, true],
  [{ canLogIn: true }, false],
  [{ identity: { kind: 'local', name: 'local', role: 'operator' }, canLogIn: false }, true],
  [{ identity: { kind: 'user', name: 'bob', role: 'viewer' }, canLogIn: true }, false],
  [ann, true],
] as const)('offers start and stop to %j: %s', (who, expected) => {
  expect(mayOperate(who)).toBe(expected);
});
