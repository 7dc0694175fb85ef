/** A port listened to by ourselves: a few of those who knock are accepted in a turn of the loop, and cost a descriptor. */
import { Socket } from 'node:net';

import { Acceptor as NativeListener } from '@otedama/native';

import type { AcceptOptions, Acceptor, Arrival } from './arrival.ts';

type Connection = NonNullable<ReturnType<NativeListener['take']>>;

/**
 * As Node's own server makes the sockets that it accepts paused, an option that it has not documented; and without a
 * store of its own: what is not heard stays with the system.
 */
const streamOf = (fd: number): Socket => {
  const options = { fd, pauseOnCreate: true, readableHighWaterMark: 1 };
  const stream = new Socket(options);
  stream.setNoDelay(true);
  return stream;
};

const arrivalOf = ({ socket, address, port }: Connection): Arrival => ({
  address,
  port,
  stream: () => streamOf(socket),
  descriptor: () => socket,
  reset: () => NativeListener.reset(socket),
});

export const acceptNatively = (options: AcceptOptions, onWaiting: () => void): Acceptor => {
  const listener = new NativeListener(options, onWaiting);
  return {
    port: listener.port,
    get waiting() {
      return listener.waiting;
    },
    take() {
      const connection = listener.take();
      return connection && arrivalOf(connection);
    },
    close: () => listener.close(),
  };
};
