/** Who is kept out of the ports for miners. */
import { type Answer, type ListPage, ask } from './ask.ts';

/** As the API shows it: its network, its account, or both. */
export interface Ban {
  readonly id: string;
  readonly network?: string;
  readonly pool?: string;
  readonly account?: string;
  readonly worker?: string;
  readonly reason: 'operator' | 'invalid-shares';
  readonly note: string;
  readonly by: string;
  readonly sinceMs: number;
  readonly untilMs?: number;
}

export type NewBan = ({ readonly network: string } | { readonly pool: string; readonly account: string }) & {
  readonly note: string;
  readonly untilMs?: number;
};

export const BANS_A_PAGE = 100;

export const bansPath = (offset: number): string => `api/v1/bans?limit=${BANS_A_PAGE}&offset=${offset}`;
export type BanPage = ListPage<Ban>;

export const addBan = (ban: NewBan): Promise<Answer<Ban>> => ask('POST', 'api/v1/bans', { body: ban });
export const removeBan = ({ id }: Ban): Promise<Answer<Ban>> => ask('DELETE', `api/v1/bans/${id}`);

/** Whom it keeps out. */
export function subjectOf({ network, pool, account, worker }: Ban): string {
  if (account === undefined) return network ?? '';
  const miner = `${pool ?? ''}/${account}${worker === undefined ? '' : `.${worker}`}`;
  return network === undefined ? miner : `${miner} at ${network}`;
}
