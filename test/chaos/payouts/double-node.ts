/** The double of a chain as a server, so that it outlives the processes that are killed. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DoubleChain, type DoubleOptions, DoubleRefusal } from './double-chain.ts';
import type { PayoutTestChain } from './test-chain.ts';
import type { SeededRandom } from '../seeded-random.ts';

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

interface Call {
  readonly method: string;
  readonly raw?: string;
  readonly coins?: readonly string[];
}

const answer = (chain: DoubleChain, { method, raw = '', coins = [] }: Call): unknown => {
  switch (method) {
    case 'state':
      return {
        height: chain.height,
        nonce: chain.nonce(),
        total: chain.walletTotal(),
        leastFee: chain.leastFee,
      };
    case 'spendable':
      return chain.spendable();
    case 'lock':
      return chain.lock(coins);
    case 'unlock':
      return chain.unlock(coins);
    case 'unlockBut':
      return chain.unlockBut(new Set(coins));
    case 'broadcast':
      return chain.accept(raw);
    case 'standing':
      return chain.standing(raw);
    default:
      throw new DoubleRefusal(`unknown method ${method}`);
  }
};

const reply = (chain: DoubleChain, text: string): string => {
  const toText = (value: unknown): string =>
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
  try {
    return toText({ result: answer(chain, JSON.parse(text) as Call) });
  } catch (error) {
    if (!(error instanceof DoubleRefusal)) throw error;
    return toText({ refused: error.message });
  }
};

const serve = async (chain: DoubleChain): Promise<Server> => {
  const server = createServer((request, response) => {
    void textOf(request).then((text) => response.end(reply(chain, text)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

export interface DoubleNode extends PayoutTestChain, AsyncDisposable {
  readonly chain: DoubleChain;
}

export const startDoubleNode = async (
  options: DoubleOptions & { readonly random: SeededRandom; readonly maxPayees: number },
): Promise<DoubleNode> => {
  const chain = new DoubleChain(options);
  const server = await serve(chain);
  const { random, maxPayees, kind } = options;
  const { port } = server.address() as AddressInfo;
  return {
    chain,
    coin: 'litecoin',
    walletModule: new URL('double-wallet.ts', import.meta.url).href,
    walletOptions: { url: `http://127.0.0.1:${port}/`, kind, maxPayees },
    addresses: (count) =>
      Promise.resolve(Array.from({ length: count }, (_, index) => `miner-${index}-${random.whole(0, 1e9)}`)),
    // Now and then a reorg, a node that forgets, fees that rise.
    advance: () => {
      if (random.next() < 0.06) chain.reorganise(random.whole(1, 2), () => random.next() < 0.5);
      if (random.next() < 0.1) chain.forget(() => random.next() < 0.5);
      if (random.next() < 0.15) chain.leastFee = random.next() < 0.5 ? BigInt(random.whole(0, 150)) : 0n;
      chain.mine();
      return Promise.resolve();
    },
    payments: () => Promise.resolve(chain.payments()),
    walletTotalAtomic: () => Promise.resolve(chain.walletTotal()),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
