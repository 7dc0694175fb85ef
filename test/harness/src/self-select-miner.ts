/**
 * A miner of Monero that brings its own templates, as xmrig does in self-select: it asks its own monerod for
 * one, tells the pool, and hashes the blob that monerod made. Of our code it uses the RandomX function alone.
 */
import { hashBlob } from '@otedama/native';
import type { MoneroNode } from './monero-node.ts';
import { StratumLine } from './stratum-line.ts';

export interface SelfSelectJob {
  readonly job_id: string;
  readonly target: string;
  readonly pool_wallet: string;
  readonly extra_nonce: string;
  readonly height: number;
  readonly seed_hash: string;
}

/** Parameters of `block_template` beside the session and the job. */
export interface BroughtTemplate {
  readonly blob: string;
  readonly height: number;
  readonly difficulty: number;
  readonly prev_hash: string;
  readonly seed_hash: string;
  readonly seed_height: number;
}

interface NodeTemplate extends Omit<BroughtTemplate, 'blob'> {
  readonly blocktemplate_blob: string;
  readonly blockhashing_blob: string;
}

interface Share {
  readonly nonce: string;
  readonly result: string;
}

interface Found {
  readonly block: Share;
  readonly miss: Share;
}

export interface Answer {
  readonly result: { readonly status?: string; readonly id?: string; readonly job?: SelfSelectJob } | null;
  readonly error: { readonly message: string } | null;
}

/** Two versions of a byte and a timestamp, each a varint, and the previous block; then the nonce. */
const nonceOffset = (blob: Buffer): number => {
  let at = 0;
  for (let varints = 0; varints < 3; at++) if ((blob[at] ?? 0) < 0x80) varints++;
  return at + 32;
};

const NETWORK_END = 1n << 256n;

export class SelfSelectMiner {
  readonly #line: StratumLine;
  readonly #node: MoneroNode;
  readonly #login: string;
  #session = '';
  #nextId = 1;
  job: SelfSelectJob | undefined;

  constructor(port: number, login: string, node: MoneroNode) {
    this.#line = new StratumLine(port);
    this.#login = login;
    this.#node = node;
  }

  async login(): Promise<SelfSelectJob> {
    const params = { login: this.#login, pass: 'x', agent: 'XMRig/6.21.3', mode: 'self-select' };
    const { result, error } = await this.call('login', params);
    if (result?.id === undefined || result.job === undefined) throw new Error(`login: ${error?.message}`);
    this.#session = result.id;
    this.job = result.job;
    return result.job;
  }

  /** What the node gives for a job, or for other terms. */
  template({
    pool_wallet: wallet,
    extra_nonce: extraNonce,
  }: Pick<SelfSelectJob, 'pool_wallet' | 'extra_nonce'>): Promise<NodeTemplate> {
    const params = { wallet_address: wallet, extra_nonce: extraNonce };
    return this.#node.rpc.call<NodeTemplate>('get_block_template', params);
  }

  bring(job: SelfSelectJob, template: NodeTemplate, over: Partial<BroughtTemplate> = {}): Promise<Answer> {
    const { blocktemplate_blob: blob, height, difficulty, prev_hash, seed_hash, seed_height } = template;
    const told = { blob, height, difficulty, prev_hash, seed_hash, seed_height, ...over };
    return this.call('block_template', { id: this.#session, job_id: job.job_id, ...told });
  }

  /** A block, and a nonce that gives none. */
  async grind({ blockhashing_blob: hex, difficulty, seed_hash: seed }: NodeTemplate): Promise<Found> {
    const blob = Buffer.from(hex, 'hex');
    const at = nonceOffset(blob);
    let block: Share | undefined;
    let miss: Share | undefined;
    for (let nonce = 0; block === undefined || miss === undefined; nonce++) {
      blob.writeUInt32LE(nonce, at);
      const hash = await hashBlob('randomx', blob, Buffer.from(seed, 'hex'));
      const number = BigInt(`0x${Buffer.from(hash).reverse().toString('hex')}`);
      const share = { nonce: blob.toString('hex', at, at + 4), result: hash.toString('hex') };
      if (number * BigInt(difficulty) < NETWORK_END) block ??= share;
      else miss ??= share;
    }
    return { block, miss };
  }

  submit(job: SelfSelectJob, share: Share): Promise<Answer> {
    return this.call('submit', { id: this.#session, job_id: job.job_id, ...share });
  }

  async call(method: string, params: object): Promise<Answer> {
    const answer = await this.#line.request(this.#nextId++, method, params);
    if (answer === undefined) throw new Error(`${method}: the pool hung up`);
    return answer as unknown as Answer;
  }

  /** The next job that is pushed; asked for before what causes it. */
  async nextJob(): Promise<SelfSelectJob> {
    const message = await this.#line.next(({ method }) => method === 'job');
    if (message === undefined) throw new Error('the pool hung up');
    this.job = message['params'] as SelfSelectJob;
    return this.job;
  }

  close(): void {
    this.#line.close();
  }
}
