/**
 * Spans through OpenTelemetry's SDK to a collector: OTLP over HTTP, in protobuf. Imported late, by whoever has a
 * collector in its configuration. What a collector does not take in time is dropped: neither memory nor work waits for
 * it.
 */
import { type TracesConfig, parseHttpHeaders } from '@otedama/config';
import {
  type Logger,
  type Span,
  type SpanFields,
  type SpanOptions,
  type TraceContext,
  type Tracer,
  traceIdOf,
} from '@otedama/contracts';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer as OtelTracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { VERSION } from '../version.ts';
import { createSpanClock } from './span-clock.ts';
import { TellingExporter } from './telling-exporter.ts';

export interface TracingDeps {
  readonly logger: Logger;
  readonly now?: () => number;
}

export interface TracingOptions extends TracesConfig {
  /** What the spans are of: a service's name, and that of its process. */
  readonly service: string;
  readonly instance: string;
}

export interface ClosableTracer extends Tracer {
  /** Sends what is left, if the collector takes it soon. */
  close(): Promise<void>;
}

/** A kilobyte each at most: what a collector that is away can cost. */
const MAX_QUEUED_SPANS = 4_096;
const MAX_SENT_SPANS = 512;
const SEND_EVERY_MS = 2_000;
const SEND_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 2_000;
const BASIS_POINTS = 10_000;
const TWO_TO_32 = 2 ** 32;
/** Behind what the span's id is made of. */
const SAMPLE_AT = 8;

const KINDS = {
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
} as const;

/** Ids at random, but for the one that was chosen for the next span. */
class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  next: string | undefined;

  generateTraceId(): string {
    return this.#random.generateTraceId();
  }

  generateSpanId(): string {
    const chosen = this.next;
    this.next = undefined;
    return chosen ?? this.#random.generateSpanId();
  }
}

const attributesOf = (fields: SpanFields): Attributes =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.includes('.') ? name : `otedama.${name}`, value]),
  );

const parentOf = (parent: TraceContext | undefined): Context => {
  if (parent === undefined) return ROOT_CONTEXT;
  const spanId = parent.slice(-19, -3);
  const remote = { traceId: traceIdOf(parent), spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, remote);
};

class RecordedSpan implements Span {
  readonly context: TraceContext;
  readonly #span: OtelSpan;
  readonly #now: () => number;

  constructor(span: OtelSpan, now: () => number) {
    const { traceId, spanId } = span.spanContext();
    this.context = `00-${traceId}-${spanId}-01`;
    this.#span = span;
    this.#now = now;
  }

  set(fields: SpanFields): void {
    this.#span.setAttributes(attributesOf(fields));
  }

  end(error?: unknown, endMs?: number): void {
    if (error !== undefined) {
      const message = error instanceof Error ? error.message : String(error);
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    this.#span.end(endMs ?? this.#now());
  }
}

class OtlpTracer implements ClosableTracer {
  readonly now: () => number;
  readonly #provider: TracerProvider;
  readonly #tracer: OtelTracer;
  readonly #ids = new ChosenIds();
  /** A batch is sampled when its number is below this one. */
  readonly #sampleBelow: number;

  constructor({ logger, now = createSpanClock() }: TracingDeps, options: TracingOptions) {
    const { endpoint, headers, sampleBasisPoints, service, instance } = options;
    this.now = now;
    this.#sampleBelow = (sampleBasisPoints / BASIS_POINTS) * TWO_TO_32;
    const exporter = new OTLPTraceExporter({
      url: `${endpoint}/v1/traces`,
      headers: { ...(headers && parseHttpHeaders(headers.reveal())) },
      timeoutMillis: SEND_TIMEOUT_MS,
    });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.namespace': 'otedama',
        'service.name': service,
        'service.version': VERSION,
        'service.instance.id': instance,
      }),
      // Who starts a span wants it: what belongs to the sample is decided before.
      sampler: new AlwaysOnSampler(),
      idGenerator: this.#ids,
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new TellingExporter(exporter, logger),
          maxQueueSize: MAX_QUEUED_SPANS,
          maxExportBatchSize: MAX_SENT_SPANS,
          scheduledDelayMillis: SEND_EVERY_MS,
          exportTimeoutMillis: SEND_TIMEOUT_MS,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('otedama', VERSION);
  }

  start(name: string, { parent, id, startMs, kind, fields }: SpanOptions = {}): Span {
    this.#ids.next = id;
    const options = {
      startTime: startMs ?? this.now(),
      kind: kind === undefined ? SpanKind.INTERNAL : KINDS[kind],
      attributes: attributesOf(fields ?? {}),
    };
    return new RecordedSpan(this.#tracer.startSpan(name, options, parentOf(parent)), this.now);
  }

  isSampled(batchId: Buffer): boolean {
    return batchId.readUInt32LE(SAMPLE_AT) < this.#sampleBelow;
  }

  sample(): boolean {
    return Math.random() * TWO_TO_32 < this.#sampleBelow;
  }

  async close(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, CLOSE_TIMEOUT_MS);
    // What did not arrive was told of.
    await Promise.race([this.#provider.shutdown().catch(() => undefined), late.promise]);
    clearTimeout(timer);
  }
}

export const createOtlpTracer = (deps: TracingDeps, options: TracingOptions): ClosableTracer =>
  new OtlpTracer(deps, options);
