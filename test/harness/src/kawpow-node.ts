/**
 * Stands for ravend on regtest, of which no distribution has a package: templates as Ravencoin Core 4 gives them
 * after KawPow's start, and the judge of blocks in `kawpow-block.ts`. Its clock is mocked, as it must be there, and ticks with each block. It has no transactions of
 * users, so a block has its coinbase only; of a branch it keeps nothing.
 */
import { EventEmitter, once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { sealKawpow } from './kawpow-check.ts';
import {
  type KawpowBlock,
  type Output,
  HEADER_BYTES,
  INPUT_BYTES,
  commitmentTo,
  findCoinbaseFault,
  findWorkFault,
  readBlock,
  reversed,
  sealBlock,
  sha256d,
} from './kawpow-block.ts';

/** A block that was submitted and taken. */
export interface TakenBlock {
  readonly hash: string;
  readonly height: number;
  readonly outputs: readonly Output[];
}

export interface RavenNode {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** A valid address of the chain, and the script that pays to it. */
  readonly address: string;
  readonly addressScript: string;
  /** In order. */
  readonly taken: readonly TakenBlock[];
  /** What it answered to the blocks that it refused. */
  readonly refused: readonly string[];
  readonly height: number;
  hashAt(height: number): string | undefined;
  /** Blocks of somebody else, whose work nobody asks for: they have none, and a hash of no meaning. */
  generate(count: number): void;
  /** The chain from this block on never was; what comes next is another branch. */
  invalidate(hash: string): void;
  stop(): Promise<void>;
}

const BITS = 0x207fffff;
const TARGET = 0x7fffffn << 232n;
/** KawPow begins on regtest in 2083. */
const FIRST_TIME = 3_582_830_167;
const SPACING_SECONDS = 60;
const MAX_FUTURE_SECONDS = 2 * 60 * 60;
const VERSION = 0x30000000;
const EPOCH_BLOCKS = 7500;
const HALVING_BLOCKS = 150;
const FIRST_SUBSIDY = 5000_00000000n;
const USER = 'raven';
const PASSWORD = 'nevermore';
/** Pays to 20 bytes of 0x01. */
const ADDRESS = 'mfcGAzvis9JQAb6avB6WBGiGrgWzLxuGaC';
const ADDRESS_SCRIPT = `76a914${'01'.repeat(20)}88ac`;

const subsidyAt = (height: number): bigint => FIRST_SUBSIDY >> BigInt(Math.floor(height / HALVING_BLOCKS));

/** From ravend's chainparams; it is the one block of the old proof of work. */
const GENESIS = {
  hash: '0b2c703dc93bb63a36c4e33b85be4855ddbca2ac951a7a0a29b8de0408200a3c',
  header: [
    '04000000',
    '00'.repeat(32),
    reversed(Buffer.from('28ff00a867739a352523808d301f504bc4547699398d70faf2266a8bae5f3516', 'hex')).toString(
      'hex',
    ),
    '66ccd85a',
    'ffff7f20',
    '01000000',
  ].join(''),
};

class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What is no block at all is an error, not an answer. */
const decodeBlock = (hex: unknown): KawpowBlock => {
  try {
    return readBlock(hex);
  } catch (error) {
    if (error instanceof RangeError) throw new RpcError(-22, error.message);
    throw error;
  }
};

interface Entry {
  readonly height: number;
  /** Hex. */
  readonly header: string;
  readonly time: number;
  readonly txid: string | undefined;
}

class Chain {
  readonly taken: TakenBlock[] = [];
  readonly refused: string[] = [];
  readonly tips = new EventEmitter();
  /** Main chain by height. */
  #hashes: string[] = [GENESIS.hash];
  /** Every block that was ever connected. */
  readonly #entries = new Map<string, Entry>([
    [
      GENESIS.hash,
      { height: 0, header: GENESIS.header, time: FIRST_TIME - SPACING_SECONDS, txid: undefined },
    ],
  ]);
  /** Hash of each of them by its header. */
  readonly #connected = new Map<string, string>();
  readonly #invalid = new Set<string>();
  #others = 0;

  get height(): number {
    return this.#hashes.length - 1;
  }

  get tip(): string {
    return this.#hashes.at(-1) ?? GENESIS.hash;
  }

  hashAt(height: number): string | undefined {
    return this.#hashes[height];
  }

  entry(hash: unknown): Entry & { readonly confirmations: number } {
    const entry = typeof hash === 'string' ? this.#entries.get(hash) : undefined;
    if (entry === undefined) throw new RpcError(-5, 'Block not found');
    const confirmations = this.hashAt(entry.height) === hash ? this.height - entry.height + 1 : -1;
    return { ...entry, confirmations };
  }

  invalidate(hash: string): void {
    const height = this.#hashes.indexOf(hash);
    if (height < 1) throw new Error(`${hash} is not on the chain`);
    for (const gone of this.#hashes.slice(height)) this.#invalid.add(gone);
    this.#hashes = this.#hashes.slice(0, height);
    this.tips.emit('tip');
  }

  template(): Readonly<Record<string, unknown>> {
    const height = this.height + 1;
    return {
      capabilities: ['proposal'],
      version: VERSION,
      // Segregated witness is active and not listed.
      rules: ['assets', 'messaging_restricted', 'transfer_script', 'enforce_value', 'coinbase'],
      vbavailable: {},
      vbrequired: 0,
      previousblockhash: this.tip,
      transactions: [],
      coinbaseaux: { flags: '' },
      coinbasevalue: Number(subsidyAt(height)),
      longpollid: `${this.tip}1`,
      target: TARGET.toString(16),
      mintime: this.#medianTime() + 1,
      mutable: ['time', 'transactions', 'prevblock'],
      noncerange: '00000000ffffffff',
      sigoplimit: 80_000,
      sizelimit: 8_000_000,
      weightlimit: 8_000_000,
      curtime: this.#now(),
      bits: BITS.toString(16),
      height,
      default_witness_commitment: commitmentTo(Buffer.alloc(32)),
      // Of the block that pays to `-miningaddress`, for miners without a pool.
      pprpcheader: reversed(sha256d(this.#inputFor(ADDRESS_SCRIPT).input)).toString('hex'),
      pprpcepoch: Math.floor(height / EPOCH_BLOCKS),
    };
  }

  submit(hex: unknown): string | null {
    const block = decodeBlock(hex);
    // First what costs nothing: here a hash takes as long as a pool needs for its next candidate.
    const late = this.#findLateness(block);
    if (late !== undefined) return this.#refuse(late);
    const seal = sealBlock(block);
    const hash = seal.hash.toString('hex');
    const fault = findWorkFault(block, seal, BITS) ?? this.#findPlaceFault(block);
    if (fault !== undefined) return this.#refuse(fault);
    this.taken.push({ hash, height: block.height, outputs: block.coinbase.outputs });
    this.#connect(hash, block);
    return null;
  }

  generate(count: number): void {
    for (let left = count; left > 0; left--) {
      const { input, txid } = this.#inputFor('51', this.#others++);
      const header = Buffer.concat([input, Buffer.alloc(HEADER_BYTES - INPUT_BYTES)]);
      const hash = reversed(sha256d(header)).toString('hex');
      this.#connect(hash, { header, time: header.readUInt32LE(68), coinbase: { txid } });
    }
  }

  /** The 80 bytes and the coinbase's hash of a block on this tip; `salt` tells branches apart. */
  #inputFor(script: string, salt = 0): { readonly input: Buffer; readonly txid: Buffer } {
    const txid = sha256d(Buffer.from(`${script} ${this.height} ${salt}`));
    const input = Buffer.alloc(INPUT_BYTES);
    input.writeUInt32LE(VERSION, 0);
    input.set(reversed(Buffer.from(this.tip, 'hex')), 4);
    input.set(txid, 36);
    input.writeUInt32LE(this.#now(), 68);
    input.writeUInt32LE(BITS, 72);
    input.writeUInt32LE(this.height + 1, 76);
    return { input, txid };
  }

  #refuse(word: string): string {
    this.refused.push(word);
    return word;
  }

  #findLateness({ header, prevHash }: KawpowBlock): string | undefined {
    if (!this.#entries.has(prevHash)) return 'prev-blk-not-found';
    if (this.#invalid.has(prevHash)) return 'bad-prevblk';
    if (prevHash === this.tip) return this.#isInvalid(header) ? 'duplicate-invalid' : undefined;
    return this.#connected.has(header.toString('hex')) ? 'duplicate' : 'inconclusive';
  }

  #isInvalid(header: Buffer): boolean {
    const hash = this.#connected.get(header.toString('hex'));
    return hash !== undefined && this.#invalid.has(hash);
  }

  #findPlaceFault(block: KawpowBlock): string | undefined {
    // ravend is content with a height near the right one; work for another height is still a fault of the pool.
    if (block.height !== this.height + 1) return 'bad-height';
    if (block.time <= this.#medianTime()) return 'time-too-old';
    if (block.time > this.#now() + MAX_FUTURE_SECONDS) return 'time-too-new';
    return findCoinbaseFault(block.coinbase, block.height, subsidyAt(block.height));
  }

  #now(): number {
    return FIRST_TIME + this.height * SPACING_SECONDS;
  }

  #medianTime(): number {
    const times = this.#hashes.slice(-11).map((hash) => this.#entries.get(hash)?.time ?? 0);
    return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  }

  #connect(hash: string, block: { header: Buffer; time: number; coinbase: { txid: Buffer } }): void {
    const header = block.header.toString('hex');
    this.#hashes.push(hash);
    this.#connected.set(header, hash);
    this.#entries.set(hash, {
      height: this.height,
      header,
      time: block.time,
      txid: reversed(block.coinbase.txid).toString('hex'),
    });
    this.tips.emit('tip');
  }
}

