/**
 * The connections of the API: let in at the pace, each with a place, heard piece by piece, and all gone at the end.
 * Node's server gets them from here and listens nowhere itself.
 */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

import type { ListenAddress } from '@otedama/config';
import {
  type Arrival,
  type Listener,
  type Pace,
  type PacedSocket,
  PacedSockets,
  listen,
} from '@otedama/sockets';

import { LISTEN_BACKLOG, MAX_CONNECTIONS_WAITING } from '../limits.ts';
import type { ApiMetrics } from '../metrics.ts';
import type { ConnectionPlaces } from './connection-places.ts';
import type { Insistent } from './insistent.ts';

export interface ApiConnectionsDeps {
  readonly server: Server;
  readonly pace: Pace;
  readonly places: ConnectionPlaces;
  readonly insistent: Insistent;
  /** Connections from there are many people's. */
  readonly isShared: (address: string) => boolean;
  readonly metrics: Pick<ApiMetrics, 'connectionsShed' | 'connectionsDropped'>;
}

export interface ApiConnectionsOptions {
  readonly maxConnections: number;
  /** Makes of a connection what the server hears; absent: the connection itself. */
  readonly secure?: (socket: PacedSocket) => Duplex;
}

/** Answers in flight take some milliseconds. */
const SWEEP_MS = 20;

export class ApiConnections {
  readonly #deps: ApiConnectionsDeps;
  readonly #options: ApiConnectionsOptions;
  readonly #sockets: PacedSockets;
  readonly #open = new Set<Duplex>();
  #listener: Listener | undefined;
  #onEmpty = (): void => undefined;

  constructor(deps: ApiConnectionsDeps, options: ApiConnectionsOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#sockets = new PacedSockets(deps.pace);
  }

  get size(): number {
    return this.#open.size;
  }

  /** To be let in, or to be heard. */
  get waiting(): number {
    return (this.#listener?.waiting ?? 0) + this.#sockets.waiting;
  }

  /** The address with the real port when 0 was asked for. */
  async listen({ host, port }: ListenAddress): Promise<ListenAddress> {
    const { pace, server } = this.#deps;
    this.#listener = await listen(
      { host, port, backlog: LISTEN_BACKLOG, reusePort: false, maxWaiting: MAX_CONNECTIONS_WAITING },
      pace,
      (arrival) => this.#take(arrival),
    );
    // Only then Node's server looks for requests that do not arrive whole in time.
    server.emit('listening');
    return { host, port: this.#listener.port };
  }

  stopListening(): void {
    this.#listener?.close();
  }

  /** Resolves when nobody is connected any more; whoever has been answered is not kept. */
  async gone(): Promise<void> {
    if (this.#open.size === 0) return;
    const { server } = this.#deps;
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    clearInterval(sweep);
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #take(arrival: Arrival): void {
    const { insistent, isShared, metrics, places, server } = this.#deps;
    if (insistent.isOut(arrival.address) && !isShared(arrival.address)) {
      metrics.connectionsDropped.inc();
      arrival.reset();
      return;
    }
    if (this.#open.size >= this.#options.maxConnections) {
      metrics.connectionsShed.inc();
      arrival.reset();
      return;
    }
    const socket = this.#sockets.wrap(arrival.stream());
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      if (this.#open.size === 0) this.#onEmpty();
    });
    places.enter(socket);
    if (!socket.destroyed) server.emit('connection', this.#options.secure?.(socket) ?? socket);
  }
}
