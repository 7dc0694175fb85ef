/** TLS to a NATS server: whose certificates are taken, and whose they must be. */
import { Socket } from 'node:net';
import { type ConnectionOptions, type PeerCertificate, checkServerIdentity } from 'node:tls';
import type { TlsOptions } from '@nats-io/transport-node';

export interface NatsTls {
  /** Authorities that the server's certificate may come from; absent: those of the system. */
  readonly caFile?: string;
  /** A certificate of our own, where the server asks for one. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/**
 * The client names no server that it reaches by its address, and Node then looks for "localhost" in the certificate:
 * it must be for that address. Node calls this on the options of the connection.
 */
function checkServer(this: ConnectionOptions, name: string, certificate: PeerCertificate): Error | undefined {
  const { servername, socket } = this;
  const isNamed = servername !== undefined && servername !== '';
  const address = socket instanceof Socket ? socket.remoteAddress : undefined;
  return checkServerIdentity(isNamed ? name : (address ?? name), certificate);
}

/** The client hands on to Node what it does not know itself. */
export const tlsOptions = (tls: NatsTls): TlsOptions => {
  const options = { ...tls, checkServerIdentity: checkServer };
  return options;
};
