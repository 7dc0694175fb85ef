/**
 * POSTs to one daemon over kept-alive HTTP(S), logged in. All methods that we call may be repeated (a block that
 * did arrive is a duplicate the second time), so a request that met a dying connection is sent once more.
 */
import { DigestTransport } from './digest-transport.ts';
import { basicAuthorization, type HttpLogin } from './http-auth.ts';
import { createAgent, exchange, type TransportResult } from './http-exchange.ts';

export interface HttpTransport {
  post(body: Buffer, signal: AbortSignal): Promise<TransportResult>;
  close(): void;
}

export interface TransportOptions {
  /** `http://host:port/path` or `https://…`, without credentials. */
  readonly url: string;
  readonly login: HttpLogin;
  readonly maxResponseBytes: number;
}

const MAX_FREE_SOCKETS = 4;

const connectionClosed: TransportResult = {
  ok: false,
  fault: { kind: 'unreachable', cause: new Error('connection closed') },
};

const createSharedTransport = (
  { maxResponseBytes, ...options }: TransportOptions,
  authorization: () => string | undefined,
): HttpTransport => {
  const url = new URL(options.url);
  const shared = createAgent(url, { maxFreeSockets: MAX_FREE_SOCKETS });
  return {
    async post(body, signal) {
      const request = { url, body, maxResponseBytes, signal, authorization: authorization() };
      const first = await exchange({ ...request, agent: shared });
      if (first !== 'idle-close') return first;
      // Other kept connections may be dead as well.
      const second = await exchange({ ...request, agent: false });
      return second === 'idle-close' ? connectionClosed : second;
    },
    close: () => shared.destroy(),
  };
};

const createLoggedInTransport = (options: TransportOptions): HttpTransport => {
  const { login } = options;
  switch (login.kind) {
    case 'none':
      return createSharedTransport(options, () => undefined);
    case 'basic':
      return createSharedTransport(options, () => basicAuthorization(login.user, login.password.reveal()));
    case 'digest':
      return new DigestTransport(options, login);
  }
};

export const createHttpTransport = (options: TransportOptions): HttpTransport => {
  const transport = createLoggedInTransport(options);
  return {
    post: async (body, signal) =>
      signal.aborted ? { ok: false, fault: { kind: 'aborted' } } : transport.post(body, signal),
    close: () => transport.close(),
  };
};
