/**
 * How our panels look, whatever they show: one place for sizes, legends, thresholds and links. A dashboard says what is
 * asked and in which unit; Grafana's own builders make valid JSON of it.
 */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as grafana from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StatesPanel } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as LinesPanel } from '@grafana/grafana-foundation-sdk/timeseries';

export const RUNBOOKS = 'https://github.com/otedama/otedama/blob/main/docs/runbooks';

export const SOURCE: grafana.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** Orange from the first on, red from the second on; falling where less is worse. */
export interface Limits {
  readonly orange?: number;
  readonly red: number;
  readonly isFalling?: boolean;
}

export interface Series {
  readonly ask: string;
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it tells, and when to worry. */
  readonly tells: string;
  readonly unit: string;
  readonly series: readonly Series[];
  /** `lines` unless said otherwise. */
  readonly as?: 'lines' | 'stacked' | 'stat' | 'states';
  readonly limits?: Limits;
  /** Words for values. */
  readonly words?: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
  /** Alerts that watch the same; the panel leads to their runbooks. */
  readonly alerts?: readonly string[];
  readonly decimals?: number;
  /** Of 24 columns. */
  readonly width?: number;
}

export const UP_OR_DOWN: NonNullable<Panel['words']> = {
  '0': { text: 'down', color: 'red' },
  '0.5': { text: 'degraded', color: 'orange' },
  '1': { text: 'up', color: 'green' },
};

export const YES_OR_NO: NonNullable<Panel['words']> = {
  '0': { text: 'no', color: 'red' },
  '1': { text: 'yes', color: 'green' },
};

const STAT = { width: 4, height: 4 };
const GRAPH = { width: 8, height: 8 };

const stepsOf = ({ orange, red, isFalling = false }: Limits): grafana.Threshold[] => {
  const limit = (value: number | undefined, color: string): grafana.Threshold[] =>
    value === undefined ? [] : [{ value, color }];
  return isFalling
    ? [
        { value: null, color: 'red' },
        ...limit(red, orange === undefined ? 'green' : 'orange'),
        ...limit(orange, 'green'),
      ]
    : [{ value: null, color: 'green' }, ...limit(orange, 'orange'), ...limit(red, 'red')];
};

const thresholds = (limits: Limits | undefined): grafana.ThresholdsConfigBuilder =>
  new grafana.ThresholdsConfigBuilder()
    .mode(grafana.ThresholdsMode.Absolute)
    .steps(limits === undefined ? [{ value: null, color: 'green' }] : stepsOf(limits));

const targets = ({ series, as }: Panel): DataqueryBuilder[] =>
  series.map(({ ask, legend }, index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .datasource(SOURCE)
      .expr(ask)
      .legendFormat(legend);
    return as === 'stat' ? query.instant() : query.range();
  });

const mappings = ({ words = {} }: Panel): grafana.ValueMapping[] =>
  Object.keys(words).length === 0 ? [] : [{ type: grafana.MappingType.ValueToText, options: { ...words } }];

const links = ({ alerts = [] }: Panel): grafana.DashboardLinkBuilder[] =>
  alerts.map((alert) =>
    new grafana.DashboardLinkBuilder(`Runbook: ${alert}`)
      .type(grafana.DashboardLinkType.Link)
      .url(`${RUNBOOKS}/${alert}.md`)
      .targetBlank(true),
  );

const legend = (): common.VizLegendOptionsBuilder =>
  new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.Table)
    .placement(common.LegendPlacement.Bottom)
    .calcs(['lastNotNull', 'max']);

const tooltip = (): common.VizTooltipOptionsBuilder =>
  new common.VizTooltipOptionsBuilder()
    .mode(common.TooltipDisplayMode.Multi)
    .sort(common.SortOrder.Descending);

const dress = <T extends StatPanel | LinesPanel | StatesPanel>(
  builder: T,
  panel: Panel,
  id: number,
  size: { width: number; height: number },
): T => {
  builder
    .id(id)
    .title(panel.title)
    .description(panel.tells)
    .datasource(SOURCE)
    .targets(targets(panel))
    .unit(panel.unit)
    .mappings(mappings(panel))
    .thresholds(thresholds(panel.limits))
    .links(links(panel))
    .span(panel.width ?? size.width)
    .height(size.height);
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  return builder;
};

const stat = (panel: Panel, id: number): Builder<grafana.Panel> =>
  dress(new StatPanel(), panel, id, STAT)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorScheme(new grafana.FieldColorBuilder().mode(grafana.FieldColorModeId.Thresholds));

const states = (panel: Panel, id: number): Builder<grafana.Panel> =>
  dress(new StatesPanel(), panel, id, GRAPH)
    .legend(new common.VizLegendOptionsBuilder().showLegend(false))
    .tooltip(tooltip())
    .mergeValues(true)
    .colorScheme(new grafana.FieldColorBuilder().mode(grafana.FieldColorModeId.Thresholds));

const lines = (panel: Panel, id: number): Builder<grafana.Panel> => {
  const isStacked = panel.as === 'stacked';
  const builder = dress(new LinesPanel(), panel, id, GRAPH)
    .legend(legend())
    .tooltip(tooltip())
    .drawStyle(common.GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(isStacked ? 40 : 8)
    .showPoints(common.VisibilityMode.Never)
    .axisSoftMin(0)
    .colorScheme(new grafana.FieldColorBuilder().mode(grafana.FieldColorModeId.PaletteClassic));
  if (isStacked) builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (panel.limits !== undefined) {
    const style = new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed);
    builder.thresholdsStyle(style);
  }
  return builder;
};

export const buildPanel = (panel: Panel, id: number): Builder<grafana.Panel> => {
  switch (panel.as) {
    case 'stat':
      return stat(panel, id);
    case 'states':
      return states(panel, id);
    default:
      return lines(panel, id);
  }
};
