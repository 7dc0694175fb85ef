/**
 * One simulated miner of the gateway benchmark: a real socket, real Stratum V1, real shares that meet their
 * target. It only supports what the benchmark needs; the miner is in apps/miner-agent.
 */
import { createHash } from 'node:crypto';
import { type Socket, connect } from 'node:net';
import { difficultyToTarget, targetToLe } from '@otedama/chain-params';

export interface LoadTarget {
  /** On loopback. */
  readonly port: number;
  /** Miners work for it. */
  readonly address: string;
  readonly sha256d: (bytes: Buffer) => Uint8Array;
}

export interface LoadEvents {
  ready(): void;
  /** Milliseconds from submit to answer. */
  answered(latencyMs: number, error: string | undefined): void;
  /** First job of a previous block hash, in milliseconds of `performance.now()`. */
  newBlock(prevHash: string, atMs: number): void;
  closed(error: Error | undefined): void;
}

interface Work {
  readonly id: string;
  readonly time: string;
  readonly header: Buffer;
  readonly extranonce2: string;
  nonce: number;
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: readonly unknown[] | null;
}

const NONCE_OFFSET = 76;
const sha256d = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();

/** Header bytes of a notify's big-endian hex number. */
const reversed = (hex: string): Buffer => Buffer.from(hex, 'hex').reverse();

const headerOf = (params: readonly unknown[], extranonce: string): Buffer => {
  const [, prevHash, prefix, suffix, branch, version, bits, time] = params as [
    string,
    string,
    string,
    string,
    string[],
    string,
    string,
    string,
  ];
  let root = sha256d(Buffer.from(prefix + extranonce + suffix, 'hex'));
  for (const node of branch) root = sha256d(Buffer.concat([root, Buffer.from(node, 'hex')]));
  const previous = Buffer.from(prevHash, 'hex').swap32();
  return Buffer.concat([reversed(version), previous, root, reversed(time), reversed(bits), Buffer.alloc(4)]);
};

export class LoadConnection {
  readonly #socket: Socket;
  readonly #events: LoadEvents;
  readonly #user: string;
  readonly #hash: LoadTarget['sha256d'];
  #buffered = '';
  #extranonce1 = '';
  #extranonce2Bytes = 0;
  #targetLe: Uint8Array = Buffer.alloc(32, 0xff);
  #work: Work | undefined;
  #lastPrevHash = '';
  #counter = 0;
  readonly #sent = new Map<number, number>();

  constructor({ port, sha256d: hash }: LoadTarget, user: string, events: LoadEvents) {
    this.#hash = hash;
    this.#events = events;
    this.#user = user;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text) => this.#read(String(text)));
    this.#socket.on('error', (error) => events.closed(error));
    this.#socket.on('close', () => events.closed(undefined));
    this.#send({ id: 1, method: 'mining.subscribe', params: ['otedama-bench'] });
    this.#send({ id: 2, method: 'mining.authorize', params: [user, 'x'] });
  }

  get inFlight(): number {
    return this.#sent.size;
  }

  get canSubmit(): boolean {
    return this.#work !== undefined;
  }

  /** Finds the next share of the current job and sends it. */
  submit(): void {
    const work = this.#work;
    if (work === undefined) return;
    const nonce = this.#grind(work);
    const id = ++this.#counter + 10;
    this.#sent.set(id, performance.now());
    this.#send({
      id,
      method: 'mining.submit',
      params: [this.#user, work.id, work.extranonce2, work.time, nonce.toString(16).padStart(8, '0')],
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #grind(work: Work): number {
    for (;;) {
      const nonce = work.nonce++;
      work.header.writeUInt32LE(nonce, NONCE_OFFSET);
      if (isAtMost(this.#hash(work.header), this.#targetLe)) return nonce;
    }
  }

  #send(message: unknown): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  #read(text: string): void {
    const now = performance.now();
    this.#buffered += text;
    for (;;) {
      const end = this.#buffered.indexOf('\n');
      if (end < 0) return;
      const line = this.#buffered.slice(0, end);
      this.#buffered = this.#buffered.slice(end + 1);
      this.#handle(JSON.parse(line) as Message, now);
    }
  }

  #handle(message: Message, now: number): void {
    if (message.method === 'mining.notify') this.#notify(message.params ?? [], now);
    else if (message.method === 'mining.set_difficulty') {
      this.#targetLe = targetOf(Number(message.params?.[0]));
    } else if (message.id === 1) {
      const [, extranonce1, size] = message.result as [unknown, string, number];
      this.#extranonce1 = extranonce1;
      this.#extranonce2Bytes = size;
    } else if (typeof message.id === 'number' && message.id > 10) this.#answer(message, message.id, now);
  }

  #answer(message: Message, id: number, now: number): void {
    const sentAt = this.#sent.get(id);
    if (sentAt === undefined) return;
    this.#sent.delete(id);
    this.#events.answered(now - sentAt, message.error ? String(message.error[1]) : undefined);
  }

  #notify(params: readonly unknown[], now: number): void {
    const first = this.#work === undefined;
    const extranonce2 = this.#counter.toString(16).padStart(2 * this.#extranonce2Bytes, '0');
    this.#work = {
      id: String(params[0]),
      time: String(params[7]),
      header: headerOf(params, this.#extranonce1 + extranonce2),
      extranonce2,
      nonce: 0,
    };
    const prevHash = String(params[1]);
    if (prevHash !== this.#lastPrevHash) this.#events.newBlock(prevHash, now);
    this.#lastPrevHash = prevHash;
    if (first) this.#events.ready();
  }
}

/** A peer that counts difficulties in whole numbers takes every share when it is told one below 0. */
const targetOf = (difficulty: number): Uint8Array =>
  difficulty > 0
    ? Buffer.from(targetToLe(difficultyToTarget('sha256d', difficulty)))
    : Buffer.alloc(32, 0xff);

/** Both little-endian numbers of 32 bytes. */
const isAtMost = (value: Uint8Array, limit: Uint8Array): boolean => {
  for (let i = 31; i >= 0; i--) {
    const a = value[i] ?? 0;
    const b = limit[i] ?? 0;
    if (a !== b) return a < b;
  }
  return true;
};
