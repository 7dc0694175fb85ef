/**
 * Every metric that a panel or a rule may ask for, and its labels: ours by their declarations, those of Node and of the
 * exporters as they were recorded, and what the recording rules make of them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readExpression } from './promql.ts';
import type { Rule } from './rules.ts';

/** As tools/declared-metrics.mjs reads it from the sources. */
export interface Declared {
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly string[];
}

interface Recorded {
  readonly metrics: Readonly<Record<string, readonly string[]>>;
}

export type Catalogue = ReadonlyMap<string, readonly string[]>;

/** Put on by who scrapes. */
const TARGET = ['job', 'instance'];

const seriesOf = ({ name, kind, labels }: Declared): [string, string[]][] => {
  const all = [...labels, 'service', ...TARGET];
  if (kind !== 'histogram') return [[name, all]];
  return [
    [`${name}_bucket`, [...all, 'le']],
    [`${name}_sum`, all],
    [`${name}_count`, all],
  ];
};

const BUILT_IN: readonly [string, readonly string[]][] = [
  ['up', TARGET],
  ['ALERTS', ['alertname', 'alertstate', 'severity', 'area']],
];

const recordedSeries = (root: string): [string, string[]][] => {
  const exporters = JSON.parse(readFileSync(join(root, 'test/vectors/exporters.json'), 'utf8')) as Record<
    string,
    Recorded
  >;
  return Object.values(exporters).flatMap(({ metrics }) =>
    Object.entries(metrics).map(([name, labels]): [string, string[]] => [name, [...labels, ...TARGET]]),
  );
};

export const createCatalogue = (
  root: string,
  declared: readonly Declared[],
  rules: readonly Rule[],
): Catalogue => {
  const catalogue = new Map<string, readonly string[]>([
    ...declared.flatMap(seriesOf),
    ...recordedSeries(root),
    ...BUILT_IN,
  ]);
  // In the order of the files: a rule may ask for what an earlier one has recorded.
  for (const { record, expr } of rules) {
    if (record === undefined) continue;
    const labels = readExpression(expr).resultLabels((metric) => catalogue.get(metric) ?? []);
    catalogue.set(
      record,
      labels.filter((label) => label !== 'le'),
    );
  }
  return catalogue;
};

/** What is wrong with an expression: no PromQL, or it asks for what does not exist. */
export const faultsOf = (expression: string, catalogue: Catalogue): string[] => {
  let read: ReturnType<typeof readExpression>;
  try {
    read = readExpression(expression);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const faults: string[] = [];
  for (const { metric, labels } of read.selectors) {
    const known = catalogue.get(metric);
    if (known === undefined) faults.push(`there is no metric ${metric}`);
    for (const label of labels) {
      if (known?.includes(label) === false) faults.push(`${metric} has no label ${label}`);
    }
  }
  for (const { labels, metrics } of read.groupings) {
    const known = new Set(metrics.flatMap((metric) => catalogue.get(metric) ?? []));
    for (const label of labels) {
      if (!known.has(label)) faults.push(`groups by ${label}, which ${metrics.join(', ')} does not have`);
    }
  }
  return faults;
};
