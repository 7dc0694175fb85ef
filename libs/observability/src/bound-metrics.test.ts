import { Registry } from 'prom-client';
import { BoundCounter } from './bound-counter.ts';
import { BoundHistogram } from './bound-histogram.ts';

const linesOf = async (registry: Registry): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('a histogram with bound series', () => {
  const create = (registry: Registry): BoundHistogram<'stage'> =>
    new BoundHistogram({
      name: 'x_seconds',
      help: 'Help.',
      labelNames: ['stage'],
      buckets: [0.1, 1],
      registers: [registry],
    });

  it('is shown as prom-client shows its own, with the labels of all', async () => {
    const registry = new Registry();
    registry.setDefaultLabels({ service: 's' });
    const series = create(registry).bind({ stage: 'a' });
    for (const seconds of [0.05, 0.1, 0.5, 7]) series.observe(seconds);
    expect(await linesOf(registry)).toEqual([
      'x_seconds_bucket{le="0.1",service="s",stage="a"} 2',
      'x_seconds_bucket{le="1",service="s",stage="a"} 3',
      'x_seconds_bucket{le="+Inf",service="s",stage="a"} 4',
      'x_seconds_sum{service="s",stage="a"} 7.65',
      'x_seconds_count{service="s",stage="a"} 4',
    ]);
    expect(await registry.metrics()).toContain('# TYPE x_seconds histogram\n');
  });

  it('shows a series from the start, and one for the same labels', async () => {
    const registry = new Registry();
    const histogram = create(registry);
    histogram.bind({ stage: 'a' }).observe(1);
    histogram.bind({ stage: 'a' }).observe(1);
    histogram.bind({ stage: 'b' });
    const { values } = await histogram.get();
    const counts = values.filter(({ metricName }) => metricName === 'x_seconds_count');
    expect(counts.map(({ labels, value }) => [labels.stage, value])).toEqual([
      ['a', 2],
      ['b', 0],
    ]);
  });

  it('takes a clock that was set back for no time at all', async () => {
    const registry = new Registry();
    create(registry).bind({ stage: 'a' }).observe(-3);
    expect((await linesOf(registry)).slice(-2)).toEqual([
      'x_seconds_sum{stage="a"} 0',
      'x_seconds_count{stage="a"} 1',
    ]);
  });
});

describe('a counter with bound series', () => {
  it('adds up what has come, each time that it is asked', async () => {
    const registry = new Registry();
    const counter = new BoundCounter({
      name: 'x_total',
      help: 'Help.',
      labelNames: ['kind'],
      registers: [registry],
    });
    const count = counter.bind({ kind: 'a' });
    expect(await linesOf(registry)).toEqual(['x_total{kind="a"} 0']);
    count.add();
    count.add(4);
    counter.bind({ kind: 'a' }).add();
    expect(await linesOf(registry)).toEqual(['x_total{kind="a"} 6']);
    count.add(0.5);
    expect(await linesOf(registry)).toEqual(['x_total{kind="a"} 6.5']);
  });
});
