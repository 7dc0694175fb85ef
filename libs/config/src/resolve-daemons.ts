/** The coin daemons of one pool and how to log in to them. */
import type { Coin } from '@otedama/chain-params';
import { type ResolveContext, absolutePath, readSecret } from './context.ts';
import type { DaemonConfig, Secret } from './model.ts';
import type { Path } from './problem.ts';
import type { ConfigPart } from './holdings.ts';
import type { RawDaemon, RawPoolEntry } from './schema.ts';
import { createCookieSecret, createSecret, withheldSecret } from './secret.ts';

/** Any of these is a login of its own. */
export const LOGIN_KEYS = ['user', 'password', 'password_file', 'cookie_file'] as const;
/** What bitcoind writes before the colon of its cookie. */
const COOKIE_USER = '__cookie__';
const MAX_DAEMONS = 16;

/** As daemons and wallets have it. */
type RawLogin = Pick<RawDaemon, 'user' | 'password' | 'password_file' | 'cookie_file'>;

interface Login {
  readonly user: string;
  readonly password: Secret;
}

const cookieLogin = (context: ResolveContext, path: Path, daemon: RawLogin, cookieFile: string): Login => {
  for (const key of ['user', 'password', 'password_file'] as const) {
    if (daemon[key] !== undefined) {
      context.report.problem([...path, key], 'cannot stand beside "cookie_file"; keep one of them');
    }
  }
  const file = absolutePath(context, cookieFile);
  const found = context.files.read(file);
  // A daemon that is down has no cookie. The pool waits for it as for any daemon that is down.
  if (!found.ok) {
    context.report.warn(
      [...path, 'cookie_file'],
      `${JSON.stringify(cookieFile)}: ${found.reason}; waiting for the daemon`,
    );
  }
  const readCookie = (): string | undefined => {
    const cookie = context.files.read(file);
    return cookie.ok ? cookie.text : undefined;
  };
  return { user: COOKIE_USER, password: createCookieSecret(readCookie) };
};

/** Their RPC is open to whoever reaches its port, unless it is told otherwise. */
const mayGoWithoutLogin = (family: Coin['family'] | undefined): boolean =>
  family === 'cryptonote' || family === 'ethash';

export interface LoginTerms {
  readonly family: Coin['family'] | undefined;
  /** Whose login it is. */
  readonly part: ConfigPart;
}

export const resolveLogin = (
  context: ResolveContext,
  path: Path,
  daemon: RawLogin,
  { family, part }: LoginTerms,
): Login => {
  if (!context.uses(part)) return { user: daemon.user ?? '', password: withheldSecret(part) };
  if (daemon.cookie_file !== undefined) return cookieLogin(context, path, daemon, daemon.cookie_file);
  const isOpen = [daemon.user, daemon.password, daemon.password_file].every((value) => value === undefined);
  if (isOpen && mayGoWithoutLogin(family)) return { user: '', password: createSecret('') };
  const { user, password: value, password_file: file } = daemon;
  if (user === undefined) context.report.problem([...path, 'user'], 'is required, or a "cookie_file"');
  const password = readSecret(context, path, 'password', { part, value, file });
  const named =
    value !== undefined || file !== undefined || context.report.isBroken([...path, 'password_file']);
  if (!named)
    context.report.problem([...path, 'password'], 'is required, or a "password_file" or "cookie_file"');
  return { user: user ?? '', password: password ?? createSecret('') };
};

/** Each family of daemons tells of new blocks in its own way. */
const PUSH_KEYS: Readonly<Record<Coin['family'], keyof RawDaemon>> = {
  bitcoin: 'zmq_hashblock',
  kawpow: 'zmq_hashblock',
  cryptonote: 'zmq_pub',
  ethash: 'websocket',
};

const checkPush = (
  context: ResolveContext,
  path: Path,
  daemon: RawDaemon,
  family: Coin['family'] | undefined,
): void => {
  if (family === undefined) return;
  for (const key of new Set(Object.values(PUSH_KEYS))) {
    if (key === PUSH_KEYS[family] || daemon[key] === undefined) continue;
    context.report.problem([...path, key], 'means nothing to a daemon of this coin', [PUSH_KEYS[family]]);
  }
};

const resolveDaemon = (
  context: ResolveContext,
  path: Path,
  daemon: RawDaemon,
  index: number,
  terms: LoginTerms,
): DaemonConfig => {
  checkPush(context, path, daemon, terms.family);
  if (daemon.url === undefined) context.report.problem([...path, 'url'], 'is required', ['http://host:port']);
  return {
    name: daemon.name ?? `daemon-${index + 1}`,
    url: daemon.url ?? '',
    ...resolveLogin(context, path, daemon, terms),
    zmqHashBlock: daemon.zmq_hashblock,
    zmqPub: daemon.zmq_pub,
    webSocket: daemon.websocket,
  };
};

/** Its daemons are the wallet, or are asked what has become of what it sent. */
const paysByDaemons = (wallet: RawPoolEntry['wallet'], family: Coin['family'] | undefined): boolean =>
  wallet !== undefined &&
  (family === 'cryptonote' || family === 'ethash' || !LOGIN_KEYS.some((key) => wallet[key] !== undefined));

export const resolveDaemons = (
  context: ResolveContext,
  pool: Path,
  { daemons: list = [], wallet }: Pick<RawPoolEntry, 'daemons' | 'wallet'>,
  family: Coin['family'] | undefined,
): DaemonConfig[] => {
  const path = [...pool, 'daemons'];
  const isPayers = !context.uses('daemons') && paysByDaemons(wallet, family);
  const terms: LoginTerms = { family, part: isPayers ? 'wallets' : 'daemons' };
  if (list.length === 0 && context.uses('daemons'))
    context.report.problem(path, 'is required: a pool needs at least one coin daemon');
  if (list.length > MAX_DAEMONS) context.report.problem(path, `lists more than ${MAX_DAEMONS} daemons`);
  const names = new Set<string>();
  return list.slice(0, MAX_DAEMONS).map((entry, index) => {
    const daemon = resolveDaemon(context, [...path, index], entry, index, terms);
    if (names.has(daemon.name)) {
      context.report.problem([...path, index, 'name'], `"${daemon.name}" is the name of another daemon`);
    }
    names.add(daemon.name);
    return daemon;
  });
};
