/**
 * Places for connections, shared out by address once they are all taken: who comes then gets the place of the oldest
 * connection of the address that holds most of them. So one address may have them all, as a proxy has, and still shuts
 * nobody out. IPv6 counts by /64.
 */
import { clientKey } from '@otedama/edge';

/** The part of a socket that is needed here. */
export interface Seated {
  readonly remoteAddress?: string | undefined;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

export interface ConnectionPlacesOptions {
  readonly places: number;
  /** Connections from there are many people's: none of them goes for another. */
  readonly isShared: (address: string) => boolean;
  readonly onShed: () => void;
}

export class ConnectionPlaces {
  readonly #options: ConnectionPlacesOptions;
  /** Of each address, the oldest first. */
  readonly #held = new Map<string, Set<Seated>>();
  /** Addresses by how many connections they hold, so that the greatest is found at once. */
  readonly #byCount: Set<string>[] = [];
  #taken = 0;

  constructor(options: ConnectionPlacesOptions) {
    this.#options = options;
  }

  get taken(): number {
    return this.#taken;
  }

  /** The socket has a place, or is destroyed. */
  enter(socket: Seated): void {
    const address = socket.remoteAddress ?? '';
    if (this.#options.isShared(address)) return;
    const key = clientKey(address);
    if (this.#taken >= this.#options.places && !this.#makeRoomFor(key)) {
      this.#shed(socket);
      return;
    }
    const sockets = this.#held.get(key) ?? new Set();
    this.#held.set(key, sockets.add(socket));
    this.#taken += 1;
    this.#moved(key, sockets.size - 1, sockets.size);
    socket.once('close', () => this.#leave(key, socket));
  }

  /** False: nobody holds more than the newcomer's address would. */
  #makeRoomFor(key: string): boolean {
    const [greatest = ''] = this.#byCount.at(-1) ?? [];
    const held = this.#held.get(greatest);
    const [oldest] = held ?? [];
    if (held === undefined || oldest === undefined) return false;
    if (greatest !== key && held.size <= (this.#held.get(key)?.size ?? 0) + 1) return false;
    this.#leave(greatest, oldest);
    this.#shed(oldest);
    return true;
  }

  #shed(socket: Seated): void {
    this.#options.onShed();
    socket.destroy();
  }

  #leave(key: string, socket: Seated): void {
    const sockets = this.#held.get(key);
    if (sockets?.delete(socket) !== true) return;
    this.#taken -= 1;
    this.#moved(key, sockets.size + 1, sockets.size);
    if (sockets.size === 0) this.#held.delete(key);
  }

  #moved(key: string, from: number, to: number): void {
    this.#byCount[from]?.delete(key);
    // Counts move by one: no gap.
    if (to > 0) (this.#byCount[to] ??= new Set()).add(key);
    while (this.#byCount.length > 0 && (this.#byCount.at(-1)?.size ?? 0) === 0) this.#byCount.pop();
  }
}
