/** Who has connected, before a byte of it is read; and where such wait until their turn has come. */
import type { Socket } from 'node:net';

export interface Arrival {
  /** As the system says it, IPv4 as such whatever the listener. */
  readonly address: string;
  readonly port: number;
  /** As a stream of Node, paused. The only form where sockets are not native. */
  stream(): Socket;
  /** The descriptor, the caller's from now on; undefined where there is none to be had. */
  descriptor(): number | undefined;
  /** Gone, without a word. */
  reset(): void;
}

/** A port that is listened to. What waits is bounded: by its own queue, and behind it by that of the system. */
export interface Acceptor {
  readonly port: number;
  readonly waiting: number;
  /** The one that has waited longest; undefined: nobody waits. */
  take(): Arrival | undefined;
  /** Stops listening; those who wait are reset. */
  close(): void;
}

export interface AcceptOptions {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  /** Of the system's queue. */
  readonly backlog: number;
  readonly reusePort: boolean;
  /** Accepted, and not taken yet. */
  readonly maxWaiting: number;
}
