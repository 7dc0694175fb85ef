/** The pages of those who run the pool: their places in the address, and the role that the API asks for. */
import type { Role } from '@otedama/contracts';

import type { Who } from '../api/session.ts';

export interface OperatorPage {
  readonly id: string;
  readonly title: string;
  readonly needs: Role;
}

export const PAGES = [
  { id: 'bans', title: 'Bans', needs: 'viewer' },
  { id: 'bankroll', title: 'Bankroll', needs: 'viewer' },
  { id: 'audit', title: 'Audit', needs: 'admin' },
  { id: 'access', title: 'Users and keys', needs: 'admin' },
] as const satisfies readonly OperatorPage[];

export type PageId = (typeof PAGES)[number]['id'];

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

export const mayAs = (who: Who | undefined, needed: Role): boolean =>
  who?.identity !== undefined && RANK[who.identity.role] >= RANK[needed];

/** What is offered: nothing to those whom nobody knows. */
export const pagesFor = (who: Who | undefined): readonly (typeof PAGES)[number][] =>
  PAGES.filter(({ needs }) => mayAs(who, needs));

/** `#page=bans`. */
export const pageHash = (id: PageId): string => `#page=${id}`;

export const pageInHash = (fragment: string): PageId | undefined => {
  const named = new URLSearchParams(fragment.slice(1)).get('page');
  return PAGES.find(({ id }) => id === named)?.id;
};
