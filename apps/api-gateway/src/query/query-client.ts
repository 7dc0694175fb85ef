/**
 * How the API asks the other services. One port, implemented over Nest's ClientProxy, so that a process that
 * hosts every service and a fleet over NATS differ only in the proxy that is handed in.
 */
import type { ClientProxy } from '@nestjs/microservices';
import type { Gatherer } from '@otedama/bus';
import { Subject } from '@otedama/contracts';
import { EmptyError, TimeoutError, firstValueFrom, timeout } from 'rxjs';

import { EXPLANATION_TIMEOUT_MS, QUERY_TIMEOUT_MS } from '../limits.ts';

export interface QueryClient {
  /** Resolves with the reply as it came; rejects with a `QueryError`. */
  ask(subject: Subject, payload: unknown): Promise<unknown>;
  /** The replies of all instances of a service, at least one; rejects with a `QueryError`. */
  askAll(subject: Subject, payload: unknown): Promise<readonly unknown[]>;
}

export type QueryErrorCode = 'QUERY_TIMEOUT' | 'QUERY_UNAVAILABLE' | 'QUERY_FAILED' | 'QUERY_BAD_REPLY';

export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly code: QueryErrorCode;
  readonly subject: Subject;

  constructor(code: QueryErrorCode, subject: Subject, cause?: unknown) {
    super(`${code} on ${subject}`, { cause });
    this.code = code;
    this.subject = subject;
  }
}

/** Nobody serves the subject, as the in-process driver and the NATS client say it. */
const isNoResponder = (error: unknown): boolean => {
  if (error instanceof EmptyError) return true;
  if (typeof error !== 'object' || error === null) return false;
  const { code, name } = error as { code?: unknown; name?: unknown };
  return code === 'NO_RESPONDERS' || name === 'NoRespondersError' || code === '503';
};

const codeOf = (error: unknown): QueryErrorCode => {
  if (error instanceof TimeoutError) return 'QUERY_TIMEOUT';
  return isNoResponder(error) ? 'QUERY_UNAVAILABLE' : 'QUERY_FAILED';
};

/** What may take long to be answered. */
const EXPLANATIONS: ReadonlySet<Subject> = new Set([
  Subject.accountingSettlement,
  Subject.accountingStatement,
  Subject.accountingShares,
  Subject.accountingShareProof,
  Subject.accountingMiners,
  // They hash a password, behind others.
  Subject.accessLogin,
  Subject.accessOwn,
  Subject.accessManage,
  Subject.auditEntries,
  Subject.payoutPlan,
]);

export type QueryTransport = Pick<ClientProxy, 'send'> & Gatherer;

export function createQueryClient(
  client: QueryTransport,
  options: { readonly timeoutMs?: number } = {},
): QueryClient {
  const timeoutMs = options.timeoutMs ?? QUERY_TIMEOUT_MS;
  return {
    async ask(subject, payload) {
      const first = EXPLANATIONS.has(subject) ? Math.max(timeoutMs, EXPLANATION_TIMEOUT_MS) : timeoutMs;
      try {
        return await firstValueFrom(client.send<unknown, unknown>(subject, payload).pipe(timeout({ first })));
      } catch (error) {
        throw new QueryError(codeOf(error), subject, error);
      }
    },
    async askAll(subject, payload) {
      const gathered = await client
        .gather<unknown>(subject, payload, { deadlineMs: timeoutMs })
        .catch((error: unknown) => {
          throw new QueryError(codeOf(error), subject, error);
        });
      const [failure] = gathered.failures;
      if (gathered.values.length > 0) return gathered.values;
      throw new QueryError(failure === undefined ? 'QUERY_UNAVAILABLE' : 'QUERY_FAILED', subject, failure);
    },
  };
}
