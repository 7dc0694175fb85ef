/** The peers of a process, in whatever form they come. */
import type { Socket } from 'node:net';
import { hasNativeSockets } from '@otedama/native';
import type { Arrival } from '../arrival.ts';
import { NativePeers } from './native-peers.ts';
import type { PeerSocket } from './peer-socket.ts';
import { StreamPeer } from './stream-peer.ts';

export class Peers {
  readonly #natives: NativePeers | undefined;
  readonly #streams = new Set<Socket>();

  constructor(isNative = hasNativeSockets()) {
    this.#natives = isNative ? new NativePeers((stream) => this.#keep(stream)) : undefined;
  }

  /** Undefined: gone before anybody looked. */
  take(arrival: Arrival): PeerSocket | undefined {
    const { address } = arrival;
    if (address === '') {
      arrival.reset();
      return undefined;
    }
    const natives = this.#natives;
    const descriptor = natives && arrival.descriptor();
    if (natives === undefined || descriptor === undefined) return this.#takeStream(arrival.stream(), address);
    try {
      return natives.add(descriptor, address);
    } catch {
      // The system has no room for another one to watch.
      arrival.reset();
      return undefined;
    }
  }

  /** Sends what is staged. */
  commit(): void {
    this.#natives?.commit();
  }

  /** Ends all of them. */
  close(): void {
    this.#natives?.close();
    for (const socket of this.#streams) socket.destroy();
  }

  #takeStream(socket: Socket, address: string): PeerSocket {
    this.#keep(socket);
    return new StreamPeer(socket, address);
  }

  #keep(socket: Socket): void {
    this.#streams.add(socket);
    socket.on('close', () => this.#streams.delete(socket));
  }
}
