/**
 * What every call to a daemon has, whatever its envelope: a place in the queue, one deadline over all of it, a
 * reply that is JSON, a result that is checked. Every way that a reply can be wrong becomes a DaemonError.
 */
import type { z } from 'zod';
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

export interface CallerOptions {
  readonly name: string;
  readonly maxInFlight: number;
  readonly maxQueued: number;
}

export interface Failure {
  readonly code: DaemonErrorCode;
  readonly detail: string;
  readonly httpStatus?: number;
  readonly rpcCode?: number;
  readonly cause?: unknown;
}

export type Reply = { readonly ok: true; readonly value: unknown } | ({ readonly ok: false } & Failure);

/** How a call is put into bytes, and a reply read out of them. */
export interface Envelope {
  transportOf(method: string): HttpTransport;
  encode(method: string, params: RpcParams): { readonly body: Buffer; decode(reply: RawReply): Reply };
  close(): void;
}

export interface RawReply {
  readonly status: number;
  readonly body: Buffer;
}

const HTTP_CODES: ReadonlyMap<number, readonly [DaemonErrorCode, string]> = new Map([
  [401, ['DAEMON_UNAUTHORIZED', 'HTTP 401: user or password is not accepted']],
  [403, ['DAEMON_FORBIDDEN', 'HTTP 403: this address is not allowed (rpcallowip)']],
  [503, ['DAEMON_BUSY', 'HTTP 503: its work queue is full']],
]);

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

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Core answers RPC errors with HTTP 500, 404 or 400 and a JSON body: the body is asked before the status. */
export const readJson = ({ status, body }: RawReply): Reply => {
  const byStatus = HTTP_CODES.get(status);
  if (byStatus !== undefined)
    return { ok: false, code: byStatus[0], detail: byStatus[1], httpStatus: status };
  if (body.length === 0 && isSuccess(status)) {
    return { ok: false, code: 'DAEMON_EMPTY_REPLY', detail: 'empty reply', httpStatus: status };
  }
  const text = body.toString('utf8');
  const json = parseJson(text);
  if (json.ok) return json;
  const start = cleanText(text.slice(0, 60));
  return isSuccess(status)
    ? { ok: false, code: 'DAEMON_NOT_JSON', detail: `reply is not JSON: ${start}`, httpStatus: status }
    : { ok: false, code: 'DAEMON_HTTP_STATUS', detail: `HTTP ${status}: ${start}`, httpStatus: status };
};

export const createCaller = (envelope: Envelope, timers: Timers, options: CallerOptions): RpcClient => {
  const limiter = createLimiter(options);

  const fail = (method: string, failure: Failure): DaemonError =>
    new DaemonError(failure.code, { daemon: options.name, method, ...failure });

  const exchange = async (method: string, params: RpcParams, signal: AbortSignal): Promise<unknown> => {
    const { body, decode } = envelope.encode(method, params);
    const sent = await envelope.transportOf(method).post(body, signal);
    if (!sent.ok) throw fail(method, describeFault(sent.fault));
    const reply = decode(sent);
    if (!reply.ok) throw fail(method, reply);
    return reply.value;
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
      const cancel = timers.after(timeoutMs, () => deadline.abort());
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
    close: () => envelope.close(),
  };
};
