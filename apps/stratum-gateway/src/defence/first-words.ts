/** Hears the beginning of a connection, until it says enough to know what the connection is. */
import type { PeerListener, PeerSocket } from '@otedama/sockets';

export interface FirstWordsOptions {
  readonly timeoutMs: number;
  /** Of all that was said so far, at least one byte: whether it can be judged. It must say yes before long. */
  readonly isEnough: (bytes: Buffer) => boolean;
  /** Called once, unless the peer is gone before: whoever is called listens from now on. Late: its time is over. */
  readonly onHeard: (bytes: Buffer, isLate: boolean) => void;
  readonly onGone: () => void;
}

const nothing = Buffer.alloc(0);

export class FirstWords implements PeerListener {
  readonly #options: FirstWordsOptions;
  readonly #deadline: NodeJS.Timeout;
  #bytes: Buffer = nothing;
  #isOver = false;

  constructor(options: FirstWordsOptions) {
    this.#options = options;
    this.#deadline = setTimeout(() => this.#finish(true), options.timeoutMs);
  }

  onData(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#options.isEnough(this.#bytes)) this.#finish(false);
  }

  onQueueChange(): void {
    // Nothing was said to it yet.
  }

  onClose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#options.onGone();
  }

  #finish(isLate: boolean): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#options.onHeard(this.#bytes, isLate);
  }
}

/** `said`: what was read of it before. */
export const hearFirstWords = (peer: PeerSocket, said: Buffer, options: FirstWordsOptions): void => {
  if (said.length > 0 && options.isEnough(said)) {
    options.onHeard(said, false);
    return;
  }
  const words = new FirstWords(options);
  peer.listen(words);
  if (said.length > 0) words.onData(said);
  peer.resume();
};
