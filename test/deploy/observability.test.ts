/** What tools/check-observability.mjs goes by: an expression that asks for what does not exist is found out. */
import { faultsOf } from '../../tools/observability/catalogue.ts';
import { readExpression } from '../../tools/observability/promql.ts';

const CATALOGUE = new Map([
  ['shares_total', ['pool', 'result', 'instance']],
  ['answer_seconds_bucket', ['pool', 'le', 'instance']],
  ['places', ['instance']],
]);

const labelsOf = (metric: string): readonly string[] => CATALOGUE.get(metric) ?? [];

describe('the catalogue of metrics', () => {
  it.each([
    'sum by (pool) (rate(shares_total{result!="accepted",pool=~"$pool"}[$__rate_interval]))',
    'histogram_quantile(0.99, sum by (pool, le) (rate(answer_seconds_bucket[5m])))',
    'sum without (result) (shares_total) / on (instance) group_left () places > 0.9',
    'shares_total unless on (pool) (shares_total offset 5m)',
  ])('takes %s', (expression) => {
    expect(faultsOf(expression, CATALOGUE)).toEqual([]);
  });

  it.each([
    ['sum by (pool) (rate(share_total[5m]))', 'there is no metric share_total'],
    ['shares_total{reason="stale"}', 'shares_total has no label reason'],
    ['sum by (worker) (shares_total)', 'groups by worker, which shares_total does not have'],
    ['shares_total / on (le) places', 'groups by le, which shares_total, places does not have'],
    ['sum by (pool) (shares_total', 'not PromQL'],
    ['{pool="btc"}', 'a selector without a metric'],
  ])('finds the fault of %s', (expression, fault) => {
    expect(faultsOf(expression, CATALOGUE)).toContainEqual(expect.stringContaining(fault));
  });

  it.each([
    ['sum by (pool) (shares_total) / (sum by (pool) (shares_total) > 0)', ['pool']],
    ['sum(shares_total)', []],
    ['topk(3, shares_total)', ['pool', 'result', 'instance']],
    ['sum without (result) (shares_total)', ['pool', 'instance']],
    ['max by (instance) (places) or vector(0)', ['instance']],
  ])('knows the labels of the result of %s', (expression, labels) => {
    expect([...readExpression(expression).resultLabels(labelsOf)].sort()).toEqual([...labels].sort());
  });
});
