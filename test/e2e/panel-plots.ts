/** Panels as small drawings, many on one page: what a dashboard shows, for those who have no Grafana at hand. */
import type { Sampled } from '@otedama/test-harness';

export interface Drawn {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly { readonly name: string; readonly samples: Sampled['samples'] }[];
}

const COLUMNS = 4;
const CELL = { width: 320, height: 196 };
const PLOT = { left: 12, top: 40, width: 296, height: 92 };
const HEAD = 44;
/** More would be told apart by nobody. */
const MAX_SERIES = 6;
const LEGEND_CHARS = 30;
const COLORS = ['#2f7ed8', '#e8743b', '#19a979', '#945ecf', '#c0a100', '#6c8893'];

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const scaled = (value: number, base: number, prefixes: readonly string[]): string => {
  let [rest, at] = [value, 0];
  while (Math.abs(rest) >= base && at < prefixes.length - 1) {
    rest /= base;
    at += 1;
  }
  return `${Number(rest.toPrecision(3))} ${prefixes[at] ?? ''}`.trimEnd();
};

/** As Grafana would write it, shortly. */
export const inUnit = (value: number, unit: string): string => {
  if (!Number.isFinite(value)) return String(value);
  switch (unit) {
    case 's':
      return Math.abs(value) < 1
        ? `${Number((value * 1e3).toPrecision(3))} ms`
        : `${Number(value.toPrecision(4))} s`;
    case 'bytes':
      return `${scaled(value, 1024, ['', 'Ki', 'Mi', 'Gi', 'Ti'])}B`;
    case 'binBps':
      return `${scaled(value, 1024, ['', 'Ki', 'Mi', 'Gi'])}B/s`;
    case 'percentunit':
      return `${Number((value * 100).toPrecision(3))} %`;
    case 'Hs':
      return `${scaled(value, 1000, ['', 'k', 'M', 'G', 'T'])}H/s`;
    case 'reqps':
      return `${scaled(value, 1000, ['', 'k', 'M'])}/s`;
    default:
      return scaled(value, 1000, ['', 'k', 'M', 'G', 'T']);
  }
};

const drawSeries = (
  samples: Sampled['samples'],
  from: number,
  to: number,
  top: number,
  color: string,
): string => {
  const points = samples
    .filter(([, value]) => Number.isFinite(value))
    .map(([at, value]) => {
      const x = PLOT.left + ((at - from) / (to - from)) * PLOT.width;
      const y = PLOT.top + PLOT.height * (1 - value / top);
      return `${x.toFixed(0)},${y.toFixed(1)}`;
    });
  return `<polyline fill="none" stroke="${color}" stroke-width="1.3" points="${points.join(' ')}"/>`;
};

const drawPanel = ({ title, unit, series }: Drawn, from: number, to: number): string => {
  const values = series.flatMap(({ samples }) => samples.map(([, value]) => value)).filter(Number.isFinite);
  const highest = Math.max(0, ...values);
  const top = highest === 0 ? 1 : highest * 1.05;
  const shown = series.slice(0, MAX_SERIES);
  const lines = shown.map(({ samples }, index) => drawSeries(samples, from, to, top, COLORS[index] ?? ''));
  const legend = shown.map(({ name, samples }, index) => {
    const last = samples.at(-1)?.[1];
    const figure = last === undefined ? '' : ` ${inUnit(last, unit)}`;
    const text = name.slice(0, LEGEND_CHARS - figure.length) + figure;
    const [x, y] = [PLOT.left + (index % 2) * 150, PLOT.top + PLOT.height + 14 + Math.floor(index / 2) * 12];
    return `<text x="${x}" y="${y}" style="fill:${COLORS[index]}">${escaped(text)}</text>`;
  });
  const more = series.length - shown.length;
  const note = values.length === 0 ? 'nothing in this fleet' : `to ${inUnit(highest, unit)}`;
  return `<rect x="4" y="4" width="${CELL.width - 8}" height="${CELL.height - 8}" class="cell"/>
<text x="12" y="22" class="title">${escaped(title)}</text>
<text x="${CELL.width - 12}" y="36" text-anchor="end">${escaped(note)}${more > 0 ? `, ${more} more series` : ''}</text>
<line x1="${PLOT.left}" x2="${PLOT.left + PLOT.width}" y1="${PLOT.top + PLOT.height}" y2="${PLOT.top + PLOT.height}" stroke="#bbb"/>
${lines.join('\n')}
${legend.join('\n')}`;
};

export const drawDashboard = (
  title: string,
  panels: readonly Drawn[],
  { fromSeconds, toSeconds }: { readonly fromSeconds: number; readonly toSeconds: number },
): string => {
  const rows = Math.ceil(panels.length / COLUMNS);
  const [width, height] = [COLUMNS * CELL.width, HEAD + rows * CELL.height];
  const cells = panels.map((panel, index) => {
    const [x, y] = [(index % COLUMNS) * CELL.width, HEAD + Math.floor(index / COLUMNS) * CELL.height];
    return `<g transform="translate(${x} ${y})">\n${drawPanel(panel, fromSeconds, toSeconds)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="9">
<style>text { fill: #555 } .title { font-size: 12px; font-weight: bold; fill: #222 } .cell { fill: #fff; stroke: #ddd }</style>
<rect width="${width}" height="${height}" fill="#f6f6f6"/>
<text x="12" y="28" font-size="18" font-weight="bold">${escaped(title)}</text>
${cells.join('\n')}
</svg>
`;
};
