/** TLS over the API's connections, which are streams at a pace and no sockets of the system. */
import { readFileSync } from 'node:fs';
import { TLSSocket, createSecureContext } from 'node:tls';

import type { TlsConfig } from '@otedama/config';
import type { PacedSocket } from '@otedama/sockets';

/** Reads the files once; a handshake takes place in what comes back. */
export const createTls = ({ certFile, keyFile }: TlsConfig): ((socket: PacedSocket) => TLSSocket) => {
  const secureContext = createSecureContext({
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    minVersion: 'TLSv1.2',
  });
  return (socket) => {
    const secured = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
    // It would ask the system, which knows no peer of a stream: all would have one address.
    const { remoteAddress, remotePort } = socket;
    return Object.defineProperties(secured, {
      remoteAddress: { value: remoteAddress },
      remotePort: { value: remotePort },
    });
  };
};
