/**
 * Texts for many sockets, handed to the system in one call: a job for ten thousand miners, the verdicts of a batch.
 * Through its stream each write costs twice what the system takes for it. The stream is still the way for a socket
 * that is encrypted or whose peer does not keep up.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { sendEach } from '@otedama/native';

export interface WriteTarget {
  readonly socket: Socket;
  /** Something waits in the stream. */
  onBacklog(): void;
}

/** So many that the call costs nothing, so few that they are written soon after they were told. */
const MAX_STAGED = 64;
const STAGE_BYTES = 256 * 1024;
const MAX_BYTES_PER_CHARACTER = 3;
const NO_SOCKET = -1;

/** The handle of a stream is internal to Node; where it has no number, everything goes through the stream. */
const descriptorOf = (socket: Socket): number => {
  if (socket.destroyed || socket.writableLength > 0 || socket instanceof TLSSocket) return NO_SOCKET;
  const handle: unknown = Reflect.get(socket, '_handle');
  const descriptor = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  return typeof descriptor === 'number' ? descriptor : NO_SOCKET;
};

const roomFor = (parts: readonly (string | Buffer)[]): number =>
  parts.reduce(
    (sum, part) => sum + (typeof part === 'string' ? MAX_BYTES_PER_CHARACTER : 1) * part.length,
    0,
  );

export class SocketWrites {
  readonly #data = Buffer.allocUnsafeSlow(STAGE_BYTES);
  readonly #ends = new Uint32Array(MAX_STAGED);
  readonly #sockets = new Int32Array(MAX_STAGED);
  readonly #taken = new Uint32Array(MAX_STAGED);
  readonly #targets: WriteTarget[] = [];
  #end = 0;

  /** To be written by the next `commit`, or at once. */
  stage(target: WriteTarget, parts: readonly (string | Buffer)[]): void {
    const room = roomFor(parts);
    // One socket at most once: after a part of the first text the second would be out of its turn.
    const isFull = this.#targets.length === MAX_STAGED || this.#end + room > STAGE_BYTES;
    if (isFull || this.#targets.includes(target)) this.commit();
    const descriptor = descriptorOf(target.socket);
    if (room > STAGE_BYTES || descriptor === NO_SOCKET) writeThrough(target, parts);
    else this.#append(target, descriptor, parts);
  }

  commit(): void {
    const count = this.#targets.length;
    if (count === 0) return;
    const targets = this.#targets.splice(0);
    // The number of a socket that was closed meanwhile may be another's by now.
    targets.forEach(({ socket }, i) => {
      if (socket.destroyed) this.#sockets[i] = NO_SOCKET;
    });
    const taken = this.#taken.subarray(0, count);
    sendEach(this.#sockets.subarray(0, count), this.#ends.subarray(0, count), this.#data, taken);
    let start = 0;
    for (const [i, target] of targets.entries()) {
      const sent = start + (taken[i] ?? 0);
      const end = this.#ends[i] ?? 0;
      if (sent < end) writeThrough(target, [Buffer.from(this.#data.subarray(sent, end))]);
      start = end;
    }
    this.#end = 0;
  }

  #append(target: WriteTarget, descriptor: number, parts: readonly (string | Buffer)[]): void {
    for (const part of parts) {
      this.#end +=
        typeof part === 'string' ? this.#data.write(part, this.#end) : part.copy(this.#data, this.#end);
    }
    this.#sockets[this.#targets.length] = descriptor;
    this.#ends[this.#targets.length] = this.#end;
    this.#targets.push(target);
  }
}

export const writeThrough = (target: WriteTarget, parts: readonly (string | Buffer)[]): void => {
  const { socket } = target;
  if (!socket.writable) return;
  socket.cork();
  for (const part of parts) socket.write(part);
  socket.uncork();
  target.onBacklog();
};
