/** The dashboards of the chart as they are on disk: what their panels and variables ask for. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';

export const DASHBOARD_FOLDER = 'helm/otedama/dashboards';

export interface Asked {
  readonly dashboard: string;
  readonly panel: string;
  readonly unit: string;
  readonly legend: string;
  readonly expression: string;
}

export const readDashboards = (root: string): Dashboard[] =>
  readdirSync(join(root, DASHBOARD_FOLDER))
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(root, DASHBOARD_FOLDER, name), 'utf8')) as Dashboard);

const panelsOf = ({ panels = [] }: Dashboard): Panel[] =>
  panels.flatMap((panel) => ('targets' in panel ? [panel as Panel] : []));

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

export const askedOf = (dashboard: Dashboard): Asked[] =>
  panelsOf(dashboard).flatMap(({ title = '', targets = [], fieldConfig }) =>
    (targets as unknown as Target[]).map(({ expr, legendFormat }) => ({
      dashboard: dashboard.title ?? '',
      panel: title,
      unit: fieldConfig?.defaults.unit ?? '',
      legend: legendFormat,
      expression: expr,
    })),
  );

/** `label_values(metric, label)` of its variables. */
export const choicesOf = (dashboard: Dashboard): { readonly metric: string; readonly label: string }[] =>
  (dashboard.templating?.list ?? []).flatMap(({ query }) => {
    const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(String(query)) ?? [];
    return metric === undefined || label === undefined ? [] : [{ metric, label }];
  });

/** With everything chosen, as a dashboard shows itself at first. */
export const withEverything = (expression: string): string => expression.replace(/\$[a-z]+\b/g, '.*');
