/** A counter for paths where finding the series by its labels would cost too much: counts are added up when asked for. */
import { Counter, type CounterConfiguration } from 'prom-client';

type Labels<Label extends string> = Readonly<Record<Label, string>>;

export class BoundCount {
  #count = 0;

  add(count = 1): void {
    this.#count += count;
  }

  /** What has come since it was last taken. */
  take(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}

export class BoundCounter<Label extends string> extends Counter<Label> {
  readonly #series: Map<string, { readonly labels: Labels<Label>; readonly count: BoundCount }>;

  constructor(configuration: Omit<CounterConfiguration<Label>, 'collect'>) {
    const series = new Map<string, { readonly labels: Labels<Label>; readonly count: BoundCount }>();
    super({
      ...configuration,
      collect() {
        for (const { labels, count } of series.values()) this.inc(labels, count.take());
      },
    });
    this.#series = series;
  }

  /** Shown from now on, as zero at first. */
  bind(labels: Labels<Label>): BoundCount {
    const key = JSON.stringify(labels);
    const { count } = this.#series.get(key) ?? { count: new BoundCount() };
    this.#series.set(key, { labels, count });
    return count;
  }
}
