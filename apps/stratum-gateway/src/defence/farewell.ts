/** The last word to a peer that was refused, and the moment that it gets to read it. */
import type { PeerListener, PeerSocket } from '@otedama/sockets';

class Farewell implements PeerListener {
  readonly #deadline: NodeJS.Timeout;
  readonly #onGone: () => void;

  constructor(peer: PeerSocket, timeoutMs: number, onGone: () => void) {
    this.#deadline = setTimeout(() => peer.destroy(), timeoutMs);
    this.#onGone = onGone;
  }

  onData(): void {
    // What it has said already is read away, or its system would throw our word away with the connection.
  }

  onQueueChange(): void {
    // It has a moment for that.
  }

  onClose(): void {
    clearTimeout(this.#deadline);
    this.#onGone();
  }
}

export const bidFarewell = (peer: PeerSocket, line: string, timeoutMs: number, onGone: () => void): void => {
  peer.listen(new Farewell(peer, timeoutMs, onGone));
  peer.resume();
  peer.stage([line]);
  peer.end();
};
