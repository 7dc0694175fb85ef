/** What the adapters of all families need to reach a daemon, and the JSON-RPC client made of it. */
import type { RpcCallOptions, RpcClient } from './caller.ts';
import type { DaemonErrorCode } from './errors.ts';
import type { HttpLogin } from './http-auth.ts';
import { createHttpTransport, type TransportOptions } from './http-transport.ts';
import { CALL_TIMEOUT_MS, MAX_IN_FLIGHT, MAX_QUEUED, MAX_RESPONSE_BYTES } from './limits.ts';
import { createPathClient } from './path-client.ts';
import { createRpcClient } from './rpc-client.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface ConnectionOptions {
  readonly name: string;
  /** `http://host:port` or `https://…`, without credentials. */
  readonly url: string;
  /** Empty: no login. */
  readonly user: string;
  readonly password: { reveal(): string };
  readonly callTimeoutMs?: number;
  readonly templateTimeoutMs?: number;
  readonly submitTimeoutMs?: number;
  readonly maxResponseBytes?: number;
}

/** What differs between families on the way to the daemon. */
export interface Dialect {
  readonly version: '1.0' | '2.0';
  readonly login: 'basic' | 'digest';
  /** Below the URL of the configuration. */
  readonly path: string;
  readonly codes: ReadonlyMap<number, DaemonErrorCode>;
}

export interface DaemonDeps {
  readonly timers: Timers;
}

export const systemDeps: DaemonDeps = { timers: systemTimers };

const loginOf = ({ user, password }: ConnectionOptions, kind: Dialect['login']): HttpLogin =>
  user === '' ? { kind: 'none' } : { kind, user, password };

const transportOf = (
  options: ConnectionOptions,
  login: Dialect['login'],
  path: string,
): TransportOptions => ({
  url: options.url.replace(/\/+$/, '') + path,
  login: loginOf(options, login),
  maxResponseBytes: options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
});

const LIMITS = { maxInFlight: MAX_IN_FLIGHT, maxQueued: MAX_QUEUED };

export const connectRpc = (
  options: ConnectionOptions,
  { version, login, path, codes }: Dialect,
  { timers }: DaemonDeps = systemDeps,
): RpcClient => {
  const transport = createHttpTransport(transportOf(options, login, path));
  return createRpcClient({ transport, timers }, { name: options.name, version, codes, ...LIMITS });
};

/** The calls of monerod that are no JSON-RPC. */
export const connectPaths = (
  options: ConnectionOptions,
  paths: readonly string[],
  { timers }: DaemonDeps = systemDeps,
): RpcClient => {
  const transport = transportOf(options, 'digest', '');
  return createPathClient(timers, { name: options.name, paths, transport, ...LIMITS });
};

/** For the calls that are neither template nor submission. */
export const callOptions = (options: ConnectionOptions, signal: AbortSignal | undefined): RpcCallOptions => ({
  timeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
  signal,
});

/** Undefined for the errors that mean no more than "there is none". */
export const orUndefined = async <T>(
  call: Promise<T>,
  expected: (error: unknown) => boolean,
): Promise<T | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (expected(error)) return undefined;
    throw error;
  }
};
