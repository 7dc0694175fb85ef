/**
 * A real nats-server on a free port, its data in a folder of the test. It can be killed, started again on the
 * same port and data, and frozen, which looks to its clients like a network that swallows everything.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { findProgram, freePort } from './places.ts';
import { TestProcess } from './process.ts';

export const natsServerProgram = (): string | undefined =>
  findProgram(['nats-server', '/usr/sbin/nats-server', '/usr/local/bin/nats-server']);

export interface NatsServerOptions {
  readonly dir: string;
  readonly port?: number;
  /** Added to the configuration: accounts, TLS, limits. */
  readonly config?: string;
}

export interface NatsServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  readonly output: string;
  /** As a power button for the process: no good-byes. */
  kill(): Promise<void>;
  /** In good order. */
  stop(): Promise<void>;
  /** After `kill` or `stop`: same port, same data. */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** It greets every connection with what it is, before it knows who that is. */
const greets = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('data', (bytes: Buffer) => {
      socket.destroy();
      resolve(bytes.toString('latin1').startsWith('INFO ') ? true : undefined);
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
  });

class Server implements NatsServer {
  readonly port: number;
  readonly #program: string;
  readonly #config: string;
  #process: TestProcess | undefined;

  constructor(program: string, port: number, config: string) {
    this.port = port;
    this.#program = program;
    this.#config = config;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#running().pid;
  }

  get output(): string {
    return this.#process?.output ?? '';
  }

  async start(): Promise<void> {
    const server = new TestProcess('nats-server', this.#program, ['-c', this.#config]);
    this.#process = server;
    // JetStream is ready a moment after the port is; both are said in the log.
    await server.until('the port and JetStream', async () =>
      server.output.includes('Server is ready') ? greets(this.port) : undefined,
    );
  }

  async kill(): Promise<void> {
    await this.#running().kill();
  }

  async stop(): Promise<void> {
    await this.#running().stop('SIGTERM');
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
    if (this.#process === undefined) throw new Error('nats-server was not started');
    return this.#process;
  }
}

/** With a configuration that is there already, which says this port. */
export const startNatsWith = async (configFile: string, port: number): Promise<NatsServer> => {
  const program = natsServerProgram();
  if (program === undefined) throw new Error('nats-server is missing');
  const server = new Server(program, port, configFile);
  await server.start();
  return server;
};

export const startNats = async ({ dir, port, config = '' }: NatsServerOptions): Promise<NatsServer> => {
  mkdirSync(dir, { recursive: true });
  const own = port ?? (await freePort());
  const file = join(dir, 'nats-server.conf');
  writeFileSync(
    file,
    `host: "127.0.0.1"\nport: ${own}\njetstream { store_dir: ${JSON.stringify(join(dir, 'data'))} }\n${config}\n`,
  );
  return startNatsWith(file, own);
};
