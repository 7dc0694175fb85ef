/** A bare Stratum connection for what no miner would do: lines as they are, answers as they come. */
import { type Socket, connect } from 'node:net';
import { createInterface } from 'node:readline';

export class StratumLine {
  /** Everything the pool said, in order. */
  readonly received: string[] = [];
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #waiting: (() => void)[] = [];
  #ended = false;

  /** From an address of this machine: all of 127.0.0.0/8 are. */
  constructor(port: number, localAddress = '127.0.0.1') {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, localAddress });
    this.#socket.on('error', () => undefined);
    const lines = createInterface({ input: this.#socket });
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      this.received.push(line);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        this.#ended = true;
        this.#wake();
        resolve();
      });
    });
  }

  write(text: string | Uint8Array): void {
    this.#socket.write(text);
  }

  /** The first answer or notification from now on that fits; undefined when the pool hangs up before. */
  async next(
    fits: (message: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown> | undefined> {
    for (let at = this.received.length; ; at++) {
      while (at >= this.received.length) {
        if (this.#ended) return undefined;
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
      const message = JSON.parse(this.received[at] ?? '{}') as Record<string, unknown>;
      if (fits(message)) return message;
    }
  }

  /** Sends a request and waits for the reply with its id. */
  request(
    id: number | string,
    method: string,
    params: unknown,
  ): Promise<Record<string, unknown> | undefined> {
    this.write(`${JSON.stringify({ id, method, params })}\n`);
    return this.next((message) => message['id'] === id && message['method'] === undefined);
  }

  close(): void {
    this.#socket.destroy();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
