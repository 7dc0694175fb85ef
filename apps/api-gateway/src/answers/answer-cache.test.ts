import { setImmediate as turn } from 'node:timers/promises';

import fc from 'fast-check';

import { Answer, AnswerCache, type AnswerLife } from './answer-cache.ts';

const LIFE: AnswerLife = { freshMs: 1_000, staleMs: 5_000 };

/** A cache with a clock, and a loader that answers when it is told to. */
const createBench = (maxBytes = 100_000, maxRefreshing = 4, maxLoading = 50) => {
  const time = { nowMs: 0 };
  const cache = new AnswerCache(() => time.nowMs, { maxBytes, maxRefreshing, maxLoading, maxWaiting: 2 });
  const asked: { readonly key: string; settle(value: unknown): void; fail(error: Error): void }[] = [];
  const get = (key: string) =>
    cache.get(
      key,
      LIFE,
      () =>
        new Promise((settle, fail) => {
          asked.push({ key, settle, fail });
        }),
    );
  return { cache, time, asked, get, last: () => asked.at(-1) };
};

const text = async (answer: Answer | Promise<Answer>): Promise<string> => (await answer).text;

describe('answers that many ask for', () => {
  test('one question is asked for all who wait, and none while its answer is fresh', async () => {
    const { get, asked, last, time } = createBench();
    const waiting = [get('a'), get('a'), get('a')];
    last()?.settle({ at: 1 });
    expect(await Promise.all(waiting.map(text))).toEqual(['{"at":1}', '{"at":1}', '{"at":1}']);
    time.nowMs = 999;
    expect(get('a')).toBeInstanceOf(Answer);
    expect(asked).toHaveLength(1);
  });

  test('the same text has the same entity tag, another one another', async () => {
    expect(new Answer([1]).etag).toBe(new Answer([1]).etag);
    expect(new Answer([1]).etag).not.toBe(new Answer([2]).etag);
  });

  test('one that is no longer fresh is given at once, and made anew once', async () => {
    const { get, asked, last, time } = createBench();
    const first = get('a');
    last()?.settle(1);
    await first;
    time.nowMs = 1_000;
    expect([await text(get('a')), await text(get('a'))]).toEqual(['1', '1']);
    expect(asked).toHaveLength(2);
    last()?.settle(2);
    await turn();
    expect(await text(get('a'))).toBe('2');
    expect(asked).toHaveLength(2);
  });

  test('its age counts from when it was asked for, and at its end nobody gets it', async () => {
    const { get, asked, last, time } = createBench();
    const first = get('a');
    time.nowMs = 4_999;
    last()?.settle(1);
    await first;
    time.nowMs = 5_000;
    const second = get('a');
    expect(asked).toHaveLength(2);
    last()?.settle(2);
    expect(await text(second)).toBe('2');
  });

  test('a failure reaches those who wait, is not kept, and leaves an older answer to its end', async () => {
    const { get, asked, last, time } = createBench();
    const failing = [get('a'), get('a')];
    last()?.fail(new Error('gone'));
    for (const each of failing) await expect(each).rejects.toThrow('gone');
    const second = get('a');
    expect(asked).toHaveLength(2);
    last()?.settle(1);
    await second;
    time.nowMs = 2_000;
    expect(await text(get('a'))).toBe('1');
    last()?.fail(new Error('gone'));
    await turn();
    expect(await text(get('a'))).toBe('1');
    expect(asked).toHaveLength(4);
  });

  test('after a block nothing of before is given, nor kept when it comes in later', async () => {
    const { cache, get, asked, last } = createBench();
    const kept = get('kept');
    last()?.settle('old');
    await kept;
    const late = get('late');
    const before = last();
    cache.forget();
    const fresh = get('late');
    before?.settle('old');
    expect(await text(late)).toBe('"old"');
    last()?.settle('new');
    expect(await text(fresh)).toBe('"new"');
    expect(await text(get('late'))).toBe('"new"');
    void get('kept');
    expect(asked.map(({ key }) => key)).toEqual(['kept', 'late', 'late', 'kept']);
  });

  test('only so many are made anew at once behind the back of those who ask', async () => {
    const { get, asked, time } = createBench(100_000, 2);
    const keys = ['a', 'b', 'c'];
    const first = keys.map(get);
    for (const each of asked) each.settle(each.key);
    await Promise.all(first);
    time.nowMs = 2_000;
    for (const key of keys) void get(key);
    expect(asked.slice(3).map(({ key }) => key)).toEqual(['a', 'b']);
    asked[3]?.settle('a');
    await turn();
    void get('c');
    expect(asked.slice(3).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  test('more than so many do not load at once: they take turns, and too many are refused', async () => {
    const { get, asked } = createBench(100_000, 4, 2);
    const got = ['a', 'b', 'c', 'd'].map(get);
    expect(asked.map(({ key }) => key)).toEqual(['a', 'b']);
    await expect(get('e')).rejects.toThrow('Too many answers');
    asked[1]?.fail(new Error('gone'));
    await expect(got[1]).rejects.toThrow('gone');
    expect(asked.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    for (const each of asked) each.settle(each.key);
    await Promise.all([got[0], got[2]]);
    asked[3]?.settle('d');
    expect((await got[3])?.text).toBe('"d"');
    void get('f');
    void get('g');
    expect(asked.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'f', 'g']);
  });

  test('whatever is asked, it holds no more bytes than it may, and forgets what was asked for longest ago', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.nat(40), size: fc.nat(3_000) }), { maxLength: 120 }),
        async (asks) => {
          const cache = new AnswerCache(() => 0, {
            maxBytes: 10_000,
            maxRefreshing: 1,
            maxLoading: 1,
            maxWaiting: 1,
          });
          for (const { key, size } of asks) {
            await cache.get(String(key), LIFE, async () => 'x'.repeat(size));
            expect(cache.bytes).toBeLessThanOrEqual(10_000);
          }
          const newest = asks.at(-1);
          if (newest === undefined) return;
          // What was asked last is still there.
          expect(cache.get(String(newest.key), LIFE, async () => 0)).toBeInstanceOf(Answer);
        },
      ),
    );
  });
});
