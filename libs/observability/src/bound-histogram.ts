/**
 * A histogram for paths where finding the series by its labels would cost more than what is measured: a series is
 * bound once, and an observation is a comparison for each bucket and two additions.
 */
import { Histogram, type HistogramConfiguration } from 'prom-client';

export interface BoundSeries {
  /** A time below zero, by a clock that was set back, counts as none. */
  observe(seconds: number): void;
}

type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** As prom-client's registry takes them from its own histograms. */
interface SharedValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly value: number;
}

class Series<Label extends string> implements BoundSeries {
  readonly #labels: Labels<Label>;
  readonly #bounds: readonly number[];
  /** Observations up to each bound and above the one before; the last are above all. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(labels: Labels<Label>, bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(seconds: number): void {
    const value = seconds > 0 ? seconds : 0;
    let at = 0;
    while (at < this.#bounds.length && value > (this.#bounds[at] ?? 0)) at += 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
  }

  values(name: string): SharedValue[] {
    const valueOf = (suffix: string, labels: SharedValue['labels'], value: number): SharedValue => ({
      metricName: `${name}_${suffix}`,
      labels,
      sharedLabels: this.#labels,
      value,
    });
    let count = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, at) => {
      count += this.#counts[at] ?? 0;
      return valueOf('bucket', { le }, count);
    });
    return [...buckets, valueOf('sum', {}, this.#sum), valueOf('count', {}, count)];
  }
}

export class BoundHistogram<Label extends string> extends Histogram<Label> {
  readonly #about: Pick<HistogramConfiguration<Label>, 'name' | 'help'>;
  readonly #buckets: readonly number[];
  readonly #series = new Map<string, Series<Label>>();

  /** `buckets` rise. */
  constructor(configuration: HistogramConfiguration<Label> & { readonly buckets: number[] }) {
    super(configuration);
    this.#about = configuration;
    this.#buckets = configuration.buckets;
  }

  /** Shown from now on, as nothing at first. */
  bind(labels: Labels<Label>): BoundSeries {
    const key = JSON.stringify(labels);
    const series = this.#series.get(key) ?? new Series(labels, this.#buckets);
    this.#series.set(key, series);
    return series;
  }

  /** What the registry takes, and what `get` is made of. */
  async getForPromString() {
    const { name, help } = this.#about;
    const values = [...this.#series.values()].flatMap((series) => series.values(name));
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}
