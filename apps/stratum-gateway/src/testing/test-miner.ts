/** A Stratum connection in the hands of a test: says any bytes, and hands out what the pool said in any order. */
import { type Socket, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { cert } from './certificate.ts';

export interface Said {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: readonly [number, string, unknown] | null;
  /** The line as it came. */
  readonly line: string;
}

export const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

export interface ShareFields {
  readonly user?: string;
  readonly job?: unknown;
  readonly extranonce2?: string;
  readonly nTime?: string;
  readonly nonce?: number;
}

const hex32 = (value: number): string => value.toString(16).padStart(8, '0');

export interface MinerOptions {
  readonly tls?: boolean;
  /** An address of this machine, which are all of 127.0.0.0/8; absent: any. */
  readonly from?: string;
  /** Said before all else, in the clear. */
  readonly preface?: string | Buffer;
}

const openSocket = (port: number, { tls = false, from, preface }: MinerOptions): Socket => {
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    ...(from === undefined ? {} : { localAddress: from }),
  });
  if (preface !== undefined) socket.write(preface);
  return tls ? connectTls({ socket, servername: 'localhost', ca: cert }) : socket;
};

export class TestMiner {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  /** Said and not taken yet. */
  readonly inbox: Said[] = [];
  isClosed = false;
  #wake = Promise.withResolvers<void>();
  #partial = '';
  #nextId = 1;

  constructor(port: number, options: MinerOptions = {}) {
    this.socket = openSocket(port, options);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text) => this.#take(String(text)));
    // Being cut off is part of some tests; `closed` tells of it.
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.isClosed = true;
        resolve();
        this.#stir();
      });
    });
  }

  /** The oldest that fits and was not taken before. */
  async take(fits: (said: Said) => boolean): Promise<Said> {
    for (;;) {
      const at = this.inbox.findIndex(fits);
      const found = at < 0 ? undefined : this.inbox.splice(at, 1)[0];
      if (found !== undefined) return found;
      if (this.isClosed) throw new Error('the pool hung up');
      await this.#wake.promise;
    }
  }

  notification(method: string): Promise<Said> {
    return this.take((said) => said.method === method);
  }

  reply(id: unknown): Promise<Said> {
    return this.take((said) => said.method === undefined && said.id === id);
  }

  /** Returns the id. */
  send(method: string, params: unknown): number {
    const id = this.#nextId++;
    this.socket.write(`${JSON.stringify({ id, method, params })}\n`);
    return id;
  }

  call(method: string, params: unknown): Promise<Said> {
    return this.reply(this.send(method, params));
  }

  /** Subscribes and logs in; the first job is in the inbox afterwards. */
  async login(worker = 'rig', sessionId?: string): Promise<Login> {
    const { result } = await this.call('mining.subscribe', [
      'test/1.0',
      ...(sessionId === undefined ? [] : [sessionId]),
    ]);
    const [[[, session]], extranonce1, extranonce2Size] = result as [[[string, string]], string, number];
    const { error } = await this.call('mining.authorize', [`${ADDRESS}.${worker}`, 'x']);
    if (error !== null) throw new Error(`not authorized: ${JSON.stringify(error)}`);
    return { sessionId: session, extranonce1, extranonce2Size };
  }

  /** Logs in and takes what comes with it. Returns the id of the first job. */
  async ready(worker = 'rig'): Promise<string> {
    await this.login(worker);
    await this.notification('mining.set_difficulty');
    return this.job();
  }

  /** Id of the next job in the inbox. */
  async job(): Promise<string> {
    const { params } = await this.notification('mining.notify');
    return String(params?.[0]);
  }

  /** Returns the id of the request. */
  submit({ user, job, extranonce2, nTime, nonce }: ShareFields): number {
    return this.send('mining.submit', [
      user ?? `${ADDRESS}.rig`,
      job,
      extranonce2 ?? '00000001',
      nTime ?? '6553f100',
      hex32(nonce ?? 0),
    ]);
  }

  share(fields: ShareFields): Promise<Said> {
    return this.reply(this.submit(fields));
  }

  hangUp(): void {
    this.socket.destroy();
  }

  #take(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.inbox.push({ ...(JSON.parse(line) as Said), line });
    this.#stir();
  }

  #stir(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

export interface Login {
  readonly sessionId: string;
  readonly extranonce1: string;
  readonly extranonce2Size: number;
}
