/**
 * What of the work is recorded as spans of a trace, and what others are told of it so that theirs belong to the same
 * one. The application binds it to OpenTelemetry, or to nothing.
 */

/** W3C `traceparent` of a span that is recorded: 00-TRACE-SPAN-01 in hex. What is not recorded has none. */
export type TraceContext = string;

/** Of the messages that carry one. */
export const TRACE_HEADER = 'traceparent';

const CONTEXT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/;

/** Undefined for what is none, or is not recorded where it comes from. */
export const parseTraceContext = (text: string | undefined): TraceContext | undefined =>
  text !== undefined && CONTEXT.test(text) ? text : undefined;

const SPAN_AT = 36;
const SPAN_BYTES = 8;

export const traceIdOf = (context: TraceContext): string => context.slice(3, SPAN_AT - 1);

/** For a line of the log. */
export const traceFields = (context: TraceContext | undefined): { readonly traceId?: string } =>
  context === undefined ? {} : { traceId: traceIdOf(context) };

/** The span of a share batch is known by the batch's id: gateway and validator need not tell each other of it. */
export const batchSpanId = (batchId: Buffer): string => batchId.toString('hex', 0, SPAN_BYTES);

/** It belongs to the trace of a job. */
export const batchContext = (job: TraceContext, batchId: Buffer): TraceContext =>
  `${job.slice(0, SPAN_AT)}${batchSpanId(batchId)}-01`;

/** Names of fields get the prefix `otedama.`, but for those with a dot, which OpenTelemetry has names for. */
export type SpanFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** Absent: it begins a trace. */
  readonly parent?: TraceContext | undefined;
  /** Hex of eight bytes, for a span that others know already; absent: a random one. */
  readonly id?: string;
  /** As `now` tells it; absent: it begins now. */
  readonly startMs?: number;
  readonly kind?: 'producer' | 'consumer' | 'client' | 'server';
  readonly fields?: SpanFields;
}

export interface Span {
  /** The parent of what it leads to; undefined when nothing is recorded. */
  readonly context: TraceContext | undefined;
  set(fields: SpanFields): void;
  /** Once. An error is the reason why it failed; without a time it ends now. */
  end(error?: unknown, endMs?: number): void;
}

export interface Tracer {
  /** Milliseconds since 1970, with their fractions; zero when nothing is recorded. */
  now(): number;
  start(name: string, options?: SpanOptions): Span;
  /** Whether a share batch is one of the sample. All processes with the same configuration say the same of it. */
  isSampled(batchId: Buffer): boolean;
  /** Whether a question that nothing led to is one of the sample: by chance. */
  sample(): boolean;
}

const noSpan: Span = { context: undefined, set: () => undefined, end: () => undefined };

export const noTracer: Tracer = {
  now: () => 0,
  start: () => noSpan,
  isSampled: () => false,
  sample: () => false,
};
