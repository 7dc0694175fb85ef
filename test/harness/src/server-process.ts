/**
 * A server under test that can be killed, started again on the same port and data, and frozen, which looks to its
 * clients like a network that swallows everything.
 */
import { TestProcess } from './process.ts';

export interface ServerOptions {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly program: string;
  readonly args: readonly string[];
  /** Undefined for as long as it does not serve. */
  readonly isReady: (server: TestProcess) => Promise<true | undefined>;
}

export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #options: ServerOptions;
  #process: TestProcess | undefined;

  constructor(options: ServerOptions) {
    this.url = options.url;
    this.port = options.port;
    this.#options = options;
  }

  get pid(): number {
    return this.#running().pid;
  }

  get output(): string {
    return this.#process?.output ?? '';
  }

  /** Also after `kill` or `stop`. */
  async start(): Promise<void> {
    const { name, program, args, isReady } = this.#options;
    const server = new TestProcess(name, program, args);
    this.#process = server;
    await server.until('an answer', () => isReady(server));
  }

  /** As a power button for the process: no good-byes. */
  async kill(): Promise<void> {
    await this.#running().kill();
  }

  /** In good order. */
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
    if (this.#process === undefined) throw new Error(`${this.#options.name} was not started`);
    return this.#process;
  }
}
