import type { Who } from '../api/session.ts';
import { PAGES, pageHash, pageInHash, pagesFor } from './page.ts';

const who = (role: 'viewer' | 'operator' | 'admin'): Who => ({
  identity: { kind: 'user', name: 'ann', role },
  canLogIn: true,
});

it('leads to each page by its place in the address, and by no other', () => {
  for (const { id } of PAGES) expect(pageInHash(pageHash(id))).toBe(id);
  for (const fragment of ['', '#', '#page=', '#page=money', '#pool=bans']) {
    expect(pageInHash(fragment)).toBeUndefined();
  }
});

it('offers to each what the API would answer, and nothing to those whom nobody knows', () => {
  const offered = (someone: Who | undefined) => pagesFor(someone).map(({ id }) => id);
  expect(offered(undefined)).toEqual([]);
  expect(offered({ canLogIn: true })).toEqual([]);
  expect(offered(who('viewer'))).toEqual(['bans', 'bankroll']);
  expect(offered(who('admin'))).toEqual(PAGES.map(({ id }) => id));
});
