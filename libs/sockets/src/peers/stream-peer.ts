/** A peer over Node's stream: what is encrypted, and all where there are no native sockets. */
import type { Socket } from 'node:net';
import { type PeerListener, type PeerSocket, silentListener } from './peer-socket.ts';

/** A peer that vanished without a word is noticed after this and the system's own retries. */
const KEEP_ALIVE_MS = 60_000;

export class StreamPeer implements PeerSocket {
  readonly address: string;
  readonly #socket: Socket;
  #listener: PeerListener = silentListener;
  #error: Error | undefined;
  readonly #hear = (bytes: Buffer): void => this.#listener.onData(bytes);

  constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.address = address;
    socket.pause();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', this.#hear);
    socket.on('drain', () => this.#listener.onQueueChange());
    socket.on('error', (error) => (this.#error = error));
    socket.on('close', () => this.#listener.onClose(this.#error));
  }

  get isWritable(): boolean {
    return this.#socket.writable;
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  get sentBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  listen(listener: PeerListener): void {
    this.#listener = listener;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  stage(parts: readonly (string | Buffer)[]): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    socket.cork();
    for (const part of parts) socket.write(part);
    socket.uncork();
    if (socket.writableLength > 0) this.#listener.onQueueChange();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  toStream(unread: Buffer): Socket {
    this.#listener = silentListener;
    this.#socket.pause();
    this.#socket.off('data', this.#hear);
    if (unread.length > 0) this.#socket.unshift(unread);
    return this.#socket;
  }
}
