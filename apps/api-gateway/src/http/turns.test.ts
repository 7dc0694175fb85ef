import { Turns } from './turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  let done: number[];
  beforeEach(() => {
    done = [];
  });
  const ask = (turns: Turns, from: number, to: number): void => {
    const mine = done;
    for (let at = from; at < to; at++) turns.enter(() => mine.push(at));
  };

  it('let so many go at once, and as many in each later turn, in their order', async () => {
    const turns = new Turns(2, 100);
    ask(turns, 0, 5);
    expect(done).toEqual([0, 1]);
    await turn();
    expect(done).toEqual([0, 1, 2, 3]);
    ask(turns, 5, 6);
    await turn();
    expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('begin anew after a rest', async () => {
    const turns = new Turns(1, 100);
    ask(turns, 0, 1);
    for (let at = 0; at < 3; at++) await turn();
    ask(turns, 1, 3);
    expect(done).toEqual([0, 1]);
    await turn();
    expect(done).toEqual([0, 1, 2]);
  });

  it('keep nobody waiting behind more than may wait', () => {
    const turns = new Turns(1, 2);
    ask(turns, 0, 5);
    expect(done).toEqual([0, 3, 4]);
  });

  it('have whoever asks during a turn wait for a later one', async () => {
    const turns = new Turns(1, 100);
    turns.enter(() => ask(turns, 10, 12));
    expect(done).toEqual([]);
    await turn();
    await turn();
    expect(done).toEqual([10, 11]);
  });
});
