/** A peer on a socket of the system, known there by a number: what it costs is this object. */
import { Socket } from 'node:net';
import type { PeerSockets } from '@otedama/native';
import { type PeerListener, type PeerSocket, silentListener } from './peer-socket.ts';

/** All peers together. */
export interface NativeHost {
  readonly sockets: PeerSockets;
  stage(peer: NativePeer, parts: readonly (string | Buffer)[]): void;
  commit(): void;
  /** Its number may be another's from now on. */
  forget(number: number): void;
  /** Calls `settle` later in this turn of the event loop. */
  settleSoon(peer: NativePeer): void;
  /** A peer goes on as this one. */
  adopt(stream: Socket): void;
}

/** Of a peer that is gone. */
const NONE = -1;

export class NativePeer implements PeerSocket {
  readonly address: string;
  readonly #host: NativeHost;
  #number: number;
  #listener: PeerListener = silentListener;
  /** As last heard; it only gets less meanwhile. */
  #queuedBytes = 0;
  #isPaused = true;
  /** We say no more. */
  #isEnded = false;
  /** The peer says no more. */
  #isOver = false;
  #error: Error | undefined;
  /** What it goes on as. */
  #stream: Socket | undefined;

  constructor(host: NativeHost, number: number, address: string) {
    this.#host = host;
    this.#number = number;
    this.address = address;
  }

  get number(): number {
    return this.#number;
  }

  get hasQueue(): boolean {
    return this.#queuedBytes > 0;
  }

  get isWritable(): boolean {
    return this.#number !== NONE && !this.#isEnded;
  }

  get queuedBytes(): number {
    if (this.#queuedBytes > 0) this.#queuedBytes = this.#host.sockets.queuedBytes(this.#number);
    return this.#queuedBytes;
  }

  get sentBytes(): number {
    return this.#number === NONE ? 0 : this.#host.sockets.sentBytes(this.#number);
  }

  listen(listener: PeerListener): void {
    this.#listener = listener;
  }

  pause(): void {
    if (this.#isPaused || this.#number === NONE) return;
    this.#isPaused = true;
    this.#host.sockets.pause(this.#number);
  }

  resume(): void {
    if (!this.#isPaused || this.#number === NONE) return;
    this.#isPaused = false;
    this.#host.sockets.resume(this.#number);
  }

  stage(parts: readonly (string | Buffer)[]): void {
    if (this.isWritable) this.#host.stage(this, parts);
  }

  end(): void {
    this.#host.commit();
    if (!this.isWritable) return;
    this.#isEnded = true;
    this.#host.sockets.end(this.#number);
  }

  destroy(): void {
    if (this.#stream === undefined) this.#close(false);
    else this.#stream.destroy();
  }

  reset(): void {
    if (this.#stream === undefined) this.#close(true);
    else this.#stream.resetAndDestroy();
  }

  toStream(unread: Buffer): Socket {
    this.#listener = silentListener;
    const descriptor = this.#detach();
    const stream = descriptor === undefined ? new Socket() : streamOf(descriptor);
    this.#stream = stream;
    this.#host.adopt(stream);
    if (descriptor === undefined) stream.destroy();
    else if (unread.length > 0) stream.unshift(unread);
    return stream;
  }

  hear(bytes: Buffer): void {
    if (this.#number !== NONE) this.#listener.onData(bytes);
  }

  /** The peer has ended. What was said to its last words is to be sent before we end, too. */
  hearEnd(): void {
    this.#isOver = true;
    this.#host.settleSoon(this);
  }

  hearError(error: Error): void {
    this.#error = error;
    this.#close(false);
  }

  /** `bytes` wait for it now. */
  hearQueue(bytes: number): void {
    if (this.#number === NONE) return;
    const before = this.#queuedBytes;
    this.#queuedBytes = bytes;
    if (this.#isOver && this.#isEnded && bytes === 0) this.#close(false);
    else if (bytes !== before) this.#listener.onQueueChange();
  }

  /** Once it is gone; and before, when its peer has ended. */
  settle(): void {
    if (this.#number === NONE) {
      const listener = this.#listener;
      this.#listener = silentListener;
      listener.onClose(this.#error);
      return;
    }
    this.pause();
    this.end();
    if (this.#queuedBytes === 0) this.#close(false);
  }

  #close(isReset: boolean): void {
    // What is staged goes by number.
    this.#host.commit();
    const number = this.#number;
    if (number === NONE) return;
    this.#forget();
    this.#host.sockets.close(number, isReset);
    this.#host.settleSoon(this);
  }

  #detach(): number | undefined {
    const number = this.#number;
    if (number === NONE) return undefined;
    try {
      return this.#host.sockets.detach(number);
    } catch (error) {
      // It has broken, and we have not been told yet.
      if ((error as NodeJS.ErrnoException).code !== 'INVALID_ARGUMENT') throw error;
      this.#host.sockets.close(number, false);
      return undefined;
    } finally {
      this.#forget();
    }
  }

  #forget(): void {
    this.#host.forget(this.#number);
    this.#number = NONE;
    this.#queuedBytes = 0;
  }
}

const streamOf = (descriptor: number): Socket => {
  const stream = new Socket({ fd: descriptor, readable: true, writable: true });
  stream.pause();
  return stream;
};
