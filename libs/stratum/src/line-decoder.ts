/**
 * Bytes to lines. Incremental, without I/O: `push` a chunk, then take `next` until it wants more, so that a
 * caller under backpressure can stop in the middle of a chunk. A line that is too long is reported once and
 * skipped up to its end; what follows is read normally.
 */
import { MAX_LINE_BYTES } from './limits.ts';

export type LineViolation = 'line-too-long' | 'tls-handshake' | 'proxy-header';

export type DecodedLine =
  /** Without its line end; a view that is valid until the next `push`. */
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'violation'; readonly violation: LineViolation }
  | { readonly kind: 'need-more' };

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** First byte of every TLS record of a handshake; no JSON text begins with it. */
const TLS_HANDSHAKE = 0x16;
/** The PROXY protocol begins with this word, or with two empty lines and a zero byte: neither begins a JSON text. */
const PROXY_WORD = Buffer.from('PROXY ');
const ZERO = 0x00;

const needMore: DecodedLine = { kind: 'need-more' };
const empty = Buffer.alloc(0);

export class LineDecoder {
  #maxLineBytes: number;
  /** Bytes taken in and not given out yet, from `#at` on. */
  #bytes: Buffer = empty;
  /** A buffer of our own that `#bytes` lies in when chunks had to be joined; else empty. */
  #room: Buffer = empty;
  #at = 0;
  /** Where the search for a newline goes on, so that a slow line is not scanned again and again. */
  #scanned = 0;
  #skipping = false;
  #first = true;
  #firstLine = true;

  constructor(maxLineBytes: number = MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Bytes held back: a partial line, and whole lines that nobody has taken yet. */
  get bufferedBytes(): number {
    return this.#bytes.length - this.#at;
  }

  /** For peers that have said why they need it. */
  limitLines(maxLineBytes: number): void {
    this.#maxLineBytes = maxLineBytes;
  }

  push(chunk: Buffer): void {
    // The usual chunk holds whole lines and nothing is left over: no copy.
    if (this.#at === this.#bytes.length) this.#hold(chunk);
    else this.#append(chunk);
    this.#scanned -= this.#at;
    this.#at = 0;
  }

  /** The memory of the last chunk will be used again: what is left of it moves. */
  release(): void {
    if (this.#at < this.#bytes.length && this.#bytes.buffer !== this.#room.buffer) this.push(empty);
  }

  next(): DecodedLine {
    for (;;) {
      const end = this.#bytes.indexOf(NEWLINE, this.#scanned);
      if (end < 0) return this.#incomplete();
      const start = this.#at;
      this.#at = end + 1;
      this.#scanned = end + 1;
      if (this.#skipping) {
        this.#skipping = false;
        continue;
      }
      if (this.#isTls(start)) return { kind: 'violation', violation: 'tls-handshake' };
      if (end - start > this.#maxLineBytes) return { kind: 'violation', violation: 'line-too-long' };
      const stop = end > start && this.#bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
      // Some firmware keeps a connection alive with bare newlines.
      if (stop === start) continue;
      const bytes = this.#bytes.subarray(start, stop);
      if (this.#isProxyHeader(bytes)) return { kind: 'violation', violation: 'proxy-header' };
      return { kind: 'line', bytes };
    }
  }

  #hold(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#room = empty;
  }

  /** With room to spare, so that a peer that sends byte by byte does not have all of them copied for each. */
  #append(chunk: Buffer): void {
    const rest = this.#bytes.subarray(this.#at);
    const end = rest.byteOffset + rest.length;
    if (rest.buffer === this.#room.buffer && end + chunk.length <= this.#room.length) {
      chunk.copy(this.#room, end);
      this.#bytes = this.#room.subarray(rest.byteOffset, end + chunk.length);
      return;
    }
    const bytes = rest.length + chunk.length;
    this.#room = Buffer.allocUnsafeSlow(2 * bytes);
    rest.copy(this.#room);
    chunk.copy(this.#room, rest.length);
    this.#bytes = this.#room.subarray(0, bytes);
  }

  #incomplete(): DecodedLine {
    if (this.#skipping) {
      this.#drop();
      return needMore;
    }
    if (this.#bytes.length > this.#at && this.#isTls(this.#at)) {
      this.#skip();
      return { kind: 'violation', violation: 'tls-handshake' };
    }
    if (this.#bytes.length - this.#at > this.#maxLineBytes) {
      this.#skip();
      return { kind: 'violation', violation: 'line-too-long' };
    }
    this.#scanned = this.#bytes.length;
    // A miner is silent for minutes: nothing of its last chunk is kept for it.
    if (this.#at === this.#bytes.length) this.#drop();
    return needMore;
  }

  /** Only the very first byte of a connection can tell a TLS client from garbage. */
  #isTls(at: number): boolean {
    if (!this.#first) return false;
    this.#first = false;
    return this.#bytes[at] === TLS_HANDSHAKE;
  }

  /** By the first line that is not empty, whose end is never far. */
  #isProxyHeader(line: Buffer): boolean {
    if (!this.#firstLine) return false;
    this.#firstLine = false;
    return line[0] === ZERO || line.subarray(0, PROXY_WORD.length).equals(PROXY_WORD);
  }

  #skip(): void {
    this.#skipping = true;
    this.#drop();
  }

  #drop(): void {
    this.#hold(empty);
    this.#at = 0;
    this.#scanned = 0;
  }
}
