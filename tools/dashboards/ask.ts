/** How the dashboards ask: sums, paces and quantiles over the pools and instances that were chosen. */

/** Of the chosen pools, where the metric has them. */
export const POOLS = 'pool=~"$pool"';
export const INSTANCES = 'instance=~"$instance"';
/** Metrics of a gateway or a validator that know both. */
export const CHOSEN = `${POOLS},${INSTANCES}`;

const selected = (metric: string, filter: string): string =>
  filter === '' ? metric : `${metric}{${filter}}`;

export const total = (metric: string, by: string, filter: string): string =>
  `sum by (${by}) (${selected(metric, filter)})`;

export const greatest = (metric: string, by: string, filter: string): string =>
  `max by (${by}) (${selected(metric, filter)})`;

/** A second. */
export const pace = (metric: string, by: string, filter: string): string =>
  `sum by (${by}) (rate(${selected(metric, filter)}[$__rate_interval]))`;

/** How often within the time that is shown. */
export const during = (metric: string, by: string, filter: string): string =>
  `sum by (${by}) (increase(${selected(metric, filter)}[$__range]))`;

/** How often within an hour: what is rare shows as a number and not as a pace. */
export const hourly = (metric: string, by: string, filter: string): string =>
  `sum by (${by}) (increase(${selected(metric, filter)}[1h]))`;

/** Of a histogram of seconds. */
export const quantile = (share: number, metric: string, by: string, filter: string): string =>
  `histogram_quantile(${share}, sum by (${by === '' ? 'le' : `${by}, le`}) (rate(${selected(`${metric}_bucket`, filter)}[$__rate_interval])))`;
