/** JSON-RPC over the HTTP transport: one call is one POST. */
import { z } from 'zod';
import {
  type CallerOptions,
  createCaller,
  isSuccess,
  readJson,
  type Reply,
  type RpcClient,
} from './caller.ts';
import { cleanText, type DaemonErrorCode } from './errors.ts';
import type { HttpTransport } from './http-transport.ts';
import { firstIssue } from './json.ts';
import type { Timers } from './timers.ts';

export interface RpcClientOptions extends CallerOptions {
  /** bitcoind answers 2.0 without HTTP statuses; the others refuse 1.0. */
  readonly version: '1.0' | '2.0';
  /** What the family's error numbers mean; the others are DAEMON_RPC. */
  readonly codes: ReadonlyMap<number, DaemonErrorCode>;
}

const replySchema = z.looseObject({
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number().int(), message: z.string() }).nullish(),
  id: z.union([z.number(), z.string(), z.null()]).optional(),
});

/** The one number that all of them share, from JSON-RPC itself. */
const RPC_METHOD_NOT_FOUND = -32601;

const parseEnvelope = (
  value: unknown,
  id: number,
  status: number,
  codes: RpcClientOptions['codes'],
): Reply => {
  const reply = replySchema.safeParse(value);
  if (!reply.success) {
    const detail = `reply is not JSON-RPC: ${firstIssue(reply.error)}`;
    return { ok: false, code: 'DAEMON_NOT_JSONRPC', detail, httpStatus: status };
  }
  const { error, result } = reply.data;
  if (error) {
    const code =
      error.code === RPC_METHOD_NOT_FOUND
        ? 'DAEMON_METHOD_NOT_FOUND'
        : (codes.get(error.code) ?? 'DAEMON_RPC');
    const detail = `${cleanText(error.message)} (${error.code})`;
    return { ok: false, code, detail, rpcCode: error.code, httpStatus: status };
  }
  if (!isSuccess(status)) {
    return {
      ok: false,
      code: 'DAEMON_HTTP_STATUS',
      detail: `HTTP ${status} without an error`,
      httpStatus: status,
    };
  }
  if (reply.data.id !== id) {
    return { ok: false, code: 'DAEMON_WRONG_ID', detail: 'reply to another request', httpStatus: status };
  }
  if (result === undefined) {
    return { ok: false, code: 'DAEMON_NOT_JSONRPC', detail: 'reply has no result', httpStatus: status };
  }
  return { ok: true, value: result };
};

export const createRpcClient = (
  { transport, timers }: { readonly transport: HttpTransport; readonly timers: Timers },
  { version, codes, ...options }: RpcClientOptions,
): RpcClient => {
  let lastId = 0;
  return createCaller(
    {
      transportOf: () => transport,
      encode: (method, params) => {
        const id = ++lastId;
        return {
          body: Buffer.from(JSON.stringify({ jsonrpc: version, id, method, params }), 'utf8'),
          decode: (raw) => {
            const json = readJson(raw);
            return json.ok ? parseEnvelope(json.value, id, raw.status, codes) : json;
          },
        };
      },
      close: () => transport.close(),
    },
    timers,
    options,
  );
};
