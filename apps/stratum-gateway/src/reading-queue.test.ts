import { ReadingQueue, type Talker } from './reading-queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the reading queue', () => {
  let nowMs: number;
  let heard: string[];
  let queue: ReadingQueue;
  beforeEach(() => {
    nowMs = 0;
    heard = [];
    queue = new ReadingQueue(() => nowMs);
  });

  /** Has so many pieces to say, each of which takes so long. */
  const talker = (name: string, pieces: number, eachMs: number): Talker => {
    const self: Talker = {
      resume() {
        heard.push(name);
        nowMs += eachMs;
        pieces -= 1;
        if (pieces > 0) queue.add(self);
      },
    };
    return self;
  };

  it('hears its talkers in turns, and leaves the event loop to others after a slice', async () => {
    for (const name of ['a', 'b', 'c']) queue.add(talker(name, 2, 0.5));
    await turn();
    expect(heard).toEqual(['a', 'b']);
    await turn();
    expect(heard).toEqual(['a', 'b', 'c', 'a']);
    await turn();
    expect(heard).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    expect(queue.size).toBe(0);
  });

  it('hears one alone as long as the slice lasts, and begins anew when somebody comes later', async () => {
    queue.add(talker('a', 3, 0.5));
    await turn();
    expect(heard).toEqual(['a', 'a']);
    await turn();
    await turn();
    queue.add(talker('b', 1, 0.5));
    await turn();
    expect(heard).toEqual(['a', 'a', 'a', 'b']);
  });

  it('forgets who has left', async () => {
    const gone = talker('gone', 1, 0);
    queue.add(gone);
    queue.remove(gone);
    queue.add(talker('a', 1, 0));
    await turn();
    expect(heard).toEqual(['a']);
  });
});
