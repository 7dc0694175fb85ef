/** The peers of a process that come as Node's streams. */
import type { Socket } from 'node:net';
import { formatIpAddress, parseIpAddress } from '@otedama/edge';
import type { PeerSocket } from './peer-socket.ts';
import { readShared } from './shared-reads.ts';
import { SocketWrites } from './socket-writes.ts';
import { StreamPeer } from './stream-peer.ts';

const addressOf = (text: string): string => {
  const address = parseIpAddress(text);
  return address === undefined ? text : formatIpAddress(address);
};

export class StreamPeers {
  readonly #writes = new SocketWrites();

  /** Undefined: gone before anybody looked. `isPlain`: it stays so. */
  take(socket: Socket, isPlain: boolean): PeerSocket | undefined {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) {
      socket.destroy();
      return undefined;
    }
    if (isPlain) readShared(socket);
    return new StreamPeer(socket, addressOf(remoteAddress), this.#writes);
  }

  /** Sends what is staged. */
  commit(): void {
    this.#writes.commit();
  }
}
