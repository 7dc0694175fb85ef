/**
 * The calls of monerod that are not JSON-RPC: each is a path of its own, the body is the parameters and the answer
 * is the result. It knows no errors but a status in the result.
 */
import { type CallerOptions, createCaller, isSuccess, readJson, type RpcClient } from './caller.ts';
import { createHttpTransport, type HttpTransport, type TransportOptions } from './http-transport.ts';
import type { Timers } from './timers.ts';

export interface PathClientOptions extends CallerOptions {
  /** The only methods that can be called: each keeps connections of its own. */
  readonly paths: readonly string[];
  readonly transport: TransportOptions;
}

export const createPathClient = (
  timers: Timers,
  { paths, transport, ...options }: PathClientOptions,
): RpcClient => {
  const transports = new Map<string, HttpTransport>(
    paths.map((path) => [path, createHttpTransport({ ...transport, url: `${transport.url}/${path}` })]),
  );
  return createCaller(
    {
      transportOf: (method) => {
        const found = transports.get(method);
        if (found === undefined) throw new TypeError(`${method} is not one of the paths`);
        return found;
      },
      encode: (_method, params) => ({
        body: Buffer.from(JSON.stringify(params), 'utf8'),
        decode: (raw) => {
          const json = readJson(raw);
          return json.ok && !isSuccess(raw.status)
            ? {
                ok: false,
                code: 'DAEMON_HTTP_STATUS',
                detail: `HTTP ${raw.status}`,
                httpStatus: raw.status,
              }
            : json;
        },
      }),
      close: () => {
        for (const each of transports.values()) each.close();
      },
    },
    timers,
    options,
  );
};
