/**
 * `otedama access`: who may use the API, from the machine itself. It makes the first admin, and gets back in whoever is
 * locked out; it needs no login, because whoever may run it can read the database anyway.
 */
import { parseArgs } from 'node:util';
import { judgePassword, PASSWORD_FAULTS } from '@otedama/access';
import { createAccess, createPasswords, makeSigningKey } from '@otedama/app-pool-accounting';
import {
  type Access,
  type AccessRefusal,
  type ManageAction,
  ROLES,
  type Role,
  keyNameSchema,
  userNameSchema,
} from '@otedama/contracts';
import { type AccessStore, createAccessStore } from '@otedama/ledger';
import { describeKeys, describeUsers } from '../access/describe.ts';
import { readPassword } from '../access/read-password.ts';
import { booksOptions, withBooks } from '../books.ts';
import { CommandFailure, usage } from '../failure.ts';
import { osUser } from '../os-user.ts';

const options = {
  ...booksOptions,
  json: { type: 'boolean' },
  totp: { type: 'boolean' },
  days: { type: 'string' },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, allowPositionals: true });
type Values = ReturnType<typeof parse>['values'];

interface Desk {
  readonly access: Access;
  readonly store: AccessStore;
}

const passwords = createPasswords();
const DAY_MS = 24 * 3_600_000;
const MAX_DAYS = 3_650;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const by = () => ({ actor: osUser() });
const moment = () => ({ by: by(), atMs: Date.now() });

const withDesk = (values: Values, use: (desk: Desk) => Promise<void>): Promise<void> =>
  withBooks(values, ({ config, database }) => {
    const store = createAccessStore(database.db);
    return use({ store, access: createAccess({ store, clock: Date.now, passwords }, config.api.auth) });
  });

const WHY: Readonly<Partial<Record<AccessRefusal, string>>> = {
  unknown: 'there is none of this name',
  exists: 'there is one of this name: see access reset, role and enable',
  'last-admin': 'the pool would be left without an admin',
  full: 'there are too many already',
};

const failure = (reason: AccessRefusal): CommandFailure => new CommandFailure(WHY[reason] ?? reason);

const nameOf = (word: string | undefined, extra: readonly string[], form: string): string => {
  const name = userNameSchema.safeParse(word);
  if (name.success && extra.length === 0) return name.data;
  throw usage(`access: ${form}; a name has small letters, digits, dots, dashes`);
};

const roleOf = (word: string | undefined, form: string): Role => {
  const role = ROLES.find((known) => known === word);
  if (role === undefined) throw usage(`access: ${form}; a role is one of ${ROLES.join(', ')}`);
  return role;
};

/** Before the database is opened: nobody should type a password to hear that there is none. */
const hashOf = async (name: string): Promise<string> => {
  const password = await readPassword();
  const fault = judgePassword(password, name);
  if (fault !== undefined) throw new CommandFailure(PASSWORD_FAULTS[fault]);
  return passwords.hash(password);
};

const manage = async (values: Values, action: ManageAction, done: string): Promise<void> =>
  withDesk(values, async ({ access }) => {
    const reply = await access.manage({ by: by(), action });
    if (!reply.ok) throw failure(reply.reason);
    print(reply.secret ?? done);
  });

type Action = (values: Values, words: readonly string[]) => Promise<void>;

const admin: Action = async (values, [word, ...extra]) => {
  const name = nameOf(word, extra, 'admin NAME');
  await withDesk(values, async ({ store }) => {
    if ((await store.findUser({ name })) !== undefined) throw failure('exists');
    const user = { name, role: 'admin', password: await hashOf(name), isPasswordTemporary: false } as const;
    const outcome = await store.addUser(user, moment());
    if (outcome !== 'done') throw failure(outcome);
    print(`${name} may log in as an admin; whoever does not log in can change nothing any more`);
  });
};

const reset: Action = async (values, [word, ...extra]) => {
  const name = nameOf(word, extra, 'reset NAME [--totp]');
  await withDesk(values, async ({ store }) => {
    if ((await store.findUser({ name })) === undefined) throw failure('unknown');
    const change = { password: await hashOf(name), totp: values.totp === true };
    const outcome = await store.setPasswordOf(name, change, moment());
    if (outcome !== 'done') throw failure(outcome);
    const app = change.totp ? '; its authenticator app is forgotten' : '';
    print(`${name} has another password and is logged out everywhere${app}`);
  });
};

const setDisabled =
  (isDisabled: boolean): Action =>
  (values, [word, ...extra]) => {
    const verb = isDisabled ? 'disable' : 'enable';
    const name = nameOf(word, extra, `${verb} NAME`);
    return manage(values, { kind: 'change-user', name, isDisabled }, `${name} is ${verb}d`);
  };

const setRole: Action = (values, [word, roleWord, ...extra]) => {
  const name = nameOf(word, extra, 'role NAME ROLE');
  const role = roleOf(roleWord, 'role NAME ROLE');
  return manage(values, { kind: 'change-user', name, role }, `${name} is ${role}`);
};

const KEY_FORM = 'key NAME ROLE [--days N]';

const expiry = (days: string | undefined): { expiresAtMs?: number } => {
  if (days === undefined) return {};
  const count = /^\d{1,4}$/.test(days) ? Number(days) : 0;
  if (count < 1 || count > MAX_DAYS) throw usage(`access: ${KEY_FORM}; N from 1 to ${MAX_DAYS}`);
  return { expiresAtMs: Date.now() + count * DAY_MS };
};

const addKey: Action = (values, [word, roleWord, ...extra]) => {
  const name = keyNameSchema.safeParse(word);
  if (!name.success || extra.length > 0) throw usage(`access: ${KEY_FORM}`);
  const role = roleOf(roleWord, KEY_FORM);
  return manage(values, { kind: 'add-key', name: name.data, role, ...expiry(values.days) }, '');
};

const revokeKey: Action = (values, [id, ...extra]) => {
  if (id === undefined || !/^\d{1,18}$/.test(id) || extra.length > 0) throw usage('access: revoke ID');
  return manage(values, { kind: 'revoke-key', id }, `key ${id} is good for nothing any more`);
};

const rotate: Action = async (values, extra) => {
  if (extra.length > 0) throw usage('access: rotate');
  await withDesk(values, async ({ store }) => {
    await store.replaceSigningKeys(await makeSigningKey(Date.now()), moment());
    print('access tokens and known devices are good for nothing any more; sessions go on');
  });
};

const users: Action = (values, extra) => {
  if (extra.length > 0) throw usage('access: users [--json]');
  return withDesk(values, async ({ access }) => {
    const all = await access.users();
    print(values.json === true ? JSON.stringify(all) : describeUsers(all));
  });
};

const keys: Action = (values, extra) => {
  if (extra.length > 0) throw usage('access: keys [--json]');
  return withDesk(values, async ({ access }) => {
    const all = await access.keys();
    print(values.json === true ? JSON.stringify(all) : describeKeys(all));
  });
};

const actions: Readonly<Record<string, Action>> = {
  admin,
  users,
  role: setRole,
  reset,
  disable: setDisabled(true),
  enable: setDisabled(false),
  keys,
  key: addKey,
  revoke: revokeKey,
  rotate,
};

export const accessCommand = async ([word = '', ...rest]: readonly string[]): Promise<void> => {
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (action === undefined) throw usage(`access: one of ${Object.keys(actions).join(', ')}`);
  const { values, positionals } = parse(rest);
  await action(values, positionals);
};
