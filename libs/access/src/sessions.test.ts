import fc from 'fast-check';
import { loginBudgets } from './login-budget.ts';
import { REFRESH_GRACE_MS, type RefreshVerdict, judgeRefresh, sessionLimits } from './sessions.ts';
import { formatApiKey, formatRefreshToken, isApiKey, isRefreshToken, shownPart } from './tokens.ts';

const LIMITS = sessionLimits(60_000);
const fresh = { startedAtMs: 0, refreshedAtMs: 0, endedAtMs: undefined };

it.each<
  [
    string,
    Partial<{ startedAtMs: number; refreshedAtMs: number; endedAtMs: number }>,
    number | undefined,
    number,
    RefreshVerdict,
  ]
>([
  ['rotates the current token', {}, undefined, 59_999, 'rotate'],
  ['ends an idle session', {}, undefined, 60_000, 'over'],
  ['ends an old session', { refreshedAtMs: 419_000 }, undefined, 420_000, 'over'],
  ['knows an ended session', { endedAtMs: 1 }, undefined, 2, 'over'],
  ['answers the token before for a moment', {}, 1_000, 1_000 + REFRESH_GRACE_MS - 1, 'repeat'],
  ['takes it for stolen afterwards', {}, 1_000, 1_000 + REFRESH_GRACE_MS, 'reused'],
  ['takes it for stolen also where the session is over', {}, 1_000, 60_000, 'over'],
])('%s', (_, times, replacedAtMs, nowMs, verdict) => {
  expect(judgeRefresh({ ...fresh, ...times }, replacedAtMs, LIMITS, nowMs)).toBe(verdict);
});

/** A model of a session whose tokens two parties hold. */
it('never gives two parties a living session for longer than the grace', () => {
  const step = fc.record({ afterMs: fc.integer({ min: 0, max: 50_000 }), isThief: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 30 }), (steps) => {
      const replacedAt: (number | undefined)[] = [undefined];
      const held = { owner: 0, thief: 0 };
      const session: { startedAtMs: number; refreshedAtMs: number; endedAtMs: number | undefined } = {
        ...fresh,
      };
      let nowMs = 0;
      for (const { afterMs, isThief } of steps) {
        nowMs += afterMs;
        const who = isThief ? 'thief' : 'owner';
        const verdict = judgeRefresh(session, replacedAt[held[who]], LIMITS, nowMs);
        if (verdict === 'reused') session.endedAtMs = nowMs;
        if (verdict !== 'rotate') continue;
        replacedAt[held[who]] = nowMs;
        held[who] = replacedAt.push(undefined) - 1;
        session.refreshedAtMs = nowMs;
      }
      const bothCurrent = replacedAt[held.owner] === undefined && replacedAt[held.thief] === undefined;
      expect(bothCurrent && held.owner !== held.thief).toBe(false);
    }),
  );
});

it('gives strangers and known devices budgets of their own', () => {
  const attempt = { address: '192.0.2.1', name: 'ann', deviceId: undefined };
  const budgets = (over: Partial<{ address: string; name: string; deviceId: string }>): string[] =>
    loginBudgets({ ...attempt, ...over }).map(({ kind, key }) => `${kind} ${key}`);
  expect(budgets({})).toEqual(['address 192.0.2.1', 'account ann']);
  expect(budgets({ address: '198.51.100.1' })[1]).toBe('account ann');
  expect(budgets({ deviceId: 'd1' })).toEqual(['device d1']);
});

it('tells keys, tokens and other text apart', () => {
  const secret = Buffer.alloc(32, 7);
  const key = formatApiKey(secret);
  const token = formatRefreshToken(secret);
  expect([isApiKey(key), isApiKey(token), isRefreshToken(token), isRefreshToken(key)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(isApiKey(`${key}x`)).toBe(false);
  expect(shownPart(key)).toHaveLength('otedama_key_'.length + 8);
});
