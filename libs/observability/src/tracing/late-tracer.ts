/** The tracer of a process: nothing without a collector, and with one nothing until the SDK is loaded. */
import { setTimeout as pause } from 'node:timers/promises';
import type { TracesConfig } from '@otedama/config';
import { type Logger, type Span, type SpanOptions, type Tracer, noTracer } from '@otedama/contracts';
import type { ClosableTracer, TracingOptions } from './otlp.ts';
import { createSpanClock } from './span-clock.ts';

/** It takes a fourth of the time that a start has: by then the service is there, and hardly has work yet. */
const LOAD_AFTER_MS = 250;

class LateTracer implements ClosableTracer {
  readonly now = createSpanClock();
  readonly #opening: Promise<ClosableTracer>;
  #tracer: Tracer = noTracer;

  constructor(logger: Logger, options: TracingOptions) {
    const { now } = this;
    this.#opening = pause(LOAD_AFTER_MS)
      .then(() => import('./otlp.ts'))
      .then(({ createOtlpTracer }) => {
        const tracer = createOtlpTracer({ logger, now }, options);
        this.#tracer = tracer;
        return tracer;
      });
    this.#opening.catch((error: unknown) => logger.error({ error }, 'nothing is traced'));
  }

  start(name: string, options?: SpanOptions): Span {
    return this.#tracer.start(name, options);
  }

  isSampled(batchId: Buffer): boolean {
    return this.#tracer.isSampled(batchId);
  }

  sample(): boolean {
    return this.#tracer.sample();
  }

  async close(): Promise<void> {
    await (await this.#opening.catch(() => undefined))?.close();
  }
}

export const createTracer = (
  logger: Logger,
  traces: TracesConfig | undefined,
  of: Pick<TracingOptions, 'service' | 'instance'>,
): ClosableTracer =>
  traces === undefined
    ? { ...noTracer, close: () => Promise.resolve() }
    : new LateTracer(logger, { ...traces, ...of });
