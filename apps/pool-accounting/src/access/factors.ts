/** Whether somebody is who it says it is, by all the factors that its account has. */
import { checkTotp, judgePassword, type PasswordFault, recoveryDigest } from '@otedama/access';
import type { AccessRefusal, Clock } from '@otedama/contracts';
import type { SecondFactor, StoredUser } from '@otedama/ledger';
import type { Passwords } from './passwords.ts';

export interface Claim {
  readonly password: string;
  readonly code: string | undefined;
  readonly isKnownDevice: boolean;
}

export type Judgement =
  | { readonly ok: true; readonly user: StoredUser; readonly second: SecondFactor }
  | { readonly ok: false; readonly reason: Extract<AccessRefusal, 'denied' | 'code-needed' | 'busy'> };

const DENIED = { ok: false, reason: 'denied' } as const;

/** Undefined: wrong, or used before. A recovery code is looked for when it is spent. */
const secondOf = ({ totp }: StoredUser, code: string, atMs: number): SecondFactor | undefined => {
  if (totp === undefined) return undefined;
  const step = checkTotp(totp, code, atMs);
  if (step !== undefined) return { kind: 'totp', step };
  const digest = recoveryDigest(code);
  return digest && { kind: 'recovery', digest };
};

/** Takes as long for nobody and for a wrong password as for the right one. */
export const judgeClaim = async (
  user: StoredUser | undefined,
  { password, code, isKnownDevice }: Claim,
  { passwords, clock }: { readonly passwords: Passwords; readonly clock: Clock },
): Promise<Judgement> => {
  const verdict = await passwords.verify(password, user?.password, isKnownDevice);
  if (verdict === 'busy') return { ok: false, reason: 'busy' };
  if (verdict === 'wrong' || user === undefined || user.isDisabled) return DENIED;
  if (user.totp === undefined) return { ok: true, user, second: { kind: 'none' } };
  if (code === undefined) return { ok: false, reason: 'code-needed' };
  const second = secondOf(user, code, clock());
  return second === undefined ? DENIED : { ok: true, user, second };
};

/** The old one is no new one. */
export const judgeNewPassword = (
  password: string,
  name: string,
  oldPassword: string,
): PasswordFault | undefined =>
  judgePassword(password, name) ?? (password === oldPassword ? 'too-simple' : undefined);
