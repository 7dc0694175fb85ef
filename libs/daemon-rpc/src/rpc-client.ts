/**
 * JSON-RPC over the HTTP transport: one call is one POST. Every way that a reply can be wrong becomes a
 * DaemonError with a code; nothing that a daemon sends throws anything else or goes further unchecked.
 */
import { z } from 'zod';
import { cleanText, DaemonError, type DaemonErrorCode } from './errors.ts';
import type { TransportFault } from './http-exchange.ts';
import type { HttpTransport } from './http-transport.ts';
import { firstIssue, parseJson } from './json.ts';
import { createLimiter } from './limiter.ts';
import type { Timers } from './timers.ts';

export interface RpcCallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Skips the queue: block submissions, and long polls that would hold a place for minutes. */
  readonly unqueued?: boolean;
}

/** By place, or by name. */
export type RpcParams = readonly unknown[] | Readonly<Record<string, unknown>>;

export interface RpcClient {
  call<T>(method: string, params: RpcParams, result: z.ZodType<T>, options: RpcCallOptions): Promise<T>;
  close(): void;
}

export interface RpcClientOptions {
  readonly name: string;
  /** bitcoind answers 2.0 without HTTP statuses; the others refuse 1.0. */
  readonly version: '1.0' | '2.0';
  /** What the family's error numbers mean; the others are DAEMON_RPC. */
  readonly codes: ReadonlyMap<number, DaemonErrorCode>;
  readonly maxInFlight: number;
  readonly maxQueued: number;
}

const replySchema = z.looseObject({
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number().int(), message: z.string() }).nullish(),
  id: z.union([z.number(), z.string(), z.null()]).optional(),
});

/** The one number that all of them share, from JSON-RPC itself. */
const RPC_METHOD_NOT_FOUND = -32601;

const HTTP_CODES: ReadonlyMap<number, readonly [DaemonErrorCode, string]> = new Map([
  [401, ['DAEMON_UNAUTHORIZED', 'HTTP 401: user or password is not accepted']],
  [403, ['DAEMON_FORBIDDEN', 'HTTP 403: this address is not allowed (rpcallowip)']],
  [503, ['DAEMON_BUSY', 'HTTP 503: its work queue is full']],
]);

interface Failure {
  readonly code: DaemonErrorCode;
  readonly detail: string;
  readonly httpStatus?: number;
  readonly rpcCode?: number;
  readonly cause?: unknown;
}

const describeFault = (fault: TransportFault): Failure => {
  switch (fault.kind) {
    case 'unreachable':
      return { code: 'DAEMON_UNREACHABLE', detail: cleanText(fault.cause.message), cause: fault.cause };
    case 'not-http':
      return { code: 'DAEMON_NOT_HTTP', detail: 'the answer is not HTTP', cause: fault.cause };
    case 'truncated':
      return { code: 'DAEMON_TRUNCATED_REPLY', detail: 'connection closed within the reply' };
    case 'too-large':
      return { code: 'DAEMON_REPLY_TOO_LARGE', detail: `reply of more than ${fault.limitBytes} bytes` };
    case 'aborted':
      return { code: 'DAEMON_ABORTED', detail: 'given up by the caller' };
  }
};

type Parsed = { readonly ok: true; readonly result: unknown } | ({ readonly ok: false } & Failure);

/** Core answers RPC errors with HTTP 500, 404 or 400 and a JSON body: the body is asked before the status. */
const parseReply = (status: number, body: Buffer, id: number, codes: RpcClientOptions['codes']): Parsed => {
  const byStatus = HTTP_CODES.get(status);
  if (byStatus !== undefined)
    return { ok: false, code: byStatus[0], detail: byStatus[1], httpStatus: status };
  const succeeded = status >= 200 && status < 300;
  if (body.length === 0 && succeeded) {
    return { ok: false, code: 'DAEMON_EMPTY_REPLY', detail: 'empty reply', httpStatus: status };
  }
  const text = body.toString('utf8');
  const json = parseJson(text);
  if (!json.ok) {
    const start = cleanText(text.slice(0, 60));
    return succeeded
      ? { ok: false, code: 'DAEMON_NOT_JSON', detail: `reply is not JSON: ${start}`, httpStatus: status }
      : { ok: false, code: 'DAEMON_HTTP_STATUS', detail: `HTTP ${status}: ${start}`, httpStatus: status };
  }
  return parseEnvelope(json.value, id, status, codes);
};

const parseEnvelope = (
  value: unknown,
  id: number,
  status: number,
  codes: RpcClientOptions['codes'],
): Parsed => {
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
  if (status < 200 || status >= 300) {
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
  return { ok: true, result };
};

export const createRpcClient = (
  deps: { readonly transport: HttpTransport; readonly timers: Timers },
  options: RpcClientOptions,
): RpcClient => {
  const limiter = createLimiter(options);
  let lastId = 0;

  const fail = (method: string, failure: Failure): DaemonError =>
    new DaemonError(failure.code, { daemon: options.name, method, ...failure });

  const exchange = async (method: string, params: RpcParams, signal: AbortSignal): Promise<unknown> => {
    const id = ++lastId;
    const body = Buffer.from(JSON.stringify({ jsonrpc: options.version, id, method, params }), 'utf8');
    const sent = await deps.transport.post(body, signal);
    if (!sent.ok) throw fail(method, describeFault(sent.fault));
    const reply = parseReply(sent.status, sent.body, id, options.codes);
    if (!reply.ok) throw fail(method, reply);
    return reply.result;
  };

  const queued = async (method: string, params: RpcParams, signal: AbortSignal): Promise<unknown> => {
    const release = await limiter.acquire(signal);
    if (release === undefined) {
      if (signal.aborted) throw fail(method, describeFault({ kind: 'aborted' }));
      throw fail(method, { code: 'DAEMON_QUEUE_FULL', detail: `${options.maxQueued} requests are waiting` });
    }
    try {
      return await exchange(method, params, signal);
    } finally {
      release();
    }
  };

  return {
    async call(method, params, result, { timeoutMs, signal, unqueued }) {
      const deadline = new AbortController();
      const cancel = deps.timers.after(timeoutMs, () => deadline.abort());
      const either = signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, signal]);
      try {
        const value = await (unqueued === true ? exchange : queued)(method, params, either);
        const typed = result.safeParse(value);
        if (typed.success) return typed.data;
        throw fail(method, { code: 'DAEMON_BAD_RESULT', detail: `result: ${firstIssue(typed.error)}` });
      } catch (error) {
        // The deadline covers queue, connection and body; only it and the caller abort.
        if (error instanceof DaemonError && error.code === 'DAEMON_ABORTED' && deadline.signal.aborted) {
          throw fail(method, { code: 'DAEMON_TIMEOUT', detail: `no answer within ${timeoutMs} ms` });
        }
        throw error;
      } finally {
        cancel();
      }
    },
    close: () => deps.transport.close(),
  };
};
