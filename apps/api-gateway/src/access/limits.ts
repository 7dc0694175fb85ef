/** Budgets of whatever could be tried often: logins, keys, the password that a user repeats. Shared by the fleet. */
import { type Budget, type LoginAttempt, loginBudgets } from '@otedama/access';
import { clientKey } from '@otedama/edge';
import type { RateCounter, RateCounters } from '@otedama/shared-state';

import { ProblemError } from '../http/problem.ts';

const tooOften = (waitMs: number, detail: string): ProblemError =>
  new ProblemError('rate-limited', { detail, headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) } });

/** What somebody at an address may get wrong: keys that are none, expired ones. */
const WRONG_KEYS = { ratePerSecond: 0.2, burst: 20 };
/** Whoever has taken over a session does not guess its password for long. */
const OWN_PROOFS = { ratePerSecond: 1 / 60, burst: 10 };

export interface AccessLimits {
  /** Takes a try of each budget; throws the problem that says how long to wait. */
  takeLogin(attempt: LoginAttempt): void;
  /** Before a key is looked up that may be none. */
  requireFewWrongKeys(address: string): void;
  noteWrongKey(address: string): void;
  takeOwnProof(sessionId: string): void;
}

export function createAccessLimits(counters: RateCounters): AccessLimits {
  const wrongKeys = counters.counter('api-wrong-keys', WRONG_KEYS);
  const ownProofs = counters.counter('api-own-proofs', OWN_PROOFS);
  const logins = new Map<string, RateCounter>();
  const loginCounter = ({ kind, tries, perMs }: Budget): RateCounter => {
    const known = logins.get(kind);
    if (known !== undefined) return known;
    const made = counters.counter(`api-login-${kind}`, {
      ratePerSecond: (tries * 1_000) / perMs,
      burst: tries,
    });
    logins.set(kind, made);
    return made;
  };
  return {
    takeLogin(attempt) {
      const budgets = loginBudgets({ ...attempt, address: clientKey(attempt.address) });
      for (const budget of budgets) {
        const waitMs = loginCounter(budget).take(budget.key);
        if (waitMs > 0) throw tooOften(waitMs, 'Too many attempts to log in; try again later.');
      }
    },
    requireFewWrongKeys(address) {
      const waitMs = wrongKeys.wait(clientKey(address));
      if (waitMs > 0) throw tooOften(waitMs, 'This address has presented too many keys that are none.');
    },
    noteWrongKey: (address) => void wrongKeys.take(clientKey(address)),
    takeOwnProof(sessionId) {
      const waitMs = ownProofs.take(sessionId);
      if (waitMs > 0) throw tooOften(waitMs, 'Too many attempts; try again later.');
    },
  };
}
