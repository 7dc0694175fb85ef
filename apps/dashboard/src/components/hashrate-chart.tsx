import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { formatHashrate } from '../format/hashrate.ts';
import { formatClock } from '../format/time.ts';
import { Empty, Panel } from './panel.tsx';

const WINDOW_S = 3_600;
const HEIGHT = 232;

type Columns = [number[], number[]];

interface ChartProps {
  readonly columns: Columns;
  readonly nowS: number;
  readonly onCursor: (index: number | undefined) => void;
}

const cssColor = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function axisOf(overrides: uPlot.Axis): uPlot.Axis {
  return {
    stroke: cssColor('--text-muted'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: cssColor('--line'), width: 1 },
    ticks: { show: false },
    ...overrides,
  };
}

/** The last hour, also when the pool is younger than that. */
function optionsOf(width: number, now: () => number, onCursor: ChartProps['onCursor']): uPlot.Options {
  const accent = cssColor('--accent');
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    padding: [12, 12, 0, 0],
    scales: {
      x: { time: true, range: () => [now() - WINDOW_S, now()] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.15 : 1] },
    },
    axes: [
      axisOf({ size: 30, space: 70, values: (_, ticks) => ticks.map((tick) => formatClock(tick * 1_000)) }),
      axisOf({ size: 76, space: 44, values: (_, ticks) => ticks.map(formatHashrate) }),
    ],
    series: [
      {},
      {
        label: 'hash rate',
        stroke: accent,
        width: 2,
        fill: cssColor('--accent-soft'),
        points: { show: false },
      },
    ],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? undefined)] },
  };
}

/** Re-made when the colour scheme changes: a canvas does not follow style sheets. */
function useColorScheme(): boolean {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => setDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return isDark;
}

function Chart({ columns, nowS, onCursor }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const now = useRef(nowS);
  const isDark = useColorScheme();
  now.current = nowS;

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const made = new uPlot(
      optionsOf(element.clientWidth, () => now.current, onCursor),
      columns,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [isDark]);

  useEffect(() => plot.current?.setData(columns), [columns, nowS]);
  return <div class="chart" ref={host} data-testid="hashrate-chart" />;
}

interface HashrateChartProps {
  readonly columns: Columns;
  readonly nowMs: number;
}

export function HashrateChart({ columns, nowMs }: HashrateChartProps) {
  const [index, setIndex] = useState<number>();
  const [times, rates] = columns;
  const shown = index === undefined || times[index] === undefined ? undefined : index;
  const aside =
    shown === undefined
      ? 'last hour'
      : `${formatClock((times[shown] ?? 0) * 1_000)} · ${formatHashrate(rates[shown] ?? 0)}`;
  // The chart moves by the minute: its points are that wide.
  const nowS = Math.ceil(nowMs / 60_000) * 60;
  return (
    <Panel title="Pool hash rate" aside={<span data-testid="chart-readout">{aside}</span>}>
      {rates.some((rate) => rate > 0) ? (
        <Chart columns={columns} nowS={nowS} onCursor={setIndex} />
      ) : (
        <Empty title="No shares in the last hour">The chart begins with the first accepted share.</Empty>
      )}
    </Panel>
  );
}
