/**
 * News of tips that a daemon pushes by itself, whatever it speaks: ZMQ of bitcoind and of monerod, a WebSocket of
 * an Ethereum node. A feed may fall silent without a sign, so it never is the only way to hear of a block.
 */
export type TipFeedSource = 'zmq' | 'websocket';

export interface TipSubscription {
  /** Ends when the subscription is closed; rejects with TipFeedError when the feed breaks off. */
  readonly done: Promise<void>;
  close(): void;
}

export interface TipFeed {
  readonly source: TipFeedSource;
  /** Calls back with the hash (display order) of each new tip. Throws TipFeedError when it cannot begin. */
  subscribe(onTip: (hash: string) => void): Promise<TipSubscription>;
}

export type TipFeedErrorCode =
  /** What it needs is not installed. */
  | 'TIP_FEED_MISSING'
  /** The address cannot be used. */
  | 'TIP_FEED_ENDPOINT'
  /** Not connected, or the connection broke: trying again may help. */
  | 'TIP_FEED_BROKEN';

export class TipFeedError extends Error {
  override readonly name = 'TipFeedError';
  readonly code: TipFeedErrorCode;

  constructor(code: TipFeedErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
