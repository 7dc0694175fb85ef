/** Users and API keys, as admins look after them. */
import type { KeySummary, Role, UserSummary } from '@otedama/contracts';
import { type Answer, ask } from './ask.ts';

/** A secret is told once. */
export interface Made {
  readonly secret?: string;
}

export const USERS_PATH = 'api/v1/users';
export const KEYS_PATH = 'api/v1/keys';

/** The secret is the first password, which the first login replaces. */
export const addUser = (user: { readonly name: string; readonly role: Role }): Promise<Answer<Made>> =>
  ask('POST', USERS_PATH, { body: user });

export const setDisabled = ({ name }: UserSummary, isDisabled: boolean): Promise<Answer<Made>> =>
  ask('PATCH', `${USERS_PATH}/${encodeURIComponent(name)}`, { body: { isDisabled } });

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly expiresInDays?: number;
}

/** The secret is the key. */
export const addKey = (key: NewKey): Promise<Answer<Made>> => ask('POST', KEYS_PATH, { body: key });
export const revokeKey = ({ id }: KeySummary): Promise<Answer<Made>> => ask('DELETE', `${KEYS_PATH}/${id}`);
