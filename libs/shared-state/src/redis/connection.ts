/**
 * The connections of a process to Redis: one that asks and one that listens. They wait for their server and come
 * back by themselves. Nothing is queued for a server that is away: a command fails at once, and so does one that
 * is not answered within a moment.
 */
import { Redis } from 'ioredis';
import { SCRIPTS, type ScriptedRedis } from './scripts.ts';

/** A local Redis answers within a millisecond; whoever waits for one is a miner. */
const COMMAND_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

/** Grows with the attempts; the random part keeps a whole fleet from coming back in one instant. */
const retryDelayMs = (attempts: number): number => {
  const widthMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(attempts, 8)) - RETRY_FIRST_MS / 2;
  return RETRY_FIRST_MS / 2 + Math.random() * widthMs;
};

const OPTIONS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  // The client would not look at what becomes of it.
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  retryStrategy: retryDelayMs,
  // A replica that was the master until a moment ago: its name leads to the new one by now.
  reconnectOnError: (error: Error): boolean => error.message.startsWith('READONLY'),
} as const;

/** `redis://` or `rediss://` (TLS), with user, password and database. */
export const connectRedis = (url: string, name: string): ScriptedRedis =>
  // The scripts become methods, which the types of the client cannot know.
  new Redis(url, { ...OPTIONS, connectionName: name, scripts: SCRIPTS }) as ScriptedRedis;

export const connectSubscriber = (url: string, name: string): Redis =>
  new Redis(url, { ...OPTIONS, connectionName: name });
