/** Says once that spans do not arrive, and once that they do again: whoever looks for a trace should not wonder. */
import type { Logger } from '@otedama/contracts';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

type OnResult = Parameters<SpanExporter['export']>[1];

/** Of OpenTelemetry's results the one that is none of ours to import: its package is not. */
const SUCCESS = 0;

export class TellingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Logger;
  #isFailing = false;

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  export(spans: ReadableSpan[], onResult: OnResult): void {
    this.#exporter.export(spans, (result) => {
      this.#tell(result.code === SUCCESS, result.error);
      onResult(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #tell(arrived: boolean, error: Error | undefined): void {
    if (arrived !== this.#isFailing) return;
    this.#isFailing = !arrived;
    if (arrived) this.#logger.info({}, 'traces arrive again');
    else this.#logger.warn({ error }, 'traces do not arrive at the collector; those of this time are lost');
  }
}
