/**
 * A simulated miner on a real socket with real shares: it grinds each one until it meets its target, and
 * remembers the header hash of every share that the pool acknowledged. Independent of the code under test:
 * its own line splitting, coinbase, merkle root and header.
 */
import { createHash, scryptSync } from 'node:crypto';
import { type Socket, connect } from 'node:net';
import { type HeaderAlgorithm, bitsToTarget, difficultyToTarget, targetFromLe } from '@otedama/chain-params';

export interface MinerOptions {
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  /** SHA256d when left out. */
  readonly algorithm?: HeaderAlgorithm;
  /** Shares kept unanswered while it runs by itself. */
  readonly inFlight: number;
  /** What an earlier connection was given, to go on with its extranonce. */
  readonly sessionId?: string;
  /** The address of this machine that it connects from: all of 127.0.0.0/8 are. */
  readonly localAddress?: string;
  /** Called at each `true`, in the moment it is read. */
  readonly onAcknowledged?: (share: AcknowledgedShare) => void;
}

/** Hashes in internal order, hex. */
export interface AcknowledgedShare {
  readonly hash: string;
  readonly prevHash: string;
}

/** Job id, extranonce2, time and nonce, as they were sent. */
export type SentShare = readonly [job: string, extranonce2: string, time: string, nonce: string];

interface Pending extends AcknowledgedShare {
  readonly resolve: (outcome: Outcome) => void;
}

export type Outcome = 'accepted' | { readonly code: number; readonly text: string } | 'lost';

/** Where shares are easier than blocks: one that is no block, one that is, or the next that there is. */
export type WantedShare = 'share' | 'block' | 'any';

interface Job {
  readonly id: string;
  readonly version: string;
  readonly header: Buffer;
  readonly time: string;
  readonly extranonce2: string;
  readonly networkTarget: bigint;
  nonce: number;
}

/** `[[[method, session id], …], extranonce1, bytes of extranonce2]` */
type Subscribed = readonly [readonly [readonly [string, string]], string, number];

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown[];
  readonly result?: unknown;
  readonly error?: [number, string, unknown] | null;
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const sha256d = (bytes: Uint8Array): Buffer => sha256(sha256(bytes));
const proofs: Readonly<Record<HeaderAlgorithm, (header: Buffer) => Buffer>> = {
  sha256d,
  scrypt: (header) => scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 }),
};

export class StratumMiner {
  /** Header hashes (internal order, hex) of the shares that were answered with `true`. */
  readonly acknowledged: string[] = [];
  readonly rejected: { code: number; text: string }[] = [];
  sent = 0;
  lastShare: SentShare | undefined;
  readonly #options: MinerOptions;
  readonly #algorithm: HeaderAlgorithm;
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  #buffered = '';
  #nextId = 100;
  /** Undefined until the pool has said it. */
  sessionId: string | undefined;
  extranonce1 = '';
  #extranonce2Bytes = 0;
  #target = 0n;
  #job: Job | undefined;
  #extranonce2 = 0;
  #running = false;
  readonly closed: Promise<void>;

