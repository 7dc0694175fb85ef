/**
 * A socket whose bytes are handed on in small pieces, each when its turn has come: a parser gets a few requests or
 * frames at a time, however many lie in what has arrived.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A request of a browser is one or two of them. Of the least that parsers take for one, twenty fit in. */
const PIECE_BYTES = 512;

export interface SpeakingQueue {
  /** It has something to hand on. */
  enter(socket: PacedSocket): void;
  leave(socket: PacedSocket): void;
}

type WriteDone = (error?: Error | null) => void;

export class PacedSocket extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly #socket: Socket;
  readonly #queue: SpeakingQueue;
  /** What has been read and not handed on yet: it is read on when this has gone. */
  #heard: Buffer | undefined;
  #isWanted = false;
  /** The peer says no more. */
  #hasEnded = false;

  constructor(socket: Socket, queue: SpeakingQueue) {
    super({ readableHighWaterMark: PIECE_BYTES, writableHighWaterMark: socket.writableHighWaterMark });
    this.#socket = socket;
    this.#queue = queue;
    this.remoteAddress = socket.remoteAddress;
    this.remotePort = socket.remotePort;
    // Its own end is said by whoever uses this stream, who has not heard all yet.
    socket.allowHalfOpen = true;
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    socket.pause();
    socket.on('end', () => this.#end());
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.on('timeout', () => this.emit('timeout'));
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  get connecting(): boolean {
    return this.#socket.connecting;
  }

  /** Its turn has come. */
  handOn(): void {
    const heard = this.#heard;
    if (heard === undefined || this.destroyed) return;
    this.#isWanted = false;
    const isLast = heard.length <= PIECE_BYTES;
    this.#heard = isLast ? undefined : heard.subarray(PIECE_BYTES);
    this.push(isLast ? heard : heard.subarray(0, PIECE_BYTES));
    if (isLast && this.#hasEnded) this.push(null);
  }

  setTimeout(timeoutMs: number, listener?: () => void): this {
    if (listener !== undefined) this.once('timeout', listener);
    this.#socket.setTimeout(timeoutMs);
    return this;
  }

  setNoDelay(isOn?: boolean): this {
    this.#socket.setNoDelay(isOn);
    return this;
  }

  setKeepAlive(isOn?: boolean, delayMs?: number): this {
    this.#socket.setKeepAlive(isOn, delayMs);
    return this;
  }

  /** When all has been written; as servers end a connection. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _read(): void {
    this.#isWanted = true;
    if (this.#heard === undefined) this.#socket.resume();
    else this.#queue.enter(this);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: WriteDone): void {
    this.#socket.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: WriteDone): void {
    this.#socket.cork();
    const last = chunks.length - 1;
    chunks.forEach(({ chunk }, at) => this.#socket.write(chunk, at === last ? done : undefined));
    this.#socket.uncork();
  }

  override _final(done: WriteDone): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: WriteDone): void {
    this.#queue.leave(this);
    this.#heard = undefined;
    this.#socket.destroy();
    done(error);
  }

  /** Also told of a socket that is paused: what it said before is handed on first. */
  #end(): void {
    this.#hasEnded = true;
    if (this.#heard === undefined) this.push(null);
  }

  #hear(chunk: Buffer): void {
    // It is paused until this has been handed on: there is never more than one.
    this.#heard = chunk;
    this.#socket.pause();
    if (this.#isWanted) this.#queue.enter(this);
  }
}
