import { Turns } from './turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  const done: number[] = [];
  const ask = (turns: Turns, from: number, to: number): void => {
    for (let at = from; at < to; at++) void turns.next().then(() => done.push(at));
  };
  beforeEach(() => void done.splice(0));

  it('let so many go at once, and as many in each later turn, in their order', async () => {
    const turns = new Turns(2);
    ask(turns, 0, 5);
    await Promise.resolve();
    expect(done).toEqual([0, 1]);
    await turn();
    expect(done).toEqual([0, 1, 2, 3]);
    ask(turns, 5, 6);
    await turn();
    expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('begin anew after a rest', async () => {
    const turns = new Turns(1);
    ask(turns, 0, 1);
    for (let at = 0; at < 3; at++) await turn();
    ask(turns, 1, 3);
    await Promise.resolve();
    expect(done).toEqual([0, 1]);
    await turn();
    expect(done).toEqual([0, 1, 2]);
  });
});
