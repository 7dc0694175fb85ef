import type { Socket } from 'node:net';
import { WaitingRoom } from './waiting-room.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** As much of a socket as the room looks at. */
class Peer {
  destroyed = false;
  #onClose = (): void => undefined;

  once(_: string, listener: () => void): void {
    this.#onClose = listener;
  }

  leave(): void {
    this.destroyed = true;
    this.#onClose();
  }
}

const crowd = (count: number): Peer[] => Array.from({ length: count }, () => new Peer());

describe('the waiting room', () => {
  let nowMs: number;
  let admitted: number[];
  let room: WaitingRoom;
  beforeEach(() => {
    nowMs = 0;
    admitted = [];
    room = new WaitingRoom(() => nowMs);
  });
  const enter = (peers: readonly Peer[]): void => {
    // A room of an earlier test may still be letting in its own.
    const mine = admitted;
    peers.forEach((peer, at) => room.enter(peer as unknown as Socket, () => mine.push(at)));
  };
  /** How many get in at each turn of so many milliseconds. */
  const pace = async (turnMs: number, turns: number): Promise<number[]> => {
    const counts: number[] = [];
    for (let at = 0; at < turns; at++) {
      const before = admitted.length;
      nowMs += turnMs;
      await turn();
      counts.push(admitted.length - before);
    }
    return counts;
  };

  it('lets a few in at once', () => {
    enter(crowd(3));
    expect(admitted).toEqual([0, 1, 2]);
    expect(room.size).toBe(0);
  });

  it('lets a crowd in, in order and to the last one', async () => {
    enter(crowd(1_000));
    expect(admitted.length).toBe(16);
    await pace(1, 100);
    expect(admitted).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
    expect(room.size).toBe(0);
  });

  it('lets more in per turn while turns are short, fewer while they are long, but always some', async () => {
    enter(crowd(10_000));
    const short = await pace(1, 60);
    expect(short[0]).toBe(17);
    expect(short.at(-1)).toBe(64);
    const fair = await pace(5, 5);
    expect(new Set(fair)).toEqual(new Set([64]));
    const long = await pace(7, 10);
    expect(long.slice(0, 5)).toEqual([32, 16, 8, 4, 4]);
    expect(long.at(-1)).toBe(4);
  });

  it('forgets those who leave while they wait', async () => {
    const peers = crowd(40);
    enter(peers);
    for (const peer of peers.slice(20, 38)) peer.leave();
    expect(room.size).toBe(6);
    await pace(1, 5);
    expect(admitted.slice(16)).toEqual([16, 17, 18, 19, 38, 39]);
  });
});
