/** Whom the words of a `bans` command mean: an address, a range, an account of a pool, or the id of a ban. */
import { type NewBan, banId, subjectOf } from '@otedama/app-api-gateway';
import { parseAddress } from '@otedama/chain-params';
import { type Config, parseDurationMs } from '@otedama/config';
import { CommandFailure, usage } from '../failure.ts';

export interface SubjectWords {
  readonly word: string | undefined;
  readonly pool: string | undefined;
  readonly account: string | undefined;
}

/** Under the one spelling that a login comes to: a ban of another one would keep out nobody. */
const canonicalAccount = ({ pools }: Pick<Config, 'pools'>, poolId: string, account: string): string => {
  const pool = pools.find(({ id }) => id === poolId);
  if (pool === undefined) {
    const known = pools.map(({ id }) => id).join(', ');
    throw new CommandFailure(`there is no pool ${poolId} in this configuration; it has ${known}`);
  }
  const address = parseAddress(pool.coin, account);
  if (!address.ok) throw new CommandFailure(`--account: ${address.reason}`);
  return address.canonical;
};

/** Undefined: the words are not of this form. */
export const newBanOf = (
  config: Pick<Config, 'pools'>,
  { word, pool, account }: SubjectWords,
  note = '',
): NewBan | undefined => {
  if (word !== undefined)
    return pool === undefined && account === undefined ? { network: word, note } : undefined;
  if (pool === undefined || account === undefined) return undefined;
  return { pool, account: canonicalAccount(config, pool, account), note };
};

/** Addresses and ranges have dots or colons, which no id has. */
const isId = ({ word = '' }: SubjectWords): boolean => /^[\w-]+$/.test(word);

/** Of the ban that keeps it out, if there is one. */
export const idOf = (config: Pick<Config, 'pools'>, words: SubjectWords): string | undefined => {
  const ban = newBanOf(config, words);
  if (ban === undefined) return undefined;
  if ('network' in ban && isId(words)) return ban.network;
  const subject = subjectOf(ban);
  if (typeof subject === 'string') throw new CommandFailure(`network ${subject}`);
  return banId(subject);
};

/** Undefined: without an end. */
export const durationOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined) throw usage(`bans: --for ${text} is no duration such as 30m, 2h or 7d`);
  return durationMs;
};
