/**
 * Block announcements over ZMQ, of bitcoind (`-zmqpubhashblock`) and of monerod (`--zmq-pub`): the fastest news
 * of a tip. The package is optional and loaded only when an endpoint is configured. libzmq reconnects by itself
 * and says nothing while it does, so silence proves nothing: the polls run beside it.
 */
import type * as Zmq from 'zeromq';
import { z } from 'zod';
import { cleanText } from './errors.ts';
import { parseJson } from './json.ts';
import { hashSchema } from './replies.ts';
import { type TipFeed, TipFeedError, type TipSubscription } from './tip-feed.ts';

type ZmqModule = typeof Zmq;
export type LoadZmq = () => Promise<ZmqModule>;

/** What one publisher sends: which messages, how large, and where the hash is. */
interface Announcement {
  readonly topic: string;
  readonly maxMessageBytes: number;
  /** Undefined: not a block announcement. */
  readonly hashOf: (parts: readonly Buffer[]) => string | undefined;
}

const load = async (loadModule: LoadZmq): Promise<ZmqModule> => {
  try {
    return await loadModule();
  } catch (error) {
    const message =
      'ZMQ is configured, but the package "zeromq" cannot be loaded: install it or remove the endpoint';
    throw new TipFeedError('TIP_FEED_MISSING', message, error);
  }
};

const connect = (zmq: ZmqModule, endpoint: string, { topic, maxMessageBytes }: Announcement) => {
  const socket = new zmq.Subscriber({
    linger: 0,
    // A wrong endpoint may speak anything.
    maxMessageSize: maxMessageBytes,
    receiveHighWaterMark: 64,
    reconnectInterval: 100,
    reconnectMaxInterval: 5_000,
    tcpKeepalive: 1,
    tcpKeepaliveIdle: 30,
  });
  try {
    socket.connect(endpoint);
  } catch (error) {
    socket.close();
    throw new TipFeedError('TIP_FEED_ENDPOINT', `ZMQ endpoint cannot be used: ${cleanText(endpoint)}`, error);
  }
  socket.subscribe(topic);
  return socket;
};

const createZmqFeed = (endpoint: string, announcement: Announcement, loadModule: LoadZmq): TipFeed => ({
  source: 'zmq',
  async subscribe(onTip): Promise<TipSubscription> {
    const socket = connect(await load(loadModule), endpoint, announcement);
    const receive = async (): Promise<void> => {
      try {
        for await (const parts of socket) {
          const hash = announcement.hashOf(parts);
          if (hash !== undefined) onTip(hash);
        }
      } catch (error) {
        throw new TipFeedError('TIP_FEED_BROKEN', `ZMQ receive failed: ${cleanText(String(error))}`, error);
      }
    };
    return { done: receive(), close: () => socket.close() };
  },
});

const HASH_BLOCK = 'hashblock';
const HASH_BYTES = 32;

const hashBlock: Announcement = {
  topic: HASH_BLOCK,
  // Three parts of at most 32 bytes.
  maxMessageBytes: 1024,
  hashOf: ([topic, hash]) =>
    topic?.toString('latin1') === HASH_BLOCK && hash?.length === HASH_BYTES
      ? hash.toString('hex')
      : undefined,
};

/** `endpoint`: the address of bitcoind's `-zmqpubhashblock`. */
export const createHashBlockFeed = (
  endpoint: string,
  loadModule: LoadZmq = () => import('zeromq'),
): TipFeed => createZmqFeed(endpoint, hashBlock, loadModule);

/** Without the colon: monerod sends nothing to whoever subscribes to more or less than the name. */
const CHAIN_MAIN = 'json-minimal-chain_main';
const chainMainSchema = z.looseObject({ ids: z.array(hashSchema).min(1) });

/** One part: the topic, a colon, JSON with the ids of the blocks that were added, the new tip last. */
const chainMain: Announcement = {
  topic: CHAIN_MAIN,
  // After a reorganisation it lists every new block; this is room for some 3,800.
  maxMessageBytes: 256 * 1024,
  hashOf: ([message]) => {
    const text = message?.toString('latin1') ?? '';
    if (!text.startsWith(`${CHAIN_MAIN}:`)) return undefined;
    const json = parseJson(text.slice(CHAIN_MAIN.length + 1));
    const added = json.ok ? chainMainSchema.safeParse(json.value) : undefined;
    return added?.data?.ids.at(-1);
  },
};

/** `endpoint`: the address of monerod's `--zmq-pub`. */
export const createChainMainFeed = (
  endpoint: string,
  loadModule: LoadZmq = () => import('zeromq'),
): TipFeed => createZmqFeed(endpoint, chainMain, loadModule);
