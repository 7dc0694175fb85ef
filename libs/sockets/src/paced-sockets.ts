/** Sockets of one port whose bytes are handed on at the pace, one after the other. */
import type { Socket } from 'node:net';

import type { Crowd, Pace } from './pace.ts';
import { PacedSocket, type SpeakingQueue } from './paced-socket.ts';

export class PacedSockets {
  /** Those with something to hand on, in their order; each is in it once. */
  readonly #speaking = new Set<PacedSocket>();
  readonly #crowd: Crowd;
  readonly #queue: SpeakingQueue;

  constructor(pace: Pace) {
    this.#crowd = pace.crowd(() => this.#handOnOne());
    this.#queue = {
      enter: (socket) => {
        this.#speaking.add(socket);
        this.#crowd.wake();
      },
      leave: (socket) => void this.#speaking.delete(socket),
    };
  }

  get waiting(): number {
    return this.#speaking.size;
  }

  /** The stream to use from now on in the place of the socket, which is paused. */
  wrap(socket: Socket): PacedSocket {
    return new PacedSocket(socket, this.#queue);
  }

  #handOnOne(): boolean {
    const [socket] = this.#speaking;
    if (socket === undefined) return false;
    this.#speaking.delete(socket);
    socket.handOn();
    return true;
  }
}
