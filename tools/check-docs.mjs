// Documents that must agree with the code: the configuration reference is what the program prints, the metrics are those
// that the sources declare, every relative link of every document leads somewhere, and the tests that docs/protocols and
// docs/security.md name exist. `--write` renews the references.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { metricsPage } from './metrics-page.mjs';
import { checkNamedTests } from './named-tests.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const reference = join(root, 'docs/configuration.md');
const problems = [];

const printed = execFileSync(
  process.execPath,
  ['--no-warnings', join(root, 'apps/cli/dist/otedama.cjs'), 'config', 'reference'],
  { encoding: 'utf8' },
);
if (process.argv.includes('--write')) writeFileSync(reference, printed);
if (readFileSync(reference, 'utf8') !== printed) {
  problems.push(
    'docs/configuration.md is not what the program prints; run: node tools/check-docs.mjs --write',
  );
}

const metrics = join(root, 'docs/metrics.md');
const page = metricsPage(root, readFileSync(metrics, 'utf8'));
problems.push(...page.problems);
if (process.argv.includes('--write')) writeFileSync(metrics, page.text);
if (readFileSync(metrics, 'utf8') !== page.text) {
  problems.push('docs/metrics.md is not what the sources declare; run: node tools/check-docs.mjs --write');
}

const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((name) => name !== '' && existsSync(join(root, name)));
for (const name of documents) {
  for (const [, target] of readFileSync(join(root, name), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    if (!existsSync(resolve(root, dirname(name), target))) problems.push(`${name}: ${target} does not exist`);
  }
}

let named = 0;
for (const name of documents) {
  if (!name.startsWith('docs/protocols/') && name !== 'docs/security.md') continue;
  const { rows, problems: found } = checkNamedTests(root, readFileSync(join(root, name), 'utf8'));
  if (rows === 0) problems.push(`${name}: no row names a test`);
  named += rows;
  problems.push(...found.map((problem) => `${name}: ${problem}`));
}

for (const problem of problems) console.error(problem);
console.log(`${documents.length} documents, ${named} rows that name tests, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
