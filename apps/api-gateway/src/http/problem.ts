/**
 * Errors as the client sees them: RFC 9457 problem details. One table from kind to status and title; what a
 * service or library said stays in the log and never reaches the wire.
 */
import { STATUS_CODES } from 'node:http';

import { AuditUnavailableError, type Subject } from '@otedama/contracts';
import { z } from 'zod';

import { QueryError, type QueryErrorCode } from '../query/query-client.ts';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

export const problemSchema = z.object({
  /** `urn:otedama:problem:<kind>`, stable; or `about:blank` where the status says it all. */
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  /** Path of the request. */
  instance: z.string().optional(),
  /** One entry for each wrong parameter. */
  errors: z.array(z.object({ parameter: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

const KINDS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'Who asks is not known' },
  'code-needed': { status: 401, title: 'A one-time code is needed' },
  'new-password-needed': { status: 403, title: 'A new password is needed' },
  forbidden: { status: 403, title: 'Not allowed from here' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'This cannot be done here' },
  conflict: { status: 409, title: 'This cannot be as things are' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  busy: { status: 503, title: 'Too much at once' },
  'too-many-clients': { status: 503, title: 'Too many live connections' },
  'not-recorded': { status: 503, title: 'The audit log cannot be written, so nothing is changed' },
  internal: { status: 500, title: 'The API failed' },
  'service-failed': { status: 502, title: 'A service failed' },
  'bad-reply': { status: 502, title: 'A service gave an answer that makes no sense' },
  'service-unavailable': { status: 503, title: 'A service is not there' },
  'service-timeout': { status: 504, title: 'A service did not answer in time' },
} as const;
export type ProblemKind = keyof typeof KINDS;

export interface ProblemExtras {
  readonly detail?: string;
  readonly errors?: readonly { readonly parameter: string; readonly message: string }[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by handlers and hooks for an outcome that has a place in the table. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code = 'API_PROBLEM';
  readonly kind: ProblemKind;
  readonly extras: ProblemExtras;

  constructor(kind: ProblemKind, extras: ProblemExtras = {}) {
    super(extras.detail ?? KINDS[kind].title);
    this.kind = kind;
    this.extras = extras;
  }
}

export interface ProblemReply {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** The client cannot have caused it: worth a line in the log. */
  readonly isFault: boolean;
}

/** By the second word of a subject. */
const SERVICES: Readonly<Record<string, string>> = {
  mining: 'miner-agent',
  gateway: 'stratum-gateway',
  validator: 'share-validator',
};

/** What has no service of its own is in the books. */
const serviceOf = (subject: Subject): string => SERVICES[subject.split('.')[1] ?? ''] ?? 'pool-accounting';

const QUERY_KINDS: Record<QueryErrorCode, ProblemKind> = {
  QUERY_TIMEOUT: 'service-timeout',
  QUERY_UNAVAILABLE: 'service-unavailable',
  QUERY_FAILED: 'service-failed',
  QUERY_BAD_REPLY: 'bad-reply',
};

const QUERY_DETAILS: Record<QueryErrorCode, string> = {
  QUERY_TIMEOUT: 'did not answer in time.',
  QUERY_UNAVAILABLE: 'is not running or cannot be reached.',
  QUERY_FAILED: 'could not answer.',
  QUERY_BAD_REPLY: 'answered with something that this version does not understand.',
};

function problemOf(kind: ProblemKind, extras: ProblemExtras, instance: string | undefined): Problem {
  return {
    type: `urn:otedama:problem:${kind}`,
    title: KINDS[kind].title,
    status: KINDS[kind].status,
    ...(extras.detail === undefined ? {} : { detail: extras.detail }),
    ...(instance === undefined ? {} : { instance }),
    ...(extras.errors === undefined ? {} : { errors: [...extras.errors] }),
  };
}

/** Status that Nest or Fastify gave an error of theirs, when it is the client's doing. */
function clientErrorStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  const code = typeof statusCode === 'number' ? statusCode : status;
  return typeof code === 'number' && code >= 400 && code < 500 ? code : undefined;
}

function plainProblem(status: number, instance: string | undefined): ProblemReply {
  const title = STATUS_CODES[status] ?? 'Client error';
  return {
    problem: { type: 'about:blank', title, status, ...(instance === undefined ? {} : { instance }) },
    headers: {},
    isFault: false,
  };
}

/** What to answer for whatever was thrown. */
export function toProblem(error: unknown, instance?: string): ProblemReply {
  if (error instanceof ProblemError) {
    const headers = error.extras.headers ?? {};
    return { problem: problemOf(error.kind, error.extras, instance), headers, isFault: false };
  }
  if (error instanceof QueryError) {
    const detail = `${serviceOf(error.subject)} ${QUERY_DETAILS[error.code]}`;
    return {
      problem: problemOf(QUERY_KINDS[error.code], { detail }, instance),
      headers: {},
      isFault: true,
    };
  }
  if (error instanceof AuditUnavailableError) {
    return { problem: problemOf('not-recorded', {}, instance), headers: {}, isFault: true };
  }
  const status = clientErrorStatus(error);
  if (status === 404) return { problem: problemOf('not-found', {}, instance), headers: {}, isFault: false };
  if (status !== undefined) return plainProblem(status, instance);
  return { problem: problemOf('internal', {}, instance), headers: {}, isFault: true };
}
