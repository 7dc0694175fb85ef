/**
 * Stands between services and a NATS server and takes lines away: each client says its name when it connects, and
 * the line of a name can be cut (nothing arrives on either side, nobody is told, as when a network splits) or slow.
 */
import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';

export interface NatsProxy extends AsyncDisposable {
  readonly url: string;
  /** Names of the clients that are connected now. */
  names(): readonly string[];
  /** What is sent meanwhile arrives after `heal`, if the connection still stands. */
  cut(name: string): void;
  slow(name: string, delayMs: number): void;
  heal(name: string): void;
}

interface Trouble {
  readonly isCut: boolean;
  readonly delayMs: number;
}

const NONE: Trouble = { isCut: false, delayMs: 0 };

class Line {
  name = '';
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #troubleOf: (name: string) => Trouble;
  /** Of each direction: chunks arrive in their order. */
  readonly #held = new Map<Socket, Buffer[]>();
  #opening = '';

  constructor(client: Socket, server: Socket, troubleOf: (name: string) => Trouble) {
    this.#client = client;
    this.#server = server;
    this.#troubleOf = troubleOf;
    this.#join(client, server);
    this.#join(server, client);
    client.on('data', (chunk: Buffer) => this.#learnName(chunk));
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  /** After a change of its trouble. */
  release(): void {
    if (this.#troubleOf(this.name).isCut) return;
    for (const [to, chunks] of this.#held) for (const chunk of chunks.splice(0)) this.#write(to, chunk);
  }

  #join(from: Socket, to: Socket): void {
    this.#held.set(to, []);
    from.on('data', (chunk: Buffer) => {
      const { isCut, delayMs } = this.#troubleOf(this.name);
      if (isCut) this.#held.get(to)?.push(chunk);
      else if (delayMs === 0) this.#write(to, chunk);
      else setTimeout(() => this.#write(to, chunk), delayMs);
    });
    from.on('error', () => undefined);
    from.on('close', () => to.destroy());
  }

  #write(to: Socket, chunk: Buffer): void {
    if (!to.destroyed) to.write(chunk);
  }

  /** `CONNECT {"name":…}` is the first line of a client. */
  #learnName(chunk: Buffer): void {
    if (this.name !== '') return;
    this.#opening += chunk.toString('latin1');
    this.name = /"name":"([^"]*)"/.exec(this.#opening)?.[1] ?? '';
  }
}

class Proxy implements NatsProxy {
  readonly url: string;
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  readonly #troubles = new Map<string, Trouble>();

  constructor(server: Server, target: number) {
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('a TCP listener has a port');
    this.url = `nats://127.0.0.1:${address.port}`;
    server.on('connection', (client: Socket) => {
      const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true });
      client.setNoDelay(true);
      const line = new Line(client, upstream, (name) => this.#troubles.get(name) ?? NONE);
      this.#lines.add(line);
      client.on('close', () => this.#lines.delete(line));
    });
  }

  names(): readonly string[] {
    return [...this.#lines].map(({ name }) => name);
  }

  cut(name: string): void {
    this.#troubles.set(name, { isCut: true, delayMs: 0 });
  }

  slow(name: string, delayMs: number): void {
    this.#troubles.set(name, { isCut: false, delayMs });
  }

  heal(name: string): void {
    this.#troubles.delete(name);
    for (const line of this.#lines) if (line.name === name) line.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const line of this.#lines) line.destroy();
    await closed;
  }
}

/** `port` of a server on this machine. */
export const startNatsProxy = async (port: number): Promise<NatsProxy> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new Proxy(server, port);
};
