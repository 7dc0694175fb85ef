/**
 * A collector of traces: OTLP over HTTP, read by OpenTelemetry's own protobuf definitions, so that what it understands
 * others understand. Keeps the last spans and shows which led to which.
 */
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { REPOSITORY } from './places.ts';

export interface ReceivedSpan {
  /** `service.name` and `service.instance.id` of the process that sent it. */
  readonly service: string;
  readonly instance: string;
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of its trace. */
  readonly parentId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  /** Why it failed; undefined: it did not. */
  readonly error: string | undefined;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

/** As protobufjs shows a decoded request with the options below. */
interface Decoded {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly DecodedSpan[] }[];
  }[];
}

interface DecodedSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly name: string;
  readonly kind: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly message: string; readonly code: string } | null;
}

const DEFINITIONS = join(REPOSITORY, 'test/vectors/otlp');
const PATH = '/v1/traces';
const MAX_SPANS = 100_000;
const NANOS = 1_000_000n;

const loadRequestType = (): protobuf.Type => {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => join(DEFINITIONS, target);
  root.loadSync('opentelemetry/proto/collector/trace/v1/trace_service.proto', { keepCase: false });
  return root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest');
};

const fieldsOf = (attributes: readonly Attribute[]): ReceivedSpan['fields'] =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [one] = Object.values(value);
      return [key, 'intValue' in value ? Number(one) : (one ?? '')];
    }),
  );

/** Nanoseconds beyond a double's whole numbers, as milliseconds with three decimals. */
const millisecondsOf = (nanos: string): number =>
  Number(BigInt(nanos) / NANOS) + Number(BigInt(nanos) % NANOS) / Number(NANOS);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const spanOf = (resource: ReceivedSpan['fields'], span: DecodedSpan): ReceivedSpan => ({
  service: String(resource['service.name']),
  instance: String(resource['service.instance.id']),
  name: span.name,
  kind: span.kind.replace('SPAN_KIND_', '').toLowerCase(),
  traceId: hex(span.traceId),
  spanId: hex(span.spanId),
  parentId: hex(span.parentSpanId),
  startMs: millisecondsOf(span.startTimeUnixNano),
  endMs: millisecondsOf(span.endTimeUnixNano),
  fields: fieldsOf(span.attributes),
  error: span.status?.code === 'STATUS_CODE_ERROR' ? span.status.message : undefined,
});

export class TraceCollector {
  readonly #type = loadRequestType();
  readonly #server: Server;
  readonly #spans: ReceivedSpan[] = [];
  readonly #headers: IncomingMessage['headers'][] = [];
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(): Promise<TraceCollector> {
    const collector = new TraceCollector();
    await collector.start();
    return collector;
  }

  /** On the port that it had before, if it had one. */
  async start(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** For `monitoring.traces.endpoint`. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** In the order in which they came. */
  get spans(): readonly ReceivedSpan[] {
    return this.#spans;
  }

  /** Of each request that was taken. */
  get headers(): readonly IncomingMessage['headers'][] {
    return this.#headers;
  }

  /** From the first of its trace to the span itself; it begins later where a parent is missing. */
  pathTo(span: ReceivedSpan): readonly ReceivedSpan[] {
    const parent = this.#spans.find(
      ({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentId,
    );
    return parent === undefined ? [span] : [...this.pathTo(parent), span];
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.url !== PATH || request.headers['content-type'] !== 'application/x-protobuf') {
      response.writeHead(415).end();
      return;
    }
    const message = this.#type.decode(Buffer.concat(parts));
    const { resourceSpans } = this.#type.toObject(message, {
      defaults: true,
      enums: String,
      longs: String,
      oneofs: false,
    }) as Decoded;
    for (const { resource, scopeSpans } of resourceSpans) {
      const from = fieldsOf(resource.attributes);
      for (const { spans } of scopeSpans) this.#spans.push(...spans.map((span) => spanOf(from, span)));
    }
    this.#spans.splice(0, this.#spans.length - MAX_SPANS);
    this.#headers.push(request.headers);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  }
}
