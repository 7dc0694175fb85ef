import fc from 'fast-check';
import { MAX_PENDING_REPLIES, MAX_REMEMBERED_SHARES } from './limits.ts';
import { ReplyQueue } from './reply-queue.ts';
import { ShareHistory, shareKey } from './share-history.ts';

describe('ShareHistory', () => {
  it('tells shares apart by every field of the header that a miner sets', () => {
    const field = fc.integer({ min: 0, max: 0xffffffff });
    const share = fc.record({
      extranonce: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      nTime: field,
      nonce: field,
      version: field,
    });
    fc.assert(
      fc.property(share, share, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(shareKey(a.extranonce, a) === shareKey(b.extranonce, b)).toBe(same);
      }),
    );
  });

  it('forgets a share that did not count and keeps one that did', () => {
    const history = new ShareHistory();
    expect(history.hold(1, 'a')).toBe(true);
    expect(history.has(1, 'a')).toBe(true);
    history.settle(1, 'a', false);
    expect(history.has(1, 'a')).toBe(false);
    history.hold(1, 'a');
    history.settle(1, 'a', true);
    history.settle(1, 'a', false);
    expect([history.has(1, 'a'), history.has(2, 'a'), history.size]).toEqual([true, false, 1]);
  });

  it('takes no more than its cap, and has room again when a job is gone', () => {
    const history = new ShareHistory();
    for (let i = 0; i < MAX_REMEMBERED_SHARES; i++) expect(history.hold(i % 2, String(i))).toBe(true);
    expect(history.hold(0, 'one more')).toBe(false);
    history.forget((jobKey) => jobKey === 0);
    expect(history.size).toBe(MAX_REMEMBERED_SHARES / 2);
    expect(history.hold(1, 'one more')).toBe(true);
    history.settle(0, '0', true);
    expect(history.has(0, '0')).toBe(false);
  });
});

describe('ReplyQueue', () => {
  it('gives every reply once, in the order of the tickets, in whatever order they are settled', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 40 }, (_, i) => i),
          { minLength: 40 },
        ),
        (order) => {
          const queue = new ReplyQueue();
          for (let i = 0; i < 40; i++) expect(queue.reserve()).toBe(i);
          const out = order.map((ticket) => {
            queue.settle(ticket, `${ticket};`);
            return queue.take();
          });
          expect(out.join('')).toBe(Array.from({ length: 40 }, (_, i) => `${i};`).join(''));
          expect(queue.size).toBe(0);
        },
      ),
    );
  });

  it('keeps what a reply waits for until it is taken out, once', () => {
    const queue = new ReplyQueue<{ readonly share: number }>();
    expect([queue.reserve({ share: 1 }), queue.reserve(), queue.reserve({ share: 2 })]).toEqual([0, 1, 2]);
    expect(queue.awaited).toBe(2);
    expect([queue.takeAwaited(1), queue.takeAwaited(3), queue.takeAwaited(-1)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([queue.takeAwaited(2), queue.takeAwaited(2)]).toEqual([{ share: 2 }, undefined]);
    expect(queue.take()).toBe('');
    expect(queue.takeAwaited(0)).toEqual({ share: 1 });
    for (const ticket of [0, 1, 2]) queue.settle(ticket, `${ticket};`);
    expect([queue.take(), queue.awaited]).toEqual(['0;1;2;', 0]);
    expect(queue.takeAwaited(2)).toBeUndefined();
  });

  it('is bounded and ignores tickets that are not its own', () => {
    const queue = new ReplyQueue();
    queue.settle(0, 'x');
    for (let i = 0; i < MAX_PENDING_REPLIES; i++) queue.reserve();
    expect(queue.reserve()).toBeUndefined();
    queue.settle(-1, 'x');
    expect(queue.take()).toBe('');
  });
});
