/** What a client is told of a refusal by accounting. */
import { PASSWORD_FAULTS } from '@otedama/access';
import type { AccessRefusal } from '@otedama/contracts';

import { ProblemError, type ProblemKind } from '../http/problem.ts';

interface Told {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const weak = (fault: keyof typeof PASSWORD_FAULTS): Told => ({
  kind: 'invalid-request',
  detail: PASSWORD_FAULTS[fault],
});

const TOLD: Readonly<Record<AccessRefusal, Told>> = {
  // One sentence for whatever was wrong: which of them it was is nobody's business.
  denied: { kind: 'unauthorized', detail: 'Name, password or code is wrong.' },
  'code-needed': {
    kind: 'code-needed',
    detail: 'Send the code of the authenticator app, or a recovery code.',
  },
  'new-password-needed': {
    kind: 'new-password-needed',
    detail: 'This password was set by somebody else: send another one as newPassword.',
  },
  'too-short': weak('too-short'),
  'too-long': weak('too-long'),
  'too-simple': weak('too-simple'),
  'holds-name': weak('holds-name'),
  busy: {
    kind: 'busy',
    detail: 'Too many log in at this moment; try again.',
    headers: { 'retry-after': '2' },
  },
  over: { kind: 'unauthorized', detail: 'The session is over.' },
  reused: { kind: 'unauthorized', detail: 'This token was replaced before: its session was ended.' },
  unknown: { kind: 'not-found', detail: 'There is none of this name.' },
  exists: { kind: 'conflict', detail: 'There is one of this name.' },
  'last-admin': { kind: 'conflict', detail: 'The pool would be left without an admin.' },
  full: { kind: 'conflict', detail: 'There are too many already.' },
  'no-totp': { kind: 'conflict', detail: 'There is no authenticator app to confirm or to remove.' },
};

export function refusalProblem(reason: AccessRefusal): ProblemError {
  const { kind, ...extras } = TOLD[reason];
  return new ProblemError(kind, extras);
}

/** The reply, where it is none. */
export function granted<Reply extends { readonly ok: boolean }>(
  reply: Reply | { readonly ok: false; readonly reason: AccessRefusal },
): Extract<Reply, { readonly ok: true }> {
  if (!reply.ok && 'reason' in reply) throw refusalProblem(reply.reason);
  return reply as Extract<Reply, { readonly ok: true }>;
}
