import type { LiveStream } from '@otedama/contracts';
import { describeLiveStream } from '@otedama/contracts/testing';
import { createLiveStream } from './live-stream.ts';

let stream: LiveStream;
describeLiveStream({
  prepare: async () => {
    stream = createLiveStream();
  },
  open: () => stream,
});

it('forgets what is too old or too much, and begins a forgotten topic anew', async () => {
  const time = { nowMs: 0 };
  const small = createLiveStream({ maxAgeMs: 1_000, maxBytes: 100 }, () => time.nowMs);
  const kept = (): string[] => {
    const texts: string[] = [];
    small
      .follow({
        onEntry: ({ payload }) => texts.push(payload.toString().slice(0, 2)),
        onReset: () => undefined,
      })
      .unsubscribe();
    return texts;
  };
  await small.append('x', 0, Buffer.from('x1'));
  await small.append('y', 0, Buffer.from(`y1${'-'.repeat(90)}`));
  expect(kept()).toEqual(['x1', 'y1']);
  await small.append('z', 0, Buffer.from(`z1${'-'.repeat(20)}`));
  expect(kept()).toEqual(['z1']);
  expect(await small.append('x', 1, Buffer.from('x2'))).toBe(4);
  expect(await small.append('x', 1, Buffer.from('too late'))).toBeUndefined();
  time.nowMs = 1_001;
  expect(kept()).toEqual([]);
});
