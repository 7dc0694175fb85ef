// What is made from the chart and for it: values.schema.json out of the program's own configuration, and the plain
// manifests of deploy/k8s as helm renders them. Says what is not as it would be made; `--write` makes it.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chartValuesSchema } from './chart-values.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const chart = join(root, 'helm/otedama');
const plain = join(root, 'deploy/k8s');
/** The oldest that the chart is for. */
const KUBE_VERSION = '1.30';
/** Written by hand. */
const OWN = new Set(['README.md', 'values.yaml']);

const valuesSchema = () => {
  const program = join(root, 'apps/cli/dist/otedama.cjs');
  const printed = execFileSync(process.execPath, ['--no-warnings', program, 'config', 'schema'], {
    encoding: 'utf8',
  });
  return `${JSON.stringify(chartValuesSchema(JSON.parse(printed)), undefined, 2)}\n`;
};

/** Subcharts are fetched by who uses them; helm renders nothing while one that is declared is missing. */
const withoutSubcharts = (folder) => {
  const copy = join(folder, 'otedama');
  cpSync(chart, copy, { recursive: true });
  rmSync(join(copy, 'charts'), { recursive: true, force: true });
  const manifest = readFileSync(join(copy, 'Chart.yaml'), 'utf8');
  writeFileSync(join(copy, 'Chart.yaml'), manifest.replace(/^dependencies:\n(?: .*\n)*/m, ''));
  return copy;
};

const HEAD = '# Rendered from helm/otedama by tools/chart.mjs; change the chart or values.yaml.\n';

/** File name -> text: one for each template, in the order in which they are applied. */
const manifests = () => {
  const scratch = mkdtempSync(join(tmpdir(), 'otedama-chart-'));
  try {
    const values = join(plain, 'values.yaml');
    const copy = withoutSubcharts(scratch);
    const options = ['--namespace', 'otedama', '--kube-version', KUBE_VERSION, '--values', values];
    const out = execFileSync(join(root, '.tools/bin/helm'), ['template', 'otedama', copy, ...options], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      env: { ...process.env, HELM_CONFIG_HOME: scratch, HELM_DATA_HOME: scratch },
    });
    const files = new Map();
    for (const object of out.split(/^---\n/m)) {
      const [, source] = /^# Source: (\S+)\n/.exec(object) ?? [];
      if (source === undefined) continue;
      const name = basename(source);
      files.set(name, `${files.get(name) ?? HEAD}---\n${object.replace(/^# Source: .*\n/, '').trimEnd()}\n`);
    }
    const names = [...files.keys()].sort();
    const resources = names.map((name) => `  - ${name}\n`).join('');
    const head = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: otedama\n';
    return files.set('kustomization.yaml', `${HEAD}${head}resources:\n${resources}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const expected = new Map([[join(chart, 'values.schema.json'), valuesSchema()]]);
const isWanted = process.argv.includes('--write');
const settle = (files) => {
  const wrong = [...files].filter(([file, text]) => read(file) !== text);
  if (!isWanted) return wrong.map(([file]) => file);
  for (const [file, text] of wrong) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return [];
};

// The schema first: helm judges the values by it.
const problems = settle(expected);
const rendered = new Map([...manifests()].map(([name, text]) => [join(plain, name), text]));
problems.push(...settle(rendered));
for (const name of readdirSync(plain)) {
  const file = join(plain, name);
  if (OWN.has(name) || rendered.has(file)) continue;
  if (isWanted) rmSync(file);
  else problems.push(file);
}
for (const file of problems)
  console.error(`${file} is not what is made of the chart; run: node tools/chart.mjs --write`);
console.log(`${expected.size + rendered.size} files, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
