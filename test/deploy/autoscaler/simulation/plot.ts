/** Curves over time as a picture that a page shows: panels one below the other, one axis of time for all. */
export interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
  /** Drawn as steps: replicas change at once. */
  readonly isStepped?: boolean;
}

export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** A line across, such as what is the most that a process takes. */
  readonly limit?: { readonly name: string; readonly value: number };
}

const WIDTH = 900;
const LEFT = 62;
const RIGHT = 170;
const TOP = 26;
const HEIGHT = 130;
const GAP = 34;
/** Points of a curve: more than a screen has pixels would only make the file large. */
const MAX_POINTS = 300;

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const short = (value: number): string =>
  value >= 1_000 ? `${Number((value / 1_000).toPrecision(3))}k` : String(Number(value.toPrecision(3)));

/** A round number at or above. */
const roundUp = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
};

/** The highest of each stretch: a peak is what these pictures are for. */
const thin = (values: readonly number[]): number[] => {
  const size = Math.max(1, Math.ceil(values.length / MAX_POINTS));
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    Math.max(...values.slice(index * size, (index + 1) * size)),
  );
};

const pathOf = ({ values, isStepped }: Curve, y: (value: number) => string): string => {
  const points = thin(values);
  const x = (index: number): string => (LEFT + (WIDTH * index) / Math.max(1, points.length - 1)).toFixed(1);
  return points
    .map((value, index) => {
      if (index === 0) return `M${x(0)} ${y(value)}`;
      return isStepped === true ? `H${x(index)}V${y(value)}` : `L${x(index)} ${y(value)}`;
    })
    .join('');
};

const drawPanel = ({ title, curves, limit }: Panel, top: number): string => {
  const most = roundUp(Math.max(limit?.value ?? 0, ...curves.flatMap(({ values }) => values)));
  const y = (value: number): string => (top + HEIGHT * (1 - value / most)).toFixed(1);
  const grid = [0, 0.5, 1].map((part) => {
    const at = y(part * most);
    return (
      `<line x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${at}" y2="${at}" stroke="#ddd"/>` +
      `<text x="${LEFT - 6}" y="${Number(at) + 4}" text-anchor="end">${short(part * most)}</text>`
    );
  });
  const line =
    limit === undefined
      ? ''
      : `<line x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${y(limit.value)}" y2="${y(limit.value)}" stroke="#c00" ` +
        `stroke-dasharray="5 4"/><text x="${LEFT + WIDTH + 6}" y="${Number(y(limit.value)) + 4}" fill="#c00">` +
        `${escape(limit.name)}</text>`;
  const drawn = curves.map(
    (curve, index) =>
      `<path d="${pathOf(curve, y)}" fill="none" stroke="${curve.colour}" stroke-width="1.6"/>` +
      `<text x="${LEFT + WIDTH + 6}" y="${top + HEIGHT - 12 * (curves.length - 1 - index)}" ` +
      `fill="${curve.colour}">${escape(curve.name)}</text>`,
  );
  return `<text x="${LEFT}" y="${top - 8}" font-weight="bold">${escape(title)}</text>${grid.join('')}${line}${drawn.join('')}`;
};

export const draw = (title: string, seconds: number, panels: readonly Panel[]): string => {
  const height = TOP + panels.length * (HEIGHT + GAP) + 12;
  const total = WIDTH + LEFT + RIGHT;
  const bottom = height - 10;
  const unit = seconds > 7_200 ? { name: 'h', seconds: 3_600 } : { name: 'min', seconds: 60 };
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const text = `${Number(((part * seconds) / unit.seconds).toFixed(1))} ${unit.name}`;
    return `<text x="${LEFT + part * WIDTH}" y="${bottom}" text-anchor="middle">${text}</text>`;
  });
  const drawn = panels.map((panel, index) => drawPanel(panel, TOP + 22 + index * (HEIGHT + GAP)));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total} ${height + 10}" font-family="sans-serif" font-size="11">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n<text x="${LEFT}" y="16" font-size="14">${escape(title)}</text>\n` +
    `${drawn.join('\n')}\n${ticks.join('')}\n</svg>\n`
  );
};
