/** What an admin does about users, keys and sessions. Secrets are made here, told once, and kept as digests. */
import { randomBytes } from 'node:crypto';
import { digestOf, formatApiKey, SECRET_BYTES, shownPart } from '@otedama/access';
import type { AccessActor, AccessRefusal, ManageAction, ManageReply } from '@otedama/contracts';
import type { AccessContext } from './context.ts';

const FIRST_PASSWORD_BYTES = 15;

/** 120 bits, for whoever is to log in with it once. */
const makePassword = (): string => randomBytes(FIRST_PASSWORD_BYTES).toString('base64url');

const refuse = (reason: AccessRefusal): ManageReply => ({ ok: false, reason });
const answer = (outcome: 'done' | AccessRefusal, reply: { secret?: string } = {}): ManageReply =>
  outcome === 'done' ? { ok: true, ...reply } : refuse(outcome);

type Handlers = {
  readonly [Kind in ManageAction['kind']]: (
    context: AccessContext,
    action: Extract<ManageAction, { kind: Kind }>,
    moment: { readonly by: AccessActor; readonly atMs: number },
  ) => Promise<ManageReply>;
};

const HANDLERS: Handlers = {
  'add-user': async ({ store, passwords }, { name, role }, moment) => {
    const secret = makePassword();
    const password = await passwords.hash(secret);
    return answer(await store.addUser({ name, role, password, isPasswordTemporary: true }, moment), {
      secret,
    });
  },
  'change-user': async ({ store }, { name, role, isDisabled }, moment) =>
    answer(await store.changeUser(name, { role, isDisabled }, moment)),
  'reset-user': async ({ store, passwords }, { name, password, totp }, moment) => {
    const secret = password ? makePassword() : undefined;
    const record = secret === undefined ? undefined : await passwords.hash(secret);
    const outcome = await store.resetUser(name, { password: record, totp }, moment);
    return answer(outcome, secret === undefined ? {} : { secret });
  },
  'add-key': async ({ store }, { name, role, expiresAtMs }, moment) => {
    const secret = formatApiKey(randomBytes(SECRET_BYTES));
    const key = { digest: digestOf(secret), shown: shownPart(secret), name, role, expiresAtMs };
    const id = await store.addKey(key, moment);
    return id === undefined ? refuse('full') : { ok: true, secret, id };
  },
  'revoke-key': async ({ store }, { id }, moment) =>
    answer((await store.revokeKey(id, moment)) ? 'done' : 'unknown'),
  'end-session': async ({ store }, { id, userId }, { by, atMs }) =>
    answer((await store.endSession({ of: { id }, userId, by }, atMs)) ? 'done' : 'unknown'),
  'end-sessions': async ({ store }, { name }, moment) => {
    const user = await store.findUser({ name });
    if (user === undefined) return refuse('unknown');
    await store.endSessions(user, moment);
    return { ok: true };
  },
};

export const manageAccess = <Kind extends ManageAction['kind']>(
  context: AccessContext,
  action: Extract<ManageAction, { kind: Kind }>,
  by: AccessActor,
): Promise<ManageReply> => {
  const handle: Handlers[Kind] = HANDLERS[action.kind as Kind];
  return handle(context, action, { by, atMs: context.clock() });
};