  constructor(options: MinerOptions) {
    this.#options = options;
    this.#algorithm = options.algorithm ?? 'sha256d';
    const { port, localAddress } = options;
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text) => this.#read(String(text)));
    this.#socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        for (const { resolve: settle } of this.#pending.values()) settle('lost');
        this.#pending.clear();
        resolve();
      });
    });
    this.#send({
      id: 1,
      method: 'mining.subscribe',
      params: ['otedama-test', ...(options.sessionId === undefined ? [] : [options.sessionId])],
    });
    this.#send({ id: 2, method: 'mining.authorize', params: [options.user, options.password ?? 'x'] });
  }

  get hasJob(): boolean {
    return this.#job !== undefined;
  }

  /** What the current job builds on, as the chain shows it. */
  get tip(): string | undefined {
    return this.#job && Buffer.from(this.#job.header.subarray(4, 36)).reverse().toString('hex');
  }

  /** Keeps the window full until the connection ends. */
  run(): void {
    this.#running = true;
    this.#refill();
  }

  /** One share of the current job; the hash and what the pool said. */
  async submit(wanted: WantedShare = 'any'): Promise<{ hash: string; outcome: Outcome }> {
    const job = this.#job;
    if (job === undefined) throw new Error('no job yet');
    const { nonce, hash } = this.#grind(job, wanted);
    const prevHash = job.header.toString('hex', 4, 36);
    this.lastShare = [job.id, job.extranonce2, job.time, nonce];
    return { hash, outcome: await this.#submit({ hash, prevHash }, this.lastShare) };
  }

  /** A share as it is, whoever has found it. */
  submitAgain(share: SentShare): Promise<Outcome> {
    return this.#submit({ hash: '', prevHash: '' }, share);
  }

  close(): void {
    this.#running = false;
    this.#socket.destroy();
  }

  #submit(share: AcknowledgedShare, params: SentShare): Promise<Outcome> {
    return new Promise((resolve) => {
      const id = this.#nextId++;
      this.#pending.set(id, { ...share, resolve });
      this.sent += 1;
      this.#send({ id, method: 'mining.submit', params: [this.#options.user, ...params] });
    });
  }

  #refill(): void {
    while (this.#running && this.#job !== undefined && this.#pending.size < this.#options.inFlight)
      void this.submit();
  }

  #grind(job: Job, wanted: WantedShare): { nonce: string; hash: string } {
    for (;;) {
      const nonce = job.nonce++;
      job.header.writeUInt32LE(nonce, 76);
      const proof = targetFromLe(proofs[this.#algorithm](job.header));
      const isWanted = wanted === 'any' || proof <= job.networkTarget === (wanted === 'block');
      if (proof <= this.#target && isWanted) {
        return { nonce: nonce.toString(16).padStart(8, '0'), hash: sha256d(job.header).toString('hex') };
      }
    }
  }

  #send(message: unknown): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  #read(text: string): void {
    this.#buffered += text;
    const lines = this.#buffered.split('\n');
    this.#buffered = lines.pop() ?? '';
    for (const line of lines) this.#handle(JSON.parse(line) as Message);
    this.#refill();
  }

  #handle(message: Message): void {
    if (message.method === 'mining.set_difficulty') {
      this.#target = difficultyToTarget(this.#algorithm, Number(message.params?.[0]));
    } else if (message.method === 'mining.notify') this.#notify(message.params ?? []);
    else if (message.id === 1) this.#subscribed(message.result as Subscribed);
    else if (typeof message.id === 'number') this.#answer(message.id, message);
  }

  #subscribed([[[, sessionId]], extranonce1, extranonce2Bytes]: Subscribed): void {
    this.sessionId = sessionId;
    this.extranonce1 = extranonce1;
    this.#extranonce2Bytes = extranonce2Bytes;
  }

  #answer(id: number, message: Message): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    if (message.result === true) {
      this.acknowledged.push(pending.hash);
      this.#options.onAcknowledged?.({ hash: pending.hash, prevHash: pending.prevHash });
      pending.resolve('accepted');
      return;
    }
    const [code = 0, text = ''] = message.error ?? [];
    this.rejected.push({ code, text });
    pending.resolve({ code, text });
  }

  #notify(params: unknown[]): void {
    const [id, prevHash, prefix, suffix, branch, version, bits, time] = params as [
      string,
      string,
      string,
      string,
      string[],
      string,
      string,
      string,
    ];
    const extranonce2 = (this.#extranonce2++).toString(16).padStart(2 * this.#extranonce2Bytes, '0');
    let root = sha256d(Buffer.from(prefix + this.extranonce1 + extranonce2 + suffix, 'hex'));
    for (const node of branch) root = sha256d(Buffer.concat([root, Buffer.from(node, 'hex')]));
    const little = (hex: string): Buffer => Buffer.from(hex, 'hex').reverse();
    const header = Buffer.concat([
      little(version),
      Buffer.from(prevHash, 'hex').swap32(),
      root,
      little(time),
      little(bits),
      Buffer.alloc(4),
    ]);
    const networkTarget = bitsToTarget(Number.parseInt(bits, 16)) ?? 0n;
    this.#job = { id, version, header, time, extranonce2, networkTarget, nonce: 0 };
  }
}
