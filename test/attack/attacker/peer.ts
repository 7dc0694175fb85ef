/** A connection of an attacker: bytes as they are, at the speed at which the pool takes them. */
import { type Socket, connect } from 'node:net';

/** What is kept of what the pool says: the end of it. */
const MAX_HEARD_CHARS = 256 * 1024;

export interface PeerOptions {
  readonly port: number;
  readonly localAddress: string;
}

export class Peer {
  readonly closed: Promise<void>;
  sentBytes = 0;
  heardBytes = 0;
  heard = '';
  hasLeft = false;
  readonly #socket: Socket;
  #isOpen = true;
  #wake: () => void = () => undefined;

  constructor({ port, localAddress }: PeerOptions) {
    this.#socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
    // The reason is in the close that follows.
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (chunk: Buffer) => {
      this.heardBytes += chunk.length;
      this.heard = (this.heard + chunk.toString('latin1')).slice(-MAX_HEARD_CHARS);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        this.#isOpen = false;
        this.#wake();
        resolve();
      });
    });
  }

  get hasHeard(): boolean {
    return this.heardBytes > 0;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Until the system has taken it, or the connection has ended. */
  send(bytes: string | Uint8Array): Promise<void> {
    if (!this.#isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.write(bytes, (error) => {
        if (!error) this.sentBytes += bytes.length;
        // Whoever sends without end leaves the others their turn.
        setImmediate(resolve);
      });
    });
  }

  /** From now on nothing is read: what the pool says stays with it. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Until the pool has said something that fits, or has hung up. */
  async hears(fits: RegExp): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const found = fits.exec(this.heard);
      if (found !== null) return found;
      if (!this.#isOpen) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.hasLeft = true;
    this.#socket.destroy();
  }
}
