/**
 * A real redis-server on a free port that keeps nothing on disk: killed, it comes back empty. It can be frozen,
 * which looks to its clients like a network that swallows everything.
 */
import { createConnection } from 'node:net';
import { findProgram, freePort } from './places.ts';
import { TestProcess } from './process.ts';

export const redisServerProgram = (): string | undefined => findProgram(['redis-server']);

export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** No good-byes. */
  kill(): Promise<void>;
  /** After `kill`: same port, nothing in it. */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

const answers = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (bytes: Buffer) => {
      socket.destroy();
      resolve(bytes.toString('latin1').startsWith('+PONG') ? true : undefined);
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
  });

class Server implements RedisServer {
  readonly port: number;
  readonly #program: string;
  #process: TestProcess | undefined;

  constructor(program: string, port: number) {
    this.port = port;
    this.#program = program;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#running().pid;
  }

  async start(): Promise<void> {
    const server = new TestProcess('redis-server', this.#program, [
      '--bind',
      '127.0.0.1',
      '--port',
      String(this.port),
      '--save',
      '',
      '--appendonly',
      'no',
    ]);
    this.#process = server;
    await server.until('the port', () => answers(this.port));
  }

  async kill(): Promise<void> {
    await this.#running().kill();
  }

  freeze(): void {
    this.#running().signal('SIGSTOP');
  }

  thaw(): void {
    this.#running().signal('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }

  #running(): TestProcess {
    if (this.#process === undefined) throw new Error('redis-server was not started');
    return this.#process;
  }
}

export const startRedis = async (options: { readonly port?: number } = {}): Promise<RedisServer> => {
  const program = redisServerProgram();
  if (program === undefined) throw new Error('redis-server is missing');
  const server = new Server(program, options.port ?? (await freePort()));
  await server.start();
  return server;
};
