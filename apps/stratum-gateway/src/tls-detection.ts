/**
 * The port of miners speaks in the clear, over TLS, or both. Both is told by the first byte, since miners speak first
 * and no JSON text begins like a TLS record. Until that byte a connection is nobody's: it has a deadline, and its
 * place at the door like every other.
 */
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Guest, decodeProxyHeader } from '@otedama/edge';
import { type PeerSocket, StreamPeer } from '@otedama/sockets';
import type { Refusal } from './defence/refusals.ts';
import { hearFirstWords } from './defence/first-words.ts';

export interface GreeterOptions {
  /** PEM; undefined: in the clear only. */
  readonly tls:
    | { readonly cert: Buffer | string; readonly key: Buffer | string; readonly allowPlain: boolean }
    | undefined;
  /** For the first byte, and once more for the TLS handshake. */
  readonly handshakeTimeoutMs: number;
}

export interface Entrance {
  /** The peer is ready to be read, decrypted where it did not come in the clear. `unread`: said already. */
  accept(peer: PeerSocket, guest: Guest, unread: Buffer): void;
  /** Ends it. */
  refuse(peer: PeerSocket, reason: Refusal, address: string): void;
  /** It has ended by itself. */
  note(reason: Refusal, address: string): void;
}

/** What to do with a peer that was let in. */
export interface Greeter {
  greet(peer: PeerSocket, guest: Guest, unread: Buffer): void;
  /** Ends those that are no one's connection yet because their TLS handshake is under way. */
  close(): void;
}

/** Content type of the first record of a TLS connection. */
const TLS_HANDSHAKE = 0x16;

const nothing = Buffer.alloc(0);

/** The two ends of a connection: what an encrypted socket has in common with the one below it. */
const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

interface Handshake {
  readonly socket: Socket;
  readonly peer: PeerSocket;
  readonly guest: Guest;
}

/** Decrypts, and knows afterwards whose socket it was. */
const createDecryption = (
  { cert, key }: { readonly cert: Buffer | string; readonly key: Buffer | string },
  handshakeTimeoutMs: number,
  entrance: Pick<Entrance, 'accept' | 'note'>,
): Greeter => {
  const handshakes = new Map<string, Handshake>();
  const server = createTlsServer({ cert, key, handshakeTimeout: handshakeTimeoutMs }, (socket) => {
    const ends = endsOf(socket);
    const handshake = handshakes.get(ends);
    handshakes.delete(ends);
    // Without one its connection has ended in the same turn.
    if (handshake === undefined) socket.destroy();
    else entrance.accept(new StreamPeer(socket, handshake.peer.address), handshake.guest, nothing);
  });
  return {
    greet(peer, guest, unread) {
      const socket = peer.toStream(unread);
      const ends = endsOf(socket);
      const handshake = { socket, peer, guest };
      handshakes.set(ends, handshake);
      socket.once('close', () => {
        if (handshakes.get(ends) !== handshake) return;
        handshakes.delete(ends);
        guest.leave();
        entrance.note('tls-failed', guest.address);
      });
      server.emit('connection', socket);
    },
    close() {
      for (const { socket } of handshakes.values()) socket.destroy();
    },
  };
};

const isProxyHeader = (bytes: Buffer): boolean => decodeProxyHeader(bytes).kind !== 'absent';

export const createGreeter = ({ tls, handshakeTimeoutMs }: GreeterOptions, entrance: Entrance): Greeter => {
  const plain: Greeter = {
    greet: (peer, guest, unread) => entrance.accept(peer, guest, unread),
    close: () => undefined,
  };
  if (tls === undefined) return plain;
  const decryption = createDecryption(tls, handshakeTimeoutMs, entrance);
  const refuse = (peer: PeerSocket, guest: Guest, reason: Refusal): void => {
    guest.leave();
    entrance.refuse(peer, reason, guest.address);
  };
  return {
    greet(peer, guest, unread) {
      hearFirstWords(peer, unread, {
        timeoutMs: handshakeTimeoutMs,
        isEnough: () => true,
        onHeard: (bytes, isLate) => {
          if (isLate) refuse(peer, guest, 'no-first-byte');
          else if (bytes[0] === TLS_HANDSHAKE) decryption.greet(peer, guest, bytes);
          else if (tls.allowPlain) plain.greet(peer, guest, bytes);
          else if (isProxyHeader(bytes)) refuse(peer, guest, 'proxy-header-unexpected');
          // It hears in an alert what this port speaks.
          else decryption.greet(peer, guest, bytes);
        },
        onGone: () => guest.leave(),
      });
    },
    close: () => decryption.close(),
  };
};
