// The dependency direction app -> adapter -> domain -> protocol -> primitive, from the `nx.tags` of every
// package: no arrow to the left, apps never import apps (apps/cli alone composes them), nothing but tests
// imports type:testing, every workspace import is declared, and no cycle runs through packages.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const LAYERS = ['type:primitive', 'type:protocol', 'type:domain', 'type:adapter', 'type:app'];
const COMPOSER = '@otedama/app-cli';

const packages = new Map();
for (const folder of ['apps', 'libs', 'test']) {
  for (const name of readdirSync(join(root, folder))) {
    const dir = join(root, folder, name);
    try {
      const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
      packages.set(manifest.name, {
        ...manifest,
        dir,
        tag: manifest.nx?.tags?.find((t) => t.startsWith('type:')),
      });
    } catch (error) {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    }
  }
}
const native = JSON.parse(readFileSync(join(root, 'native/package.json'), 'utf8'));
packages.set(native.name, { ...native, dir: join(root, 'native'), tag: 'type:primitive' });

/** Not through the links of node_modules: each package is there as often as there are ways to it. */
const SKIPPED = new Set(['node_modules', 'dist', 'target']);
const sources = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sources(path);
    return entry.isFile() && /\.tsx?$/.test(entry.name) ? [path] : [];
  });

const problems = [];
const edges = new Map();
for (const [name, pkg] of packages) {
  if (name === native.name) continue;
  const declared = { ...pkg.dependencies, ...pkg.devDependencies, ...pkg.optionalDependencies };
  edges.set(name, new Set());
  for (const file of sources(pkg.dir)) {
    const isTest = file.endsWith('.test.ts') || pkg.tag === 'type:testing' || file.includes('/bench/');
    for (const [statement, target] of readFileSync(file, 'utf8').matchAll(
      /(?:from|import\()\s*'(@otedama\/[a-z0-9-]+)/g,
    )) {
      void statement;
      const to = packages.get(target);
      const where = file.slice(root.length + 1);
      if (to === undefined) problems.push(`${where}: ${target} is not a package of this repository`);
      else if (target !== name) {
        if (declared[target] === undefined && !isTest)
          problems.push(`${where}: ${target} is not declared in package.json`);
        if (isTest) continue;
        edges.get(name).add(target);
        if (to.tag === 'type:testing') problems.push(`${where}: only tests may import ${target}`);
        else if (LAYERS.indexOf(to.tag) > LAYERS.indexOf(pkg.tag))
          problems.push(`${where}: ${pkg.tag} must not import ${to.tag} (${target})`);
        else if (to.tag === 'type:app' && name !== COMPOSER)
          problems.push(`${where}: apps do not import apps (${target})`);
      }
    }
  }
}

const state = new Map();
const visit = (name, path) => {
  if (state.get(name) === 'done') return;
  if (state.get(name) === 'open') {
    problems.push(`cycle: ${[...path.slice(path.indexOf(name)), name].join(' -> ')}`);
    return;
  }
  state.set(name, 'open');
  for (const next of edges.get(name) ?? []) visit(next, [...path, name]);
  state.set(name, 'done');
};
for (const name of edges.keys()) visit(name, []);

for (const problem of problems) console.error(problem);
console.log(`${packages.size} packages, ${problems.length} boundary problems`);
process.exit(problems.length > 0 ? 1 : 0);
