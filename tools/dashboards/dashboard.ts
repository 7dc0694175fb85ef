/** A dashboard out of rows of panels, with the variables and links that all of ours have. */
import * as grafana from '@grafana/grafana-foundation-sdk/dashboard';
import { type Panel, SOURCE, buildPanel } from './panels.ts';

/** Asked of Prometheus; all are chosen at first. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** A metric that has the label. */
  readonly of: string;
  /** The label, where it is not called as the choice is. */
  readonly by?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly choices: readonly Choice[];
  readonly rows: readonly Row[];
}

/** Dashboards with this tag are in the menu of each other. */
const TAG = 'otedama';

const sourceVariable = (): grafana.DatasourceVariableBuilder =>
  new grafana.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus');

const choiceVariable = ({ name, label, of, by = name }: Choice): grafana.QueryVariableBuilder =>
  new grafana.QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    .query(`label_values(${of}, ${by})`)
    .refresh(grafana.VariableRefresh.OnTimeRangeChanged)
    .sort(grafana.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });

const alertsFiring = (): grafana.AnnotationQueryBuilder =>
  new grafana.AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(SOURCE)
    .enable(true)
    .iconColor('red')
    .expr('ALERTS{alertname=~"Otedama.*",alertstate="firing"}');

const menu = (): grafana.DashboardLinkBuilder =>
  new grafana.DashboardLinkBuilder('Otedama')
    .type(grafana.DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);

export const buildDashboard = ({ uid, title, description, choices, rows }: Dashboard): grafana.Dashboard => {
  const builder = new grafana.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .tooltip(grafana.DashboardCursorSync.Crosshair)
    .variables([sourceVariable(), ...choices.map(choiceVariable)])
    .annotation(alertsFiring())
    .link(menu());
  let id = 1;
  for (const row of rows) {
    builder.withRow(new grafana.RowBuilder(row.title).id(id++));
    for (const panel of row.panels) builder.withPanel(buildPanel(panel, id++));
  }
  return builder.build();
};
