/**
 * What can go wrong between us and a coin daemon, as codes. The table in README.md says which reply leads to
 * which code. Remote text is cut and cleaned before it enters a message: it is for people, never for control
 * flow, with the one exception of BIP22 verdicts in submit-result.ts.
 */
import { MAX_REMOTE_TEXT } from './limits.ts';

export type DaemonErrorCode =
  /** No connection, or it broke before an answer began. */
  | 'DAEMON_UNREACHABLE'
  | 'DAEMON_TIMEOUT'
  /** The caller gave up. */
  | 'DAEMON_ABORTED'
  /** Our own queue towards this daemon is full. */
  | 'DAEMON_QUEUE_FULL'
  /** HTTP 401: user or password. */
  | 'DAEMON_UNAUTHORIZED'
  /** HTTP 403: our address is not in its allow list. */
  | 'DAEMON_FORBIDDEN'
  /** HTTP 503: its work queue is full. */
  | 'DAEMON_BUSY'
  /** Another HTTP status without a JSON-RPC reply. */
  | 'DAEMON_HTTP_STATUS'
  /** What answers does not speak HTTP. */
  | 'DAEMON_NOT_HTTP'
  | 'DAEMON_EMPTY_REPLY'
  | 'DAEMON_TRUNCATED_REPLY'
  | 'DAEMON_REPLY_TOO_LARGE'
  | 'DAEMON_NOT_JSON'
  /** JSON, but not a JSON-RPC reply. */
  | 'DAEMON_NOT_JSONRPC'
  /** A reply to another request. */
  | 'DAEMON_WRONG_ID'
  /** A JSON-RPC result of the wrong shape. */
  | 'DAEMON_BAD_RESULT'
  /** A JSON-RPC error that has no code of its own here. */
  | 'DAEMON_RPC'
  | 'DAEMON_METHOD_NOT_FOUND'
  /** RPC -28: still loading. */
  | 'DAEMON_WARMING_UP'
  /** RPC -9: it has no peers, a template would be alone. */
  | 'DAEMON_NOT_CONNECTED'
  /** Initial block download: RPC -10 of Bitcoin's family, "busy" of monerod. */
  | 'DAEMON_SYNCING'
  /** RPC -5, and the codes that bcoin uses for it. */
  | 'DAEMON_NOT_FOUND'
  /** Its chain has another id than the configured one. */
  | 'DAEMON_WRONG_CHAIN'
  /** An Ethereum node that has no work for its own tip (yet). */
  | 'DAEMON_NO_WORK';

export interface DaemonErrorFields {
  readonly daemon: string;
  readonly method: string;
  readonly detail: string;
  readonly httpStatus?: number;
  readonly rpcCode?: number;
  readonly cause?: unknown;
}

export class DaemonError extends Error {
  override readonly name = 'DaemonError';
  readonly code: DaemonErrorCode;
  readonly daemon: string;
  readonly method: string;
  readonly detail: string;
  readonly httpStatus: number | undefined;
  readonly rpcCode: number | undefined;

  constructor(code: DaemonErrorCode, fields: DaemonErrorFields) {
    super(`daemon ${fields.daemon}, ${fields.method}: ${fields.detail}`, { cause: fields.cause });
    this.code = code;
    this.daemon = fields.daemon;
    this.method = fields.method;
    this.detail = fields.detail;
    this.httpStatus = fields.httpStatus;
    this.rpcCode = fields.rpcCode;
  }
}

export const isDaemonError = (error: unknown): error is DaemonError => error instanceof DaemonError;

/** Remote text as a message may carry it: one line, printable, bounded. */
export const cleanText = (text: string): string => {
  const line = text
    .slice(0, MAX_REMOTE_TEXT * 4)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
  return line.length > MAX_REMOTE_TEXT ? `${line.slice(0, MAX_REMOTE_TEXT)}…` : line;
};
