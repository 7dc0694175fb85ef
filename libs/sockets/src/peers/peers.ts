/** The peers of a process, in whatever form they come. */
import type { Socket } from 'node:net';
import type { Arrival } from '../arrival.ts';
import type { PeerSocket } from './peer-socket.ts';
import { SocketWrites } from './socket-writes.ts';
import { StreamPeer } from './stream-peer.ts';

export class Peers {
  readonly #writes = new SocketWrites();
  readonly #streams = new Set<Socket>();

  /** Undefined: gone before anybody looked. */
  take(arrival: Arrival): PeerSocket | undefined {
    const { address } = arrival;
    if (address === '') {
      arrival.reset();
      return undefined;
    }
    const socket = arrival.stream();
    this.#streams.add(socket);
    socket.on('close', () => this.#streams.delete(socket));
    return new StreamPeer(socket, address, this.#writes);
  }

  /** Sends what is staged. */
  commit(): void {
    this.#writes.commit();
  }

  /** Ends all of them. */
  close(): void {
    for (const socket of this.#streams) socket.destroy();
  }
}
