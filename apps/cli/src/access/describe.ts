/** Who may get in, as tables. */
import type { KeySummary, UserSummary } from '@otedama/contracts';
import { formatMinute } from '../format.ts';
import { formatTable } from '../table.ts';

const stateOf = ({ isDisabled, isPasswordTemporary }: UserSummary): string => {
  if (isDisabled) return 'disabled';
  return isPasswordTemporary ? 'first password' : 'active';
};

export const describeUsers = (users: readonly UserSummary[]): string =>
  users.length === 0
    ? "there is no user: 'otedama access admin NAME' makes the first"
    : formatTable(
        ['user', 'role', 'state', 'authenticator', 'last login (UTC)'].map((title) => ({ title })),
        users.map((user) => [
          user.name,
          user.role,
          stateOf(user),
          user.hasTotp ? 'yes' : 'no',
          formatMinute(user.lastLoginAtMs),
        ]),
      );

export const describeKeys = (keys: readonly KeySummary[]): string =>
  keys.length === 0
    ? 'there is no key'
    : formatTable(
        ['id', 'name', 'role', 'begins', 'made by', 'expires (UTC)', 'last used (UTC)'].map((title) => ({
          title,
        })),
        keys.map((key) => [
          key.id,
          key.name,
          key.role,
          key.shown,
          key.createdBy,
          formatMinute(key.expiresAtMs),
          formatMinute(key.lastUsedAtMs),
        ]),
      );
