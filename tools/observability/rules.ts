/** The rule files of the chart and their tests. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const RULES = 'helm/otedama/rules';
export const RULE_TESTS = 'test/deploy/rules';

export interface Rule {
  readonly file: string;
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Omit<Rule, 'file'>[] }[];
}

interface TestFile {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts?: readonly unknown[];
    }[];
    readonly promql_expr_test?: readonly {
      readonly expr: string;
      readonly exp_samples?: readonly unknown[];
    }[];
  }[];
}

const filesOf = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder)).filter((name) => name.endsWith('.yaml'));

/** What the others ask for comes first. */
const inOrder = (names: readonly string[]): string[] => [
  'recording.yaml',
  ...names.filter((name) => name !== 'recording.yaml'),
];

export const readRules = (root: string): Rule[] =>
  inOrder(filesOf(root, RULES)).flatMap((file) => {
    const { groups } = parse(readFileSync(join(root, RULES, file), 'utf8')) as RuleFile;
    return groups.flatMap(({ rules }) => rules.map((rule) => ({ file, ...rule })));
  });

export interface TestedAlerts {
  /** Shown to speak. */
  readonly firing: ReadonlySet<string>;
  /** Shown to keep quiet. */
  readonly quiet: ReadonlySet<string>;
}

const testsOf = (root: string): TestFile['tests'] =>
  filesOf(root, RULE_TESTS).flatMap(
    (file) => (parse(readFileSync(join(root, RULE_TESTS, file), 'utf8')) as TestFile).tests,
  );

export const readTestedAlerts = (root: string): TestedAlerts => {
  const cases = testsOf(root).flatMap(({ alert_rule_test: one = [] }) => one);
  const named = (speaks: boolean): Set<string> =>
    new Set(
      cases
        .filter(({ exp_alerts: expected = [] }) => expected.length > 0 === speaks)
        .map(({ alertname }) => alertname),
    );
  return { firing: named(true), quiet: named(false) };
};

/** Expressions that were shown to find something. */
export const readTestedExpressions = (root: string): ReadonlySet<string> =>
  new Set(
    testsOf(root)
      .flatMap(({ promql_expr_test: one = [] }) => one)
      .filter(({ exp_samples: expected = [] }) => expected.length > 0)
      .map(({ expr }) => expr),
  );
