/** Who a peer says it is, judged the same way in every dialect. */
import { parseLogin, parsePassword } from './credentials.ts';
import { MAX_AGENT_CHARS, MAX_WORKERS_PER_SESSION } from './limits.ts';
import type { RejectReason } from './rejects.ts';
import type { Account, CoreEnv, SessionCore } from './session.ts';
import type { Turn } from './turn.ts';
import { setFloor, startDifficulty, suggestDifficulty } from './vardiff.ts';

/** What a peer calls itself, fit for a log or a table. */
export const printableAgent = (text: unknown): string =>
  typeof text === 'string' ? text.replace(/[^\x20-\x7e]/g, '').slice(0, MAX_AGENT_CHARS) : '';

export type Admission =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly reason: RejectReason; readonly detail?: string };

type AdmissionEnv = Pick<CoreEnv, 'parseAddress' | 'refusesWorker'>;

const judge = (session: SessionCore, env: AdmissionEnv, user: string): Admission => {
  const parsed = parseLogin(user);
  if (!parsed.ok) return { ok: false, reason: parsed.fault };
  const address = env.parseAddress(parsed.login.address);
  if (!address.ok) return { ok: false, reason: 'address-invalid', detail: address.reason };
  if (session.accounts.size >= MAX_WORKERS_PER_SESSION) return { ok: false, reason: 'too-many-workers' };
  const account = { address: address.canonical, worker: parsed.login.worker };
  const reason = env.refusesWorker(session, account);
  return reason === undefined ? { ok: true, account } : { ok: false, reason };
};

/** Takes a user name of the form `address.worker`; one that is known already is welcome again. */
export const admit = (turn: Turn, env: AdmissionEnv, user: string): Admission => {
  const { session } = turn;
  const known = session.accounts.get(user);
  if (known !== undefined) return { ok: true, account: known };
  const admission = judge(session, env, user);
  if (!admission.ok) return admission;
  session.accounts.set(user, admission.account);
  turn.effects.push({ kind: 'authorized', account: admission.account });
  return admission;
};

/**
 * Options in a password, such as `d=1024`. True when the difficulty changed. What is wished about payouts waits for
 * a share: whoever only logs in with an address has no say for it.
 */
export const applyPassword = (session: SessionCore, password: unknown, nowMs: number): boolean => {
  if (typeof password !== 'string') return false;
  const { vardiff } = session;
  const { fixed, start, minimum, minimumPayout } = parsePassword(password);
  if (minimumPayout !== undefined) session.minimumPayout = minimumPayout;
  const floor = Math.max(fixed ?? 0, minimum ?? 0);
  let changed = floor > 0 && setFloor(vardiff, floor, nowMs);
  if (fixed !== undefined) changed = suggestDifficulty(vardiff, fixed, nowMs) || changed;
  else if (start !== undefined) changed = startDifficulty(vardiff, start, nowMs) || changed;
  return changed;
};
