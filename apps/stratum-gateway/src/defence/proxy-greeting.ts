/** Takes the PROXY header off a connection; what comes behind it stays to be read. */
import type { Socket } from 'node:net';
import { type ProxyHeader, decodeProxyHeader } from '@otedama/edge';

export type ProxyGreeting = Exclude<ProxyHeader, { kind: 'need-more' }> | { readonly kind: 'late' };

/** Nothing is heard of a peer that leaves before it has said enough. */
export const readProxyHeader = (
  socket: Socket,
  timeoutMs: number,
  take: (greeting: ProxyGreeting) => void,
): void => {
  let bytes: Buffer = Buffer.alloc(0);
  const finish = (greeting: ProxyGreeting): void => {
    clearTimeout(deadline);
    socket.off('readable', onReadable);
    const rest = 'length' in greeting ? bytes.subarray(greeting.length) : bytes;
    if (rest.length > 0) socket.unshift(rest);
    // Only then does the stream know that nobody listens any more, and tell the next one what there is.
    process.nextTick(() => {
      if (!socket.destroyed) take(greeting);
    });
  };
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    bytes = Buffer.concat([bytes, chunk]);
    const header = decodeProxyHeader(bytes);
    if (header.kind !== 'need-more') finish(header);
  };
  const deadline = setTimeout(() => finish({ kind: 'late' }), timeoutMs);
  socket.on('readable', onReadable);
  socket.once('close', () => clearTimeout(deadline));
};
