/** Listens at a port and gives on who comes, at the pace. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { hasNativeSockets } from '@otedama/native';

import type { AcceptOptions, Acceptor, Arrival } from './arrival.ts';
import { acceptNatively } from './native-acceptor.ts';
import { acceptByNode } from './node-acceptor.ts';
import type { Pace } from './pace.ts';

/** The host may be a name here. */
export type ListenOptions = AcceptOptions;

export interface Listener {
  readonly port: number;
  /** Who has connected and is not let on yet. */
  readonly waiting: number;
  /** Stops listening; those who wait are reset. */
  close(): void;
}

/** An address with a zone is known to Node alone. */
const isForUs = ({ host }: AcceptOptions): boolean => hasNativeSockets() && !host.includes('%');

const accept = (options: AcceptOptions, onWaiting: () => void): Acceptor | Promise<Acceptor> =>
  isForUs(options) ? acceptNatively(options, onWaiting) : acceptByNode(options, onWaiting);

export const listen = async (
  options: ListenOptions,
  pace: Pace,
  onArrival: (arrival: Arrival) => void,
): Promise<Listener> => {
  const { host } = options;
  const address = isIP(host) === 0 ? (await lookup(host)).address : host;
  const crowd = pace.crowd(() => {
    const arrival = acceptor.take();
    if (arrival !== undefined) onArrival(arrival);
    return arrival !== undefined;
  });
  const acceptor = await accept({ ...options, host: address }, () => crowd.wake());
  return {
    port: acceptor.port,
    get waiting() {
      return acceptor.waiting;
    },
    close() {
      crowd.leave();
      acceptor.close();
    },
  };
};
