/**
 * A connection, as whoever talks over it sees it: the same whether Node's streams carry it or the system's sockets are
 * read and written by ourselves. One object listens, so that a quiet connection costs no closures.
 */
import type { Socket } from 'node:net';

export interface PeerListener {
  /** Bytes came in. They lie in memory that is used again when this returns. */
  onData(bytes: Buffer): void;
  /** More waits for the peer than it takes, or nothing any more. */
  onQueueChange(): void;
  /** Once and last, whoever ended it, and never within a call of the one who did. Without an error: in good order. */
  onClose(error?: Error): void;
}

export interface PeerSocket {
  /** The peer's, in the one form that it is counted, banned and logged by: IPv4 as such, whatever the listener. */
  readonly address: string;
  /** What is staged has somewhere to go: neither we nor the peer have ended the connection. */
  readonly isWritable: boolean;
  /** Bytes that wait here for the peer to take them. */
  readonly queuedBytes: number;
  /** All bytes that the system has ever taken for it. */
  readonly sentBytes: number;
  /** From now on all is told to this one. A connection begins paused. */
  listen(listener: PeerListener): void;
  /** Reads nothing, and does not see its end either. */
  pause(): void;
  resume(): void;
  /** Leaves with the next commit of all peers, or before. */
  stage(parts: readonly (string | Buffer)[]): void;
  /**
   * Says no more: the peer hears so behind what waits for it. Its own end closes the connection. A peer that ends first
   * is ended in the same way.
   */
  end(): void;
  /** Now, whatever waits. */
  destroy(): void;
  /** Now, and the peer's system is told that nobody is here. */
  reset(): void;
  /**
   * Goes on as a stream of Node, paused, which gives out first what was read here already; a destroyed one if the
   * connection is broken. Nothing may have been sent. Nobody hears of the connection here any more; `destroy` still
   * ends it.
   */
  toStream(unread: Buffer): Socket;
}

/** Hears nothing of it. */
export const silentListener: PeerListener = {
  onData: () => undefined,
  onQueueChange: () => undefined,
  onClose: () => undefined,
};
