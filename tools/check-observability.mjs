// Metrics, dashboards, rules, runbooks and the tests of the rules hang together: no metric that nobody looks at, no
// panel or rule that asks for what does not exist, no alert without a runbook and a test that it speaks and keeps quiet.
// `--write` renews the dashboards of the chart from tools/dashboards.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DASHBOARDS, fileOf, jsonOf } from './dashboards/index.ts';
import { RUNBOOKS } from './dashboards/panels.ts';
import { declaredMetrics } from './declared-metrics.mjs';
import { createCatalogue, faultsOf } from './observability/catalogue.ts';
import { DASHBOARD_FOLDER, askedOf, choicesOf, readDashboards } from './observability/panels.ts';
import { readExpression } from './observability/promql.ts';
import { readRules, readTestedAlerts } from './observability/rules.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const runbookFolder = join(root, 'docs/runbooks');
const { metrics, problems } = declaredMetrics(root);
const rules = readRules(root);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const catalogue = createCatalogue(root, metrics, rules);

const checkFiles = () => {
  const folder = join(root, DASHBOARD_FOLDER);
  const wanted = new Map(DASHBOARDS.map((dashboard) => [fileOf(dashboard), jsonOf(dashboard)]));
  for (const [name, text] of wanted) {
    const file = join(folder, name);
    if (process.argv.includes('--write')) writeFileSync(file, text);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      problems.push(
        `${name} is not what tools/dashboards makes; run: node tools/check-observability.mjs --write`,
      );
    }
  }
  for (const name of readdirSync(folder).filter((one) => !wanted.has(one))) {
    problems.push(`${name}: no dashboard of tools/dashboards`);
  }
};

const checkPanels = (asked, choices) => {
  for (const { dashboard, panel, legend, expression } of asked) {
    const where = `${dashboard}, ${panel}`;
    const faults = faultsOf(expression, catalogue);
    problems.push(...faults.map((fault) => `${where}: ${fault}`));
    if (faults.length > 0) continue;
    const labels = readExpression(expression).resultLabels((metric) => catalogue.get(metric) ?? []);
    for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g)) {
      if (!labels.includes(label)) problems.push(`${where}: the legend names ${label}, which is not there`);
    }
  }
  for (const { metric, label } of choices) {
    if (!catalogue.get(metric)?.includes(label)) problems.push(`a variable asks for ${label} of ${metric}`);
  }
};

const checkRules = () => {
  for (const { file, alert, record, expr, labels = {}, annotations = {} } of rules) {
    const where = `${file}, ${alert ?? record}`;
    const faults = faultsOf(expr, catalogue);
    problems.push(...faults.map((fault) => `${where}: ${fault}`));
    if (alert === undefined || faults.length > 0) continue;
    if (!['critical', 'warning'].includes(labels.severity)) problems.push(`${where}: no severity of ours`);
    if (annotations.runbook_url !== `${RUNBOOKS}/${alert}.md`) problems.push(`${where}: not its runbook`);
    const known = readExpression(expr).resultLabels((metric) => catalogue.get(metric) ?? []);
    for (const text of [annotations.summary, annotations.description]) {
      if (text === undefined) problems.push(`${where}: it needs a summary and a description`);
      for (const [, label] of (text ?? '').matchAll(/\$labels\.(\w+)/g)) {
        if (!known.includes(label)) problems.push(`${where}: it names ${label}, which is not there`);
      }
    }
  }
};

const checkRunbooks = (asked) => {
  const titles = new Set(asked.map(({ panel }) => panel));
  const names = new Set(alerts.map(({ alert }) => alert));
  const index = readFileSync(join(runbookFolder, 'README.md'), 'utf8');
  const { firing, quiet } = readTestedAlerts(root);
  for (const name of names) {
    if (!existsSync(join(runbookFolder, `${name}.md`))) problems.push(`${name} has no runbook`);
    if (!index.includes(`[${name}](${name}.md)`))
      problems.push(`docs/runbooks/README.md does not list ${name}`);
    if (!firing.has(name)) problems.push(`${name}: no test shows that it speaks`);
  }
  for (const name of [...firing, ...quiet].filter((one) => !names.has(one)))
    problems.push(`${name}: no such alert`);
  for (const file of readdirSync(runbookFolder).filter((one) => one !== 'README.md')) {
    if (!names.has(file.replace('.md', ''))) problems.push(`docs/runbooks/${file}: no such alert`);
    const text = readFileSync(join(runbookFolder, file), 'utf8');
    for (const [, title] of text.matchAll(/[^*]\*([A-Z][^*\n]+)\*[^*]/g)) {
      if (!title.startsWith('Otedama /') && !titles.has(title)) problems.push(`${file}: no panel ${title}`);
    }
  }
  for (const dashboard of DASHBOARDS) {
    const named = dashboard.rows.flatMap(({ panels }) => panels.flatMap((panel) => panel.alerts ?? []));
    for (const name of named.filter((one) => !names.has(one)))
      problems.push(`${dashboard.title}: no alert ${name}`);
  }
};

const checkUse = (asked) => {
  const expressions = [...asked.map(({ expression }) => expression), ...rules.map(({ expr }) => expr)];
  const used = new Set(
    expressions.flatMap((one) => readExpression(one).selectors.map(({ metric }) => metric)),
  );
  for (const { name, kind } of metrics) {
    const names = kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    if (!names.some((one) => used.has(one))) problems.push(`${name}: no panel and no rule asks for it`);
  }
  for (const { record } of rules) {
    if (record !== undefined && !used.has(record))
      problems.push(`${record}: recorded and asked for by nobody`);
  }
};

checkFiles();
const dashboards = readDashboards(root);
const asked = dashboards.flatMap(askedOf);
checkPanels(asked, dashboards.flatMap(choicesOf));
checkRules();
checkRunbooks(asked);
if (problems.length === 0) checkUse(asked);

for (const problem of problems) console.error(problem);
console.log(
  `${metrics.length} metrics, ${asked.length} questions of ${dashboards.length} dashboards, ${alerts.length} alerts, ` +
    `${problems.length} problems`,
);
process.exit(problems.length > 0 ? 1 : 0);
