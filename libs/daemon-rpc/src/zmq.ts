/**
 * Block announcements over ZMQ (`-zmqpubhashblock`): the fastest news of a tip. The package is optional and
 * loaded only when an endpoint is configured. libzmq reconnects by itself and says nothing while it does, so
 * silence proves nothing: long poll and the slow poll run beside it.
 */
import type * as Zmq from 'zeromq';
import { cleanText } from './errors.ts';

export class ZmqError extends Error {
  override readonly name = 'ZmqError';
  readonly code: 'ZMQ_MISSING' | 'ZMQ_ENDPOINT' | 'ZMQ_RECEIVE';

  constructor(code: ZmqError['code'], message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

type ZmqModule = typeof Zmq;

export interface HashBlockSubscription {
  /** Ends when the subscription is closed; rejects with ZmqError when receiving fails. */
  readonly done: Promise<void>;
  close(): void;
}

const TOPIC = 'hashblock';
const HASH_BYTES = 32;

const load = async (loadModule: () => Promise<ZmqModule>): Promise<ZmqModule> => {
  try {
    return await loadModule();
  } catch (error) {
    const message =
      'ZMQ is configured, but the package "zeromq" cannot be loaded: install it or remove the endpoint';
    throw new ZmqError('ZMQ_MISSING', message, error);
  }
};

/** Calls back with the hash (display order) of each new tip. Throws ZmqError when it cannot begin. */
export const subscribeHashBlock = async (
  endpoint: string,
  onHash: (hash: string) => void,
  loadModule: () => Promise<ZmqModule> = () => import('zeromq'),
): Promise<HashBlockSubscription> => {
  const zmq = await load(loadModule);
  const socket = new zmq.Subscriber({
    linger: 0,
    // A wrong endpoint may speak anything; a hashblock message has three parts of at most 32 bytes.
    maxMessageSize: 1024,
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
    throw new ZmqError('ZMQ_ENDPOINT', `ZMQ endpoint cannot be used: ${cleanText(endpoint)}`, error);
  }
  socket.subscribe(TOPIC);

  const receive = async (): Promise<void> => {
    try {
      for await (const [topic, hash] of socket) {
        if (topic?.toString('latin1') === TOPIC && hash?.length === HASH_BYTES) onHash(hash.toString('hex'));
      }
    } catch (error) {
      throw new ZmqError('ZMQ_RECEIVE', `ZMQ receive failed: ${cleanText(String(error))}`, error);
    }
  };
  return { done: receive(), close: () => socket.close() };
};
