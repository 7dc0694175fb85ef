import { levelOfNice } from './cpu-device.ts';

describe('thread priority', () => {
  it('takes the nearest level of the native miner', () => {
    expect([19, 15, 14, 10, 5, 4, 0, -3, -10, -20].map(levelOfNice)).toEqual([0, 0, 1, 1, 1, 2, 2, 3, 4, 5]);
  });
});
