/**
 * What one observation and one increment cost, by labels and by series that are bound once, as JSON.
 *
 *   node libs/observability/bench/bound-metrics.bench.ts
 */
import { Counter, Histogram, Registry } from 'prom-client';
import { BoundCounter } from '../src/bound-counter.ts';
import { BoundHistogram } from '../src/bound-histogram.ts';

const ROUNDS = 5;
const CALLS = 500_000;
const SECONDS = [0.0004, 0.003, 0.0007, 0.02, 0.0015, 0.2, 0.009, 3];

const registers = [new Registry()];
const series = { labelNames: ['pool', 'stage'] as const, help: 'Bench.', registers };
const labels = { pool: 'btc', stage: 'durable' };
const buckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** The best of the rounds: the first ones warm up. */
const nanoseconds = (call: (seconds: number) => void): number => {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const startedMs = performance.now();
    for (let at = 0; at < CALLS; at++) call(SECONDS[at % SECONDS.length] ?? 0);
    bestMs = Math.min(bestMs, performance.now() - startedMs);
  }
  return Number(((bestMs * 1e6) / CALLS).toFixed(1));
};

const byLabels = {
  histogram: new Histogram({ name: 'labelled_seconds', buckets, ...series }),
  counter: new Counter({ name: 'labelled_total', ...series }),
};
const bound = {
  histogram: new BoundHistogram({ name: 'bound_seconds', buckets, ...series }).bind(labels),
  counter: new BoundCounter({ name: 'bound_total', ...series }).bind(labels),
};
const result = {
  observeByLabelsNs: nanoseconds((seconds) => byLabels.histogram.observe(labels, seconds)),
  observeBoundNs: nanoseconds((seconds) => bound.histogram.observe(seconds)),
  incrementByLabelsNs: nanoseconds(() => byLabels.counter.inc(labels)),
  incrementBoundNs: nanoseconds(() => bound.counter.add()),
};
const text = await registers[0]?.metrics();
for (const name of ['labelled', 'bound']) {
  if (text?.includes(`${name}_seconds_count{pool="btc",stage="durable"} ${ROUNDS * CALLS}\n`) !== true)
    throw new Error(`${name}: not every observation was counted`);
}
console.log(JSON.stringify(result));
