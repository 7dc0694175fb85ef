/**
 * What miners write into the user and password fields. User: a payout address, then optionally a separator
 * and a worker name; addresses of the Bitcoin family contain none of the separators in use. Password:
 * options such as `d=1024`, anything else in it is ignored, since most miners send `x`.
 */
import { MAX_LOGIN_CHARS, MAX_PASSWORD_CHARS, MAX_WORKER_CHARS } from './limits.ts';

export interface Login {
  readonly address: string;
  readonly worker: string;
}

export type LoginFault = 'address-invalid' | 'worker-name-invalid';
export type ParsedLogin =
  | { readonly ok: true; readonly login: Login }
  | { readonly ok: false; readonly fault: LoginFault };

const DEFAULT_WORKER = 'default';
const SEPARATOR = /[./_]/;
const WORKER = /^[\x20-\x7e]*$/;

export const parseLogin = (user: string): ParsedLogin => {
  if (user.length > MAX_LOGIN_CHARS) return { ok: false, fault: 'worker-name-invalid' };
  const text = user.trim();
  const split = text.search(SEPARATOR);
  const address = split < 0 ? text : text.slice(0, split);
  const worker = split < 0 ? '' : text.slice(split + 1).trim();
  if (address === '') return { ok: false, fault: 'address-invalid' };
  if (worker.length > MAX_WORKER_CHARS || !WORKER.test(worker))
    return { ok: false, fault: 'worker-name-invalid' };
  return { ok: true, login: { address, worker: worker === '' ? DEFAULT_WORKER : worker } };
};

export interface PasswordOptions {
  /** `d=`: start here and never go below. */
  readonly fixed?: number;
  /** `sd=`: start here. */
  readonly start?: number;
  /** `md=`: never go below. */
  readonly minimum?: number;
  /** `mp=`: be paid from this balance on, in coins as it was written. */
  readonly minimumPayout?: string;
}

type DifficultyOption = Exclude<keyof PasswordOptions, 'minimumPayout'>;

const OPTION_NAMES: ReadonlyMap<string, DifficultyOption> = new Map([
  ['d', 'fixed'],
  ['diff', 'fixed'],
  ['sd', 'start'],
  ['md', 'minimum'],
]);

const AMOUNT = /^\d{1,15}(?:\.\d{1,18})?$/;

export const parsePassword = (password: string): PasswordOptions => {
  const options: { -readonly [Name in keyof PasswordOptions]: PasswordOptions[Name] } = {};
  if (password.length > MAX_PASSWORD_CHARS) return options;
  for (const part of password.split(/[\s,;&]+/)) {
    const equals = part.indexOf('=');
    const key = part.slice(0, Math.max(equals, 0)).toLowerCase();
    const text = part.slice(equals + 1);
    if (key === 'mp' && AMOUNT.test(text)) options.minimumPayout = text;
    const name = OPTION_NAMES.get(key);
    const value = Number(text);
    if (name !== undefined && Number.isFinite(value) && value > 0) options[name] = value;
  }
  return options;
};
