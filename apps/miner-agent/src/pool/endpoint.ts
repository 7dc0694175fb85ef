/** Where a pool is: URLs to endpoints, and endpoints to sockets. */
import { type Socket, connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** `stratum`: what the algorithm speaks. As miners of Ethash write it: 1 is eth-proxy, 2 EthereumStratum/1.0.0. */
export type PoolScheme = 'stratum' | 'stratum1' | 'stratum2';

export interface PoolUrl {
  readonly scheme: PoolScheme;
  readonly endpoint: Endpoint;
}

const URL_SHAPE = /^(stratum[12]?)\+(tcp|ssl|tls):\/\/(?:\[([0-9a-f:.]+)\]|([^:/[\]]+)):(\d{1,5})\/?$/i;

/** `stratum+tcp://host:port` or `stratum+ssl://host:port`; undefined for anything else. */
export const parsePoolUrl = (url: string): PoolUrl | undefined => {
  const [, scheme = '', transport = '', ipv6, name, digits = ''] = URL_SHAPE.exec(url.trim()) ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  const endpoint = { host, port, tls: transport.toLowerCase() !== 'tcp' };
  return { scheme: scheme.toLowerCase() as PoolScheme, endpoint };
};

/** This machine itself, where trying again costs nobody anything. */
export const isLoopback = ({ host }: Endpoint): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);

/** Opens a socket and calls back once bytes can be sent. */
export type Dial = (endpoint: Endpoint, onOpen: () => void) => Socket;

const KEEP_ALIVE_MS = 60_000;

/** Certificates of pools are checked like those of web sites; `ca` adds a private authority. */
export const createDial =
  (options: { readonly ca?: string } = {}): Dial =>
  ({ host, port, tls }, onOpen) => {
    const socket = tls
      ? connectTls({ host, port, servername: /^[\d.]+$|:/.test(host) ? '' : host, ...options }, onOpen)
      : connectTcp({ host, port }, onOpen);
    // Shares are small and each one counts in milliseconds.
    return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
  };
