/**
 * Stands for dogecoind on regtest, of which Debian has no package: the JSON-RPC that merged mining needs, over a
 * chain of headers. It takes a block of the pool only with a proof that `aux-proof.ts` finds no fault in.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { findProofFault, sha256d } from './aux-proof.ts';

export interface AuxNode {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** A valid address of the chain. */
  readonly address: string;
  /** Atomic units of each block. */
  readonly reward: bigint;
  /** Blocks of the pool that it took, in order; display order. */
  readonly taken: readonly string[];
  /** What it refused, and why. */
  readonly refused: readonly string[];
  readonly height: number;
  hashAt(height: number): string | undefined;
  /** Blocks of somebody else. */
  generate(count: number): void;
  /** The chain from this block on never was; what comes next is another branch. */
  invalidate(hash: string): void;
  stop(): Promise<void>;
}

const GENESIS = '3d2160a3b5dc4a9d62e7e66a295f70313ac808440ef7400d6c0772171ce973a5';
const CHAIN_ID = 0x62;
const BITS = 0x207fffff;
const VERSION = (CHAIN_ID << 16) | 0x104;
/** Merged mining begins at 20. */
const FIRST_HEIGHT = 30;
const REWARD = 500_000_00000000n;
const USER = 'doge';
const PASSWORD = 'such-secret';
/** Pays to 20 bytes of 0x01. */
const ADDRESS = 'mfcGAzvis9JQAb6avB6WBGiGrgWzLxuGaC';

class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const display = (hash: Buffer): string => Buffer.from(hash).reverse().toString('hex');
const internal = (hash: string): Buffer => Buffer.from(hash, 'hex').reverse();

class Chain {
  readonly taken: string[] = [];
  readonly refused: string[] = [];
  /** Main chain by height. */
  #hashes: string[] = [GENESIS];
  /** Height of every block that was ever connected. */
  readonly #heights = new Map([[GENESIS, 0]]);
  /** Blocks that were handed out on this tip. */
  #kept = new Set<string>();
  #salt = 0;

  get height(): number {
    return this.#hashes.length - 1;
  }

  get tip(): string {
    return this.#hashes.at(-1) ?? GENESIS;
  }

  hashAt(height: number): string | undefined {
    return this.#hashes[height];
  }

  generate(count: number): void {
    for (let left = count; left > 0; left--) this.#connect(this.#blockFor('somebody', this.#salt++));
  }

  invalidate(hash: string): void {
    const height = this.#hashes.indexOf(hash);
    if (height < 1) throw new Error(`${hash} is not on the chain`);
    this.#hashes = this.#hashes.slice(0, height);
    this.#kept = new Set();
  }

  createAuxBlock(address: unknown): unknown {
    if (address !== ADDRESS) throw new RpcError(-8, 'Invalid coinbase payout address');
    const hash = this.#blockFor(ADDRESS, 0);
    this.#kept.add(hash);
    return {
      hash,
      chainid: CHAIN_ID,
      previousblockhash: this.tip,
      coinbasevalue: Number(REWARD),
      bits: BITS.toString(16),
      height: this.height + 1,
      target: `${'00'.repeat(29)}ffff7f`,
    };
  }

  submitAuxBlock(hash: unknown, proof: unknown): boolean {
    if (typeof hash !== 'string' || !this.#kept.has(hash)) throw new RpcError(-8, 'block hash unknown');
    const fault = this.#faultOf(hash, String(proof));
    if (fault !== undefined) {
      this.refused.push(fault);
      return false;
    }
    this.taken.push(hash);
    this.#connect(hash);
    return true;
  }

  header(hash: unknown): unknown {
    const height = typeof hash === 'string' ? this.#heights.get(hash) : undefined;
    if (height === undefined) throw new RpcError(-5, 'Block not found');
    const confirmations = this.hashAt(height) === hash ? this.height - height + 1 : -1;
    return { hash, height, confirmations };
  }

  #faultOf(hash: string, proof: string): string | undefined {
    try {
      return findProofFault(proof, { blockHash: internal(hash), chainId: CHAIN_ID, bits: BITS });
    } catch (error) {
      if (error instanceof RangeError) return error.message;
      throw error;
    }
  }

  /** A header as the chain has them; the payee stands for all transactions. */
  #blockFor(payee: string, salt: number): string {
    const header = Buffer.alloc(80);
    header.writeInt32LE(VERSION, 0);
    header.set(internal(this.tip), 4);
    header.set(createHash('sha256').update(`${payee} ${this.height} ${salt}`).digest(), 36);
    header.writeUInt32LE(1_700_000_000 + this.height, 68);
    header.writeUInt32LE(BITS, 72);
    return display(sha256d(header));
  }

  #connect(hash: string): void {
    this.#hashes.push(hash);
    this.#heights.set(hash, this.height);
    this.#kept = new Set();
  }
}

type Method = (...params: readonly unknown[]) => unknown;

const methodsOf = (chain: Chain): ReadonlyMap<string, Method> =>
  new Map<string, Method>([
    [
      'getblockchaininfo',
      () => ({
        chain: 'regtest',
        blocks: chain.height,
        headers: chain.height,
        bestblockhash: chain.tip,
        initialblockdownload: false,
      }),
    ],
    ['getbestblockhash', () => chain.tip],
    [
      'getblockhash',
      (height) => {
        const hash = chain.hashAt(Number(height));
        if (hash === undefined) throw new RpcError(-8, 'Block height out of range');
        return hash;
      },
    ],
    ['getblockheader', (hash) => chain.header(hash)],
    ['createauxblock', (address) => chain.createAuxBlock(address)],
    ['submitauxblock', (hash, proof) => chain.submitAuxBlock(hash, proof)],
  ]);

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

const answer = (methods: ReadonlyMap<string, Method>, body: string): unknown => {
  const { id, method, params } = JSON.parse(body) as { id: unknown; method: string; params: unknown[] };
  try {
    const run = methods.get(method);
    if (run === undefined) throw new RpcError(-32_601, 'Method not found');
    return { result: run(...params), error: null, id };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return { result: null, error: { code: error.code, message: error.message }, id };
  }
};

const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;

const serve = async (
  methods: ReadonlyMap<string, Method>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await readBody(request);
  if (request.headers.authorization !== AUTHORIZATION) {
    response.writeHead(401).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(methods, body)));
};

export const startAuxNode = async (): Promise<AuxNode> => {
  const chain = new Chain();
  chain.generate(FIRST_HEIGHT);
  const methods = methodsOf(chain);
  const server = createServer((request, response) => {
    serve(methods, request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP listener has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    user: USER,
    password: PASSWORD,
    address: ADDRESS,
    reward: REWARD,
    taken: chain.taken,
    refused: chain.refused,
    get height() {
      return chain.height;
    },
    hashAt: (height) => chain.hashAt(height),
    generate: (count) => chain.generate(count),
    invalidate: (hash) => chain.invalidate(hash),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
