/**
 * Peers on sockets of the system. One call reads all that have something to say, a bounded amount in a turn of the
 * event loop, and one call writes to all that are to hear something.
 */
import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { DRAINED, PeerSockets } from '@otedama/native';
import { type NativeHost, NativePeer } from './native-peer.ts';
import type { PeerSocket } from './peer-socket.ts';

/** Of one turn: a millisecond of lines as miners say them, or what somebody sends who has no end to say. */
const MAX_EVENTS = 64;
const ARENA_BYTES = 128 * 1024;

/** So many that the call costs nothing, so few that they are written soon after they were told. */
const MAX_STAGED = 256;
const STAGE_BYTES = 256 * 1024;
const MAX_BYTES_PER_CHARACTER = 3;

const roomFor = (parts: readonly (string | Buffer)[]): number => {
  let room = 0;
  for (const part of parts) room += (typeof part === 'string' ? MAX_BYTES_PER_CHARACTER : 1) * part.length;
  return room;
};

const systemError = (errno: number): Error => {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`the connection is broken: ${code}`), { code });
};

export class NativePeers implements NativeHost {
  readonly sockets = new PeerSockets(() => this.#read());
  readonly #events = new Int32Array(2 * MAX_EVENTS);
  readonly #arena = Buffer.allocUnsafeSlow(ARENA_BYTES);
  /** By their numbers, which are small. */
  readonly #peers: (NativePeer | undefined)[] = [];
  /** To be settled, in this order. */
  #unsettled: NativePeer[] = [];
  readonly #staged: NativePeer[] = [];
  readonly #numbers = new Int32Array(MAX_STAGED);
  readonly #ends = new Uint32Array(MAX_STAGED);
  readonly #queued = new Uint32Array(MAX_STAGED);
  readonly #stage = Buffer.allocUnsafeSlow(STAGE_BYTES);
  #end = 0;
  readonly adopt: (stream: Socket) => void;

  /** `adopt` is given the streams that peers go on as. */
  constructor(adopt: (stream: Socket) => void) {
    this.adopt = adopt;
  }

  /** Takes over the descriptor; when it throws, the descriptor is still the caller's. */
  add(descriptor: number, address: string): PeerSocket {
    const number = this.sockets.add(descriptor);
    const peer = new NativePeer(this, number, address);
    this.#peers[number] = peer;
    return peer;
  }

  stage(peer: NativePeer, parts: readonly (string | Buffer)[]): void {
    const room = roomFor(parts);
    if (room > STAGE_BYTES) {
      this.#sendAlone(peer, parts);
      return;
    }
    // Who is told of a commit may stage something, or close this one.
    while (this.#staged.length === MAX_STAGED || this.#end + room > STAGE_BYTES) this.commit();
    if (!peer.isWritable) return;
    for (const part of parts) {
      this.#end +=
        typeof part === 'string' ? this.#stage.write(part, this.#end) : part.copy(this.#stage, this.#end);
    }
    this.#put(peer, this.#end);
  }

  commit(): void {
    if (this.#staged.length > 0) this.#send(this.#stage);
  }

  forget(number: number): void {
    this.#peers[number] = undefined;
  }

  settleSoon(peer: NativePeer): void {
    if (this.#unsettled.length === 0) setImmediate(() => this.#settle());
    this.#unsettled.push(peer);
  }

  /** Ends all of them. */
  close(): void {
    for (const peer of this.#peers) peer?.destroy();
    this.sockets.dispose();
  }

  /** What has no room among others. */
  #sendAlone(peer: NativePeer, parts: readonly (string | Buffer)[]): void {
    while (this.#staged.length > 0) this.commit();
    if (!peer.isWritable) return;
    const data = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
    this.#put(peer, data.length);
    this.#send(data);
  }

  #put(peer: NativePeer, end: number): void {
    const at = this.#staged.length;
    this.#numbers[at] = peer.number;
    this.#ends[at] = end;
    this.#staged.push(peer);
  }

  #send(data: Buffer): void {
    const count = this.#staged.length;
    const staged = this.#staged.splice(0);
    const queued = this.#queued.subarray(0, count);
    this.#end = 0;
    this.sockets.send(this.#numbers.subarray(0, count), this.#ends.subarray(0, count), data, queued);
    // Whoever is told may stage and send in turn.
    const behind: { readonly peer: NativePeer; readonly bytes: number }[] = [];
    for (const [at, peer] of staged.entries()) {
      const bytes = queued[at] ?? 0;
      if (bytes > 0 || peer.hasQueue) behind.push({ peer, bytes });
    }
    for (const { peer, bytes } of behind) peer.hearQueue(bytes);
  }

  #read(): void {
    const count = this.sockets.poll(this.#events, this.#arena);
    // A number that is given up by one event may be another's before the next one is looked at.
    const peers: (NativePeer | undefined)[] = [];
    for (let at = 0; at < count; at++) peers.push(this.#peers[this.#events[2 * at] ?? 0]);
    let end = 0;
    for (const [at, peer] of peers.entries()) {
      const what = this.#events[2 * at + 1] ?? 0;
      const start = end;
      if (what > 0) end += what;
      if (peer !== undefined) this.#tell(peer, what, start);
    }
  }

  #tell(peer: NativePeer, what: number, start: number): void {
    if (what > 0) peer.hear(this.#arena.subarray(start, start + what));
    else if (what === 0) peer.hearEnd();
    else if (what === DRAINED) peer.hearQueue(0);
    else peer.hearError(systemError(what));
  }

  #settle(): void {
    const peers = this.#unsettled;
    this.#unsettled = [];
    for (const peer of peers) peer.settle();
  }
}
