/**
 * One POST with a JSON body and its answer, in bytes: no JSON-RPC in here. node:http rather than fetch, because
 * a long poll must not share a pipelined connection, the size cap has to act while bytes arrive, and a
 * connection that the daemon closed while idle must be told apart from a daemon that is gone.
 */
import {
  Agent as HttpAgent,
  type AgentOptions,
  type IncomingMessage,
  request as httpRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export type TransportFault =
  | { readonly kind: 'unreachable'; readonly cause: Error }
  | { readonly kind: 'not-http'; readonly cause: Error }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  | { readonly kind: 'aborted' };

export type TransportResult =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body: Buffer;
      /** Values of `WWW-Authenticate`. */
      readonly challenges: readonly string[];
    }
  | { readonly ok: false; readonly fault: TransportFault };

export interface ExchangeOptions {
  readonly url: URL;
  readonly body: Buffer;
  /** False: a connection of its own. */
  readonly agent: HttpAgent | false;
  readonly authorization: string | undefined;
  readonly maxResponseBytes: number;
  readonly signal: AbortSignal;
}

/** bitcoind drops an idle connection after 30 s; ours goes first. */
const IDLE_SOCKET_MS = 15_000;

export const createAgent = (url: URL, options: AgentOptions): HttpAgent =>
  new (url.protocol === 'https:' ? HttpsAgent : HttpAgent)({
    keepAlive: true,
    timeout: IDLE_SOCKET_MS,
    ...options,
  });

const errorCode = (error: Error): string => {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? '';
};

const faultOf = (error: Error, signal: AbortSignal): TransportFault => {
  if (signal.aborted) return { kind: 'aborted' };
  // HPE_* are the codes of Node's HTTP parser.
  if (errorCode(error).startsWith('HPE_')) return { kind: 'not-http', cause: error };
  return { kind: 'unreachable', cause: error };
};

const collect = (
  response: IncomingMessage,
  limitBytes: number,
  signal: AbortSignal,
): Promise<TransportResult> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (fault: TransportFault): void => {
      resolve({ ok: false, fault });
      response.destroy();
    };
    if (Number(response.headers['content-length'] ?? 0) > limitBytes) {
      fail({ kind: 'too-large', limitBytes });
    }
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) fail({ kind: 'too-large', limitBytes });
      else chunks.push(chunk);
    });
    response.on('end', () =>
      resolve({
        ok: true,
        status: response.statusCode ?? 0,
        body: Buffer.concat(chunks, size),
        challenges: response.headersDistinct['www-authenticate'] ?? [],
      }),
    );
    // An early end of the connection arrives here as ECONNRESET ("aborted"), a garbled chunk as HPE_*.
    response.on('error', (error: Error) => {
      const fault = faultOf(error, signal);
      fail(fault.kind === 'unreachable' ? { kind: 'truncated' } : fault);
    });
  });

/** `idle-close`: the daemon closed a kept connection just as we wrote to it. */
export const exchange = (options: ExchangeOptions): Promise<TransportResult | 'idle-close'> =>
  new Promise((resolve) => {
    const { url, body, agent, authorization, maxResponseBytes, signal } = options;
    const requestOptions: RequestOptions = {
      method: 'POST',
      // The agent's limit is for idle connections; a long poll is silent for minutes.
      timeout: 0,
      agent,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        'content-type': 'application/json',
        'content-length': body.length,
      },
      signal,
    };
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, requestOptions, (response) => {
      collect(response, maxResponseBytes, signal).then(resolve, (error: unknown) =>
        resolve({ ok: false, fault: { kind: 'unreachable', cause: error as Error } }),
      );
    });
    request.on('error', (error: Error) => {
      const closed = errorCode(error) === 'ECONNRESET' || errorCode(error) === 'EPIPE';
      if (request.reusedSocket && closed && !signal.aborted) resolve('idle-close');
      else resolve({ ok: false, fault: faultOf(error, signal) });
    });
    request.end(body);
  });
