/**
 * Sockets that are read into one buffer. Node makes one of 64 KiB for each read otherwise, copies what has come into
 * another one and hands it to a stream, which costs more than the system takes for the read.
 */
import type { Socket } from 'node:net';

const BUFFER_BYTES = 64 * 1024;
const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

/** Where a socket that was made with the option `onread` has its buffer, and what it calls. */
const BUFFER_KEY = 'kBuffer';
const CALLBACK_KEY = 'kBufferCb';

/**
 * From now on `data` is a view of that buffer, good until its listeners return. Node has this for sockets that
 * connect; for those that were accepted it is done here as its own constructor does it. False, and nothing has
 * changed: the socket holds bytes already, or this Node does it another way.
 */
export const readShared = (socket: Socket): boolean => {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (socket.readableLength > 0 || typeof handle !== 'object' || handle === null) return false;
  const keys = Object.getOwnPropertySymbols(socket);
  const bufferKey = keys.find(({ description }) => description === BUFFER_KEY);
  const callbackKey = keys.find(({ description }) => description === CALLBACK_KEY);
  const take: unknown = Reflect.get(handle, 'useUserBuffer');
  if (bufferKey === undefined || callbackKey === undefined || typeof take !== 'function') return false;
  Reflect.set(socket, bufferKey, buffer);
  Reflect.set(socket, callbackKey, (bytes: number): boolean => {
    socket.emit('data', buffer.subarray(0, bytes));
    return true;
  });
  Reflect.apply(take, handle, [buffer]);
  return true;
};
