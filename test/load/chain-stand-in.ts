/**
 * Stands for bitcoind in measurements of the share path: the JSON-RPC that pools ask for work with, over a chain
 * whose target no share of a measurement meets. Blocks come on command and carry nothing but their place; a
 * template is as large as asked for. It judges no block: what is measured here finds none.
 *
 * Plain sockets, since one of the pools ends the lines of its requests with a bare newline, which node:http refuses.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';

export interface ChainStandIn {
  readonly url: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A valid address of the chain. */
  readonly address: string;
  /** A block of somebody else. */
  newBlock(): void;
  stop(): Promise<void>;
}

export interface ChainStandInOptions {
  /** In each template, of some 250 bytes. */
  readonly transactions: number;
}

/** Regtest's. */
const GENESIS = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206';
/** Pays to 20 bytes of 0x01. */
const ADDRESS = 'mfcGAzvis9JQAb6avB6WBGiGrgWzLxuGaC';
const USER = 'load';
const PASSWORD = 'load';
/** Difficulty 16,384: seventy million million hashes. */
const BITS = '1b03fffc';
const TARGET = '000000000003fffc'.padEnd(64, '0');
const VERSION = 0x20000000;
const FIRST_HEIGHT = 200;
const SUBSIDY = 50_00000000;
const FEE = 1_000;
const TRANSACTION_BYTES = 250;

const sha256d = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();

const display = (hash: Buffer): string => Buffer.from(hash).reverse().toString('hex');

/** Bytes that no pool looks into: whole transactions are the daemon's business. */
const transaction = () => {
  const data = randomBytes(TRANSACTION_BYTES);
  const txid = display(sha256d(data));
  return { data: data.toString('hex'), txid, hash: txid, fee: FEE, depends: [], sigops: 1, weight: 1_000 };
};

class Chain {
  readonly #hashes = [GENESIS];
  readonly #transactions: readonly object[];
  #waiting: (() => void)[] = [];

  constructor(transactions: number) {
    for (let height = 1; height <= FIRST_HEIGHT; height++) this.#hashes.push(randomBytes(32).toString('hex'));
    this.#transactions = Array.from({ length: transactions }, transaction);
  }

  get tip(): string {
    return this.#hashes.at(-1) ?? GENESIS;
  }

  get height(): number {
    return this.#hashes.length - 1;
  }

  hashAt(height: unknown): string | undefined {
    return this.#hashes[Number(height)];
  }

  header(hash: unknown): object | undefined {
    const height = this.#hashes.indexOf(String(hash));
    return height < 0 ? undefined : { hash, height, confirmations: this.height - height + 1 };
  }

  newBlock(): void {
    // The first hash of a block that its own chain would call good enough.
    this.#hashes.push(randomBytes(24).toString('hex').padStart(64, '0'));
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }

  nextBlock(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  template(): object {
    return {
      version: VERSION,
      rules: ['csv', 'segwit'],
      previousblockhash: this.tip,
      transactions: this.#transactions,
      coinbaseaux: { flags: '' },
      coinbasevalue: SUBSIDY + FEE * this.#transactions.length,
      longpollid: this.tip,
      target: TARGET,
      mintime: Math.floor(Date.now() / 1_000) - 3_600,
      curtime: Math.floor(Date.now() / 1_000),
      bits: BITS,
      height: this.height + 1,
      default_witness_commitment: `6a24aa21a9ed${'00'.repeat(32)}`,
    };
  }
}

type Method = (chain: Chain, params: readonly unknown[]) => unknown;

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['getbestblockhash', (chain) => chain.tip],
  ['getblockcount', (chain) => chain.height],
  ['getblockhash', (chain, [height]) => chain.hashAt(height)],
  ['getblockheader', (chain, [hash]) => chain.header(hash)],
  [
    'getblockchaininfo',
    (chain) => ({
      chain: 'regtest',
      blocks: chain.height,
      headers: chain.height,
      bestblockhash: chain.tip,
      initialblockdownload: false,
    }),
  ],
  [
    'getblocktemplate',
    async (chain, [request]) => {
      const { longpollid } = (request ?? {}) as { longpollid?: string };
      if (longpollid === chain.tip) await chain.nextBlock();
      return chain.template();
    },
  ],
  ['validateaddress', (_chain, [address]) => ({ isvalid: true, address, isscript: false, iswitness: false })],
]);

interface RpcRequest {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: readonly unknown[];
}

const answer = async (chain: Chain, { id = null, method, params = [] }: RpcRequest): Promise<string> => {
  const result = await METHODS.get(method)?.(chain, params);
  const body =
    result === undefined
      ? {
          result: null,
          error: { code: METHODS.has(method) ? -5 : -32601, message: `${method}: not here` },
          id,
        }
      : { result, error: null, id };
  const text = `${JSON.stringify(body)}\n`;
  const status = result === undefined ? '500 Internal Server Error' : '200 OK';
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
};

const HEAD_END = /\r?\n\r?\n/;
const CONTENT_LENGTH = /^content-length: *(\d+)/im;

/** One request after the other; nobody here sends a second one before the answer. */
const serve = (chain: Chain, socket: Socket): void => {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    text += String(chunk);
    const head = HEAD_END.exec(text);
    if (head === null) return;
    const bodyAt = head.index + head[0].length;
    const length = Number(CONTENT_LENGTH.exec(text)?.[1] ?? 0);
    if (text.length < bodyAt + length) return;
    const request = JSON.parse(text.slice(bodyAt, bodyAt + length)) as RpcRequest;
    text = text.slice(bodyAt + length);
    void answer(chain, request).then((reply) => socket.write(reply));
  });
  // A pool that stops, or gives up a long poll.
  socket.on('error', () => socket.destroy());
};

export const startChainStandIn = async ({ transactions }: ChainStandInOptions): Promise<ChainStandIn> => {
  const chain = new Chain(transactions);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(chain, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    user: USER,
    password: PASSWORD,
    address: ADDRESS,
    newBlock: () => chain.newBlock(),
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
