/**
 * Renews the tables and pictures of docs/autoscaling.md from the chart as it is; test/deploy/autoscaling.test.ts sees that
 * they are right.
 *
 *   node test/deploy/autoscaling.ts
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '@otedama/test-harness';
import { chartOf, createReport } from './autoscaler/simulation/report.ts';
import { Chart, valueSets } from './chart/helm.ts';
import { newestKubernetes } from './chart/kubernetes.ts';

export const DOCUMENT = join(REPOSITORY, 'docs/autoscaling.md');
export const PICTURES = join(REPOSITORY, 'docs/autoscaling');

/** The values that pools with a hundred thousand miners start from. */
export const productionObjects = () => {
  using chart = new Chart();
  const values = valueSets().find(({ name }) => name === 'production');
  if (values === undefined) throw new Error('the chart has no production values');
  return chart.render({ values, kubeVersion: newestKubernetes() });
};

const between = (name: string): RegExp => new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- end -->)`);

export const withTables = (document: string, tables: Readonly<Record<string, string>>): string =>
  Object.entries(tables).reduce(
    (text, [name, table]) => text.replace(between(name), (_, begin, end) => `${begin}\n${table}\n${end}`),
    document,
  );

if (import.meta.main) {
  const { pictures, tables } = createReport(chartOf(productionObjects()));
  mkdirSync(PICTURES, { recursive: true });
  for (const [name, picture] of pictures) writeFileSync(join(PICTURES, name), picture);
  writeFileSync(DOCUMENT, withTables(readFileSync(DOCUMENT, 'utf8'), tables));
}
