/** The rules of helm/otedama/prometheus-adapter as the adapter follows them: which series there are, and what of each pod. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Prometheus, REPOSITORY } from '@otedama/test-harness';
import { parse } from 'yaml';

export interface Rule {
  readonly seriesQuery: string;
  readonly resources: { readonly overrides: Readonly<Record<string, { readonly resource: string }>> };
  readonly name: { readonly as: string };
  readonly metricsQuery: string;
}

export const adapterRules = (): readonly Rule[] => {
  const path = join(REPOSITORY, 'helm/otedama/prometheus-adapter/values.yaml');
  return (parse(readFileSync(path, 'utf8')) as { rules: { custom: Rule[] } }).rules.custom;
};

/** Name of the series of a rule, without its matchers. */
export const seriesOf = ({ seriesQuery }: Rule): string => /^[\w:]+/.exec(seriesQuery)?.[0] ?? '';

const labelOf = ({ resources }: Rule, resource: string): string => {
  const [label] = Object.entries(resources.overrides).find(([, one]) => one.resource === resource) ?? [];
  if (label === undefined) throw new Error(`the rule does not say which label is the ${resource}`);
  return label;
};

/** What an autoscaler is told that asks for the metric of these pods: https://github.com/kubernetes-sigs/prometheus-adapter, docs/config.md. */
export const askOfPods = async (
  prometheus: Prometheus,
  rule: Rule,
  namespace: string,
  pods: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  const pod = labelOf(rule, 'pod');
  const matchers = `${labelOf(rule, 'namespace')}="${namespace}",${pod}=~"${pods.join('|')}"`;
  const query = rule.metricsQuery
    .replaceAll('<<.Series>>', seriesOf(rule))
    .replaceAll('<<.LabelMatchers>>', matchers)
    .replaceAll('<<.GroupBy>>', pod);
  const answers = await prometheus.ask(query);
  return new Map(
    answers.map(({ labels, samples }) => [labels[pod] ?? '', samples.at(-1)?.[1] ?? Number.NaN]),
  );
};

/** Label sets that the adapter finds when it looks for what there is. */
export const discover = async (
  { url }: Prometheus,
  { seriesQuery }: Rule,
): Promise<readonly Readonly<Record<string, string>>[]> => {
  const reply = await fetch(`${url}/api/v1/series?${new URLSearchParams({ 'match[]': seriesQuery })}`);
  return ((await reply.json()) as { data: Record<string, string>[] }).data;
};
