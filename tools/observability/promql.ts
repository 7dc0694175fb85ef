/**
 * What an expression asks for, by Prometheus' own grammar: which metrics, and which labels of them. A label that stands
 * in a grouping must be one of the metrics below it.
 */
import { parser } from '@prometheus-io/lezer-promql';

type Node = ReturnType<typeof parser.parse>['topNode'];

export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

export interface Grouping {
  readonly labels: readonly string[];
  /** Of the metrics that it groups or matches. */
  readonly metrics: readonly string[];
}

export interface Expression {
  readonly selectors: readonly Selector[];
  readonly groupings: readonly Grouping[];
  /** Those that the result may carry; `labelsOf` knows those of a metric. */
  resultLabels(labelsOf: (metric: string) => readonly string[]): readonly string[];
}

/** Grafana puts these in before Prometheus sees the expression. */
const WINDOWS = /\$__(?:rate_interval|interval|range)\b/g;

export const withoutVariables = (expression: string, window = '5m'): string =>
  expression.replaceAll(WINDOWS, window);

const children = (node: Node): Node[] => {
  const found: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
};

const descendants = (node: Node, name: string): Node[] =>
  children(node).flatMap((child) => [...(child.name === name ? [child] : []), ...descendants(child, name)]);

/** These give series as they are, not one for each group. */
const isRanking = (node: Node): boolean =>
  children(node).some((op) => children(op).some(({ name }) => name === 'Topk' || name === 'Bottomk'));

const MATCHERS = ['UnquotedLabelMatcher', 'QuotedLabelMatcher'];

export const readExpression = (expression: string): Expression => {
  const text = withoutVariables(expression);
  const of = (node: Node): string => text.slice(node.from, node.to);
  const top = parser.parse(text).topNode;
  const [fault] = descendants(top, '⚠');
  if (fault !== undefined) {
    throw new Error(`not PromQL at column ${fault.from + 1}: ${text.slice(fault.from, fault.from + 30)}`);
  }
  const selectorOf = (node: Node): Selector => {
    const [name] = descendants(node, 'Identifier');
    if (name === undefined) throw new Error(`a selector without a metric: ${of(node)}`);
    const matchers = MATCHERS.flatMap((kind) => descendants(node, kind));
    return { metric: of(name), labels: matchers.flatMap((one) => descendants(one, 'LabelName').map(of)) };
  };
  const metricsIn = (node: Node): string[] =>
    descendants(node, 'VectorSelector').map((one) => selectorOf(one).metric);
  const groupingsOf = (kind: string): Grouping[] =>
    descendants(top, kind).flatMap((node) =>
      children(node)
        .filter(({ name }) => name === 'AggregateModifier' || name === 'MatchingModifierClause')
        .map((clause) => ({ labels: descendants(clause, 'LabelName').map(of), metrics: metricsIn(node) })),
    );
  const resultLabels = (node: Node, labelsOf: (metric: string) => readonly string[]): readonly string[] => {
    if (node.name === 'VectorSelector') return labelsOf(selectorOf(node).metric);
    const inner = children(node).flatMap((child) => resultLabels(child, labelsOf));
    if (node.name !== 'AggregateExpr') return inner;
    const modifier = children(node).find(({ name }) => name === 'AggregateModifier');
    if (modifier === undefined) return isRanking(node) ? inner : [];
    const named = descendants(modifier, 'LabelName').map(of);
    return children(modifier).some(({ name }) => name === 'By')
      ? named
      : inner.filter((label) => !named.includes(label));
  };
  return {
    selectors: descendants(top, 'VectorSelector').map(selectorOf),
    groupings: [...groupingsOf('AggregateExpr'), ...groupingsOf('BinaryExpr')],
    resultLabels: (labelsOf) => [...new Set(resultLabels(top, labelsOf))],
  };
};