type Method = (...params: readonly unknown[]) => unknown;

/** Answers at once, or to one who has this template already when there is another. */
const getTemplate = async (chain: Chain, request: unknown): Promise<unknown> => {
  const seen = (request as { longpollid?: unknown } | undefined)?.longpollid;
  if (seen === `${chain.tip}1`) await once(chain.tips, 'tip');
  return chain.template();
};

const verboseHeader = (chain: Chain, hash: unknown): Readonly<Record<string, unknown>> => {
  const { height, confirmations, time } = chain.entry(hash);
  return { hash, confirmations, height, time, bits: BITS.toString(16) };
};

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
    [
      'getblockheader',
      (hash, verbose) => (verbose === false ? chain.entry(hash).header : verboseHeader(chain, hash)),
    ],
    ['getblock', (hash) => ({ ...verboseHeader(chain, hash), tx: [chain.entry(hash).txid] })],
    ['getblocktemplate', (request) => getTemplate(chain, request)],
    ['submitblock', (hex) => chain.submit(hex)],
  ]);

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

const answer = async (methods: ReadonlyMap<string, Method>, body: string): Promise<[number, unknown]> => {
  const { id, method, params } = JSON.parse(body) as { id: unknown; method: string; params: unknown[] };
  try {
    const run = methods.get(method);
    if (run === undefined) throw new RpcError(-32_601, 'Method not found');
    return [200, { result: await run(...params), error: null, id }];
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const status = error.code === -32_601 ? 404 : 500;
    return [status, { result: null, error: { code: error.code, message: error.message }, id }];
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
  const [status, reply] = await answer(methods, body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
};

/** Takes seconds: blocks are judged with the light cache of epoch 0, which is built here, once a process. */
export const startRavenNode = async (): Promise<RavenNode> => {
  const chain = new Chain();
  sealKawpow(Buffer.alloc(32), 1, 0n);
  const methods = methodsOf(chain);
  // Hashes hold this process for seconds when it is busy, in which an idle connection must not time out.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
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
    addressScript: ADDRESS_SCRIPT,
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
