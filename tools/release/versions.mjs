// The version is that of package.json at the root. Everything else that has to name one is in this list.
//   node tools/release/versions.mjs            fails where one differs
//   node tools/release/versions.mjs --set X.Y.Z
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const SEMVER = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

const MANIFEST = /^( {2}"version": ")([^"]*)(",?)$/gm;
const IMAGE = /(\$\{OTEDAMA_VERSION:-)([^}]*)(\})/g;
const manifests = execFileSync('git', ['ls-files', '*package.json'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '');

/** File and the expressions that find a version in it: what is before it, itself, what is after it. */
const PLACES = [
  ...manifests.map((file) => [file, [MANIFEST]]),
  ['native/Cargo.toml', [/(\[workspace\.package\]\nversion = ")([^"]*)(")/g]],
  ['helm/otedama/Chart.yaml', [/^(version: )(\S+)($)/gm, /^(appVersion: )(\S+)($)/gm]],
  ['docker/compose.yaml', [IMAGE]],
  ['docker/compose.production.yaml', [IMAGE]],
  ['docker/prepare.sh', [IMAGE]],
];

const read = (file) => readFileSync(join(root, file), 'utf8');

const { values } = parseArgs({ options: { set: { type: 'string' } } });
if (values.set !== undefined) {
  if (!SEMVER.test(values.set)) throw new Error(`${values.set} is no version such as 1.2.3 or 1.2.3-rc.1`);
  for (const [file, expressions] of PLACES) {
    const text = expressions.reduce((before, one) => before.replace(one, `$1${values.set}$3`), read(file));
    writeFileSync(join(root, file), text);
  }
  // The lock file names the crates of the workspace as well.
  execFileSync('cargo', [
    'update',
    '--workspace',
    '--offline',
    '--manifest-path',
    join(root, 'native/Cargo.toml'),
  ]);
}

const versionsIn = (file, expression) => [...read(file).matchAll(expression)].map(([, , found]) => found);
const [version] = versionsIn('package.json', MANIFEST);
const others = PLACES.flatMap(([file, expressions]) =>
  expressions
    .map((one) => [file, versionsIn(file, one)])
    .filter(([, found]) => found.length === 0 || found.some((each) => each !== version)),
);
for (const [file, found] of others) {
  console.error(`${file}: ${found.join(', ') || 'no version'}, not ${version}`);
}
console.log(`${PLACES.length} files, version ${version}, ${others.length} differ`);
process.exit(others.length > 0 ? 1 : 0);
