/** What a user changes of its own account; each time it proves again who it is, with all its factors. */
import { randomBytes } from 'node:crypto';
import {
  checkTotp,
  encodeBase32,
  formatRecoveryCode,
  RECOVERY_CODE_BYTES,
  RECOVERY_CODES,
  recoveryDigest,
  TOTP_SECRET_BYTES,
  totpUri,
} from '@otedama/access';
import type { AccessRefusal, OwnReply, OwnRequest } from '@otedama/contracts';
import type { StoredUser } from '@otedama/ledger';
import type { AccessContext } from './context.ts';
import { judgeClaim, judgeNewPassword, type Judgement } from './factors.ts';

type Proven = Extract<Judgement, { ok: true }>;
type Action<Kind extends OwnRequest['action']['kind']> = Extract<OwnRequest['action'], { kind: Kind }>;

const refuse = (reason: AccessRefusal): OwnReply => ({ ok: false, reason });

class OwnAccount {
  readonly #context: AccessContext;
  readonly #request: OwnRequest;
  readonly #proven: Proven;

  constructor(context: AccessContext, request: OwnRequest, proven: Proven) {
    this.#context = context;
    this.#request = request;
    this.#proven = proven;
  }

  get #user(): StoredUser {
    return this.#proven.user;
  }

  async #change(
    change: Parameters<AccessContext['store']['changeFactor']>[1],
    reply: Partial<Extract<OwnReply, { ok: true }>> = {},
  ): Promise<OwnReply> {
    const { id, name, password } = this.#user;
    const proof = { userId: id, password, second: this.#proven.second };
    const by = { actor: { kind: 'user', id, name }, address: this.#request.address } as const;
    const moment = { by, atMs: this.#context.clock(), sessionId: this.#request.sessionId };
    const isDone = await this.#context.store.changeFactor(proof, change, moment);
    return isDone ? { ok: true, ...reply } : refuse('denied');
  }

  async password({ newPassword }: Action<'password'>): Promise<OwnReply> {
    const fault = judgeNewPassword(newPassword, this.#user.name, this.#request.password);
    if (fault !== undefined) return refuse(fault);
    return this.#change({ kind: 'password', password: await this.#context.passwords.hash(newPassword) });
  }

  beginTotp(): Promise<OwnReply> {
    const secret = randomBytes(TOTP_SECRET_BYTES);
    const totp = { secret: encodeBase32(secret), uri: totpUri(secret, this.#user.name) };
    return this.#change({ kind: 'totp-begin', secret }, { totp });
  }

  async confirmTotp({ code }: Action<'totp-confirm'>): Promise<OwnReply> {
    const { totpPending: secret } = this.#user;
    if (secret === undefined) return refuse('no-totp');
    const step = checkTotp({ secret, lastStep: undefined }, code, this.#context.clock());
    if (step === undefined) return refuse('denied');
    const recoveryCodes = Array.from({ length: RECOVERY_CODES }, () =>
      formatRecoveryCode(randomBytes(RECOVERY_CODE_BYTES)),
    );
    const recoveryDigests = recoveryCodes.flatMap((each) => recoveryDigest(each) ?? []);
    return this.#change({ kind: 'totp-confirm', step, recoveryDigests }, { recoveryCodes });
  }

  async endTotp(): Promise<OwnReply> {
    return this.#user.totp === undefined ? refuse('no-totp') : this.#change({ kind: 'totp-end' });
  }

  async endSessions({ keepOwn }: Action<'end-sessions'>): Promise<OwnReply> {
    const { id, name } = this.#user;
    const { address, sessionId } = this.#request;
    const moment = {
      by: { actor: { kind: 'user', id, name }, address },
      atMs: this.#context.clock(),
    } as const;
    await this.#context.store.endSessions(this.#user, moment, keepOwn ? sessionId : undefined);
    return { ok: true };
  }
}

export const changeOwn = async (context: AccessContext, request: OwnRequest): Promise<OwnReply> => {
  const { userId, password, code, action } = request;
  const user = await context.store.findUser({ id: userId });
  // Whoever changes its account has a session: it is no stranger.
  const judged = await judgeClaim(user, { password, code, isKnownDevice: true }, context);
  if (!judged.ok) return judged;
  const account = new OwnAccount(context, request, judged);
  switch (action.kind) {
    case 'password':
      return account.password(action);
    case 'totp-begin':
      return account.beginTotp();
    case 'totp-confirm':
      return account.confirmTotp(action);
    case 'totp-end':
      return account.endTotp();
    case 'end-sessions':
      return account.endSessions(action);
    default:
      return action satisfies never;
  }
};
