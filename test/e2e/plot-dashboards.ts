/**
 * Draws what the dashboards show of a live fleet: `node test/e2e/plot-dashboards.ts [FOLDER] [SECONDS]` starts one under
 * a real Prometheus, lets it mine and pay, and writes a drawing of every dashboard.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Prometheus, REPOSITORY, type Span, pause, scratchDirectory } from '@otedama/test-harness';
import { type Asked, askedOf, readDashboards, withEverything } from '../../tools/observability/panels.ts';
import { withoutVariables } from '../../tools/observability/promql.ts';
import { MonitoredFleet } from './monitored-fleet.ts';
import { type Drawn, drawDashboard } from './panel-plots.ts';

const SCRAPE_SECONDS = 2;
const RATE_WINDOW = '30s';
const POINTS = 48;
const DEFAULT_SECONDS = 180;

/** `{{pool}} waiting` with the labels of a series. */
const nameOf = (legend: string, labels: Readonly<Record<string, string>>): string =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_all, label: string) => labels[label] ?? '');

const drawn = async (prometheus: Prometheus, asked: readonly Asked[], span: Span): Promise<Drawn[]> => {
  const panels = new Map<string, Omit<Drawn, 'title'>>();
  for (const { panel, unit, legend, expression } of asked) {
    const found = await prometheus.askOver(withoutVariables(withEverything(expression), RATE_WINDOW), span);
    const named = found.map(({ labels, samples }) => ({ name: nameOf(legend, labels), samples }));
    panels.set(panel, { unit, series: [...(panels.get(panel)?.series ?? []), ...named] });
  }
  return [...panels].map(([title, panel]) => ({ title, ...panel }));
};

const plot = async (folder: string, seconds: number): Promise<void> => {
  const scratch = scratchDirectory('plots');
  try {
    await using fleet = await MonitoredFleet.start({ dir: scratch.path, scrapeSeconds: SCRAPE_SECONDS });
    const startedAt = Date.now();
    await fleet.disturb();
    await fleet.mineAndPay();
    while (Date.now() - startedAt < seconds * 1000) {
      await fleet.disturb();
      await pause(SCRAPE_SECONDS * 1000);
    }
    const toSeconds = Date.now() / 1000;
    const span = { fromSeconds: toSeconds - seconds, toSeconds, stepSeconds: Math.ceil(seconds / POINTS) };
    mkdirSync(folder, { recursive: true });
    for (const dashboard of readDashboards(REPOSITORY)) {
      const { title = '', uid = '' } = dashboard;
      const panels = await drawn(fleet.prometheus, askedOf(dashboard), span);
      writeFileSync(join(folder, `${uid.replace('otedama-', '')}.svg`), drawDashboard(title, panels, span));
      const empty = panels.filter(({ series }) => series.length === 0).map((panel) => panel.title);
      console.log(`${title}: ${panels.length} panels, nothing in ${empty.length} (${empty.join(', ')})`);
    }
  } finally {
    scratch.remove();
  }
};

const [folder = join(REPOSITORY, 'docs/dashboards'), seconds = String(DEFAULT_SECONDS)] =
  process.argv.slice(2);
await plot(folder, Number(seconds));
