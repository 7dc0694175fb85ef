/** A pool for tests: a real socket that logs everyone in and otherwise says what the test wants. */
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { type TlsOptions, createServer as createTlsServer } from 'node:tls';
import { Mailbox } from './mailbox.ts';

export interface PoolRequest {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Requests that hand in a share, and those that log in, in any dialect. */
const SUBMITS = new Set(['mining.submit', 'submit', 'eth_submitWork']);
const LOGINS = new Set(['mining.authorize', 'login', 'eth_submitLogin']);

/** A login of Monero brings its job: that is the test's to say. */
const HANDSHAKE: Readonly<Record<string, unknown>> = {
  'mining.configure': { 'version-rolling': true, 'version-rolling.mask': '1fffe000' },
  'mining.subscribe': [[['mining.notify', 'session-1']], '08000002', 4],
  'mining.authorize': true,
  'mining.extranonce.subscribe': true,
  eth_submitLogin: true,
};

export class FakePool {
  readonly submits = new Mailbox<PoolRequest>();
  readonly logins = new Mailbox<PoolRequest>();
  readonly subscriptions = new Mailbox<PoolRequest>();
  /** What is said right after the login. */
  greeting: readonly unknown[] = [];
  /** Replies in place of the usual ones, by method. */
  replies: Readonly<Record<string, { readonly result: unknown; readonly error: unknown }>> = {};
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(tls?: TlsOptions) {
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
  }

  get port(): number {
    return this.#port;
  }

  /** A second time on the same port. */
  async listen(): Promise<this> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  say(...messages: readonly unknown[]): void {
    for (const socket of this.#sockets) this.#write(socket, messages);
  }

  /** As it stands, with a line end. */
  sayText(text: string): void {
    for (const socket of this.#sockets) socket.write(`${text}\n`);
  }

  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.disconnect();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => this.#handle(socket, JSON.parse(line) as PoolRequest));
    // A miner that hangs up in the middle of something is part of the test.
    lines.on('error', () => socket.destroy());
  }

  #handle(socket: Socket, request: PoolRequest): void {
    const { id, method } = request;
    if (SUBMITS.has(method)) return this.submits.put(request);
    if (method === 'mining.subscribe') this.subscriptions.put(request);
    const usual = { result: HANDSHAKE[method] ?? null, error: null };
    this.#write(socket, [{ id, ...usual, ...this.replies[method] }]);
    if (!LOGINS.has(method)) return;
    this.#write(socket, this.greeting);
    this.logins.put(request);
  }

  #write(socket: Socket, messages: readonly unknown[]): void {
    for (const message of messages) socket.write(`${JSON.stringify(message)}\n`);
  }
}

export const notify = (jobId: string, clean = true): unknown => ({
  id: null,
  method: 'mining.notify',
  params: [jobId, '00'.repeat(32), '01', '02', ['ab'.repeat(32)], '20000000', '207fffff', '66000000', clean],
});

export const setDifficulty = (difficulty: number): unknown => ({
  id: null,
  method: 'mining.set_difficulty',
  params: [difficulty],
});
