// Lays out what a program of ours needs to run, and nothing else, in the shape of this repository: programs find their
// other parts by it (libs/service-host/src/program-paths.ts). Images and releases are made of such folders (ADR 0023).
//   node tools/stage.mjs OUT NAME [--user N] [--base DIR]
// NAME: a service, `cli` or `playground`. Beside it come its bill of materials and the licences of what it carries.
// --user N: whose compile cache is filled, as a number, root only; without it there is none.
// --base DIR: the root file system that it will run on, of Debian packages, for the bill of materials.
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { billOfMaterials, crates, debianPackages, licenceTexts } from './bill-of-materials.mjs';
import { describePackage } from './packages-of.mjs';
import { warmUp } from './warm-up.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const NAMES = [
  'stratum-gateway',
  'share-validator',
  'pool-accounting',
  'api-gateway',
  'miner-agent',
  'cli',
  'playground',
];
/** What the API's documentation page is made of (apps/api-gateway/src/docs/swagger-ui.ts). */
const SWAGGER_UI = [
  'package.json',
  'LICENSE',
  'NOTICE',
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'favicon-32x32.png',
];
const NATIVE = ['package.json', 'index.js', 'otedama.node'];

const copy = (from, to) =>
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });

const copyFiles = (from, to, files) => {
  for (const file of files) if (existsSync(join(from, file))) copy(join(from, file), join(to, file));
};

const listed = (app) => JSON.parse(readFileSync(join(root, 'apps', app, 'dist/.packages.json'), 'utf8'));

/** Hidden files are for us: the list of packages, the compile cache of whoever built it. */
const stageDist = (out, app) => {
  const from = join(root, 'apps', app, 'dist');
  const files = readdirSync(from).filter((file) => !file.startsWith('.'));
  copyFiles(from, join(out, 'apps', app, 'dist'), files);
  return listed(app);
};

const stageNative = (out) => {
  copyFiles(join(root, 'native'), join(out, 'node_modules/@otedama/native'), NATIVE);
  return crates(root);
};

/** Of the many binaries that zeromq brings, the one that it loads on this platform. */
const stageZeromq = (out) => {
  const require = createRequire(join(root, 'libs/daemon-rpc/package.json'));
  const folder = realpathSync(dirname(require.resolve('zeromq/package.json')));
  require('zeromq');
  const loaded = Object.keys(require.cache).filter(
    (file) => file.startsWith(folder) && file.endsWith('.node'),
  );
  const scripts = readdirSync(join(folder, 'lib')).filter((file) => file.endsWith('.js'));
  copyFiles(folder, join(out, 'node_modules/zeromq'), [
    'package.json',
    'LICENSE.txt',
    'LICENSE_MPL-2.0.txt',
    'build/manifest.json',
    ...scripts.map((file) => join('lib', file)),
    ...loaded.map((file) => relative(folder, file)),
  ]);
  const loader = join(folder, '../cmake-ts');
  copyFiles(loader, join(out, 'node_modules/cmake-ts'), ['package.json', 'LICENSE', 'build/loader.js']);
  return [describePackage(folder), describePackage(loader)];
};

const stagePage = (out) => {
  const place = 'apps/api-gateway/node_modules/swagger-ui-dist';
  copyFiles(join(root, place), join(out, place), SWAGGER_UI);
  return [...stageDist(out, 'dashboard'), describePackage(join(root, place))];
};

/** Packages with all that they need, in the folders of pnpm's store, whose links lead to one another. */
const stageStore = (out, folders) => {
  const store = join(root, 'node_modules/.pnpm');
  const found = new Set(folders.map((folder) => realpathSync(folder)));
  for (const folder of found) {
    const entry = join(store, relative(store, folder).split('/')[0]);
    copy(entry, join(out, 'node_modules/.pnpm', relative(store, entry)));
    for (const link of linksIn(join(entry, 'node_modules'))) found.add(realpathSync(link));
  }
  return [...found].map(describePackage);
};

const linksIn = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name.startsWith('@')) return linksIn(path);
    return lstatSync(path).isSymbolicLink() ? [path] : [];
  });

/** The one program that is no bundle: bcoin loads its parts by path, and Node reads our sources as they are. */
const stagePlayground = (out) => {
  const ours = ['apps/playground', 'libs/chain-params'];
  for (const folder of ours) {
    copyFiles(join(root, folder), join(out, folder), ['package.json', 'node_modules', 'src']);
  }
  const foreign = ours.flatMap((folder) => linksIn(join(root, folder, 'node_modules')));
  const store = join(root, 'node_modules/.pnpm');
  return stageStore(
    out,
    foreign.filter((link) => realpathSync(link).startsWith(store)),
  );
};

const stageBundle = (out, name) => {
  const parts = stageDist(out, name);
  const { file } = programOf(out, name);
  const text = readFileSync(file, 'utf8');
  const asksFor = (id) => text.includes(`require("${id}")`) || text.includes(`import("${id}")`);
  if (asksFor('@otedama/native')) parts.push(...stageNative(out));
  if (asksFor('zeromq')) parts.push(...stageZeromq(out));
  if (name === 'api-gateway') parts.push(...stagePage(out));
  return parts;
};

const programOf = (out, name) => {
  const dist = join(out, 'apps', name, 'dist');
  return {
    file: join(dist, `${name === 'cli' ? 'otedama' : name}.cjs`),
    cache: join(dist, '.compile-cache'),
  };
};

/** Only the program's user writes the cache, and only now; afterwards it belongs to root like everything else. */
const fillCache = async (out, name, user) => {
  const { file, cache } = programOf(out, name);
  mkdirSync(cache);
  chownSync(cache, user, user);
  await warmUp({ file, cache, user, args: name === 'cli' ? ['config', 'reference'] : [] });
  const entries = readdirSync(cache, { recursive: true }).map((entry) => join(cache, entry));
  if (entries.length === 0) throw new Error(`${file} left no compile cache`);
  for (const entry of [cache, ...entries]) {
    chownSync(entry, 0, 0);
    chmodSync(entry, lstatSync(entry).isDirectory() ? 0o755 : 0o644);
  }
};

const stage = async (out, name, { user, base }) => {
  mkdirSync(out, { recursive: true });
  const parts = name === 'playground' ? stagePlayground(out) : stageBundle(out, name);
  if (base !== undefined) {
    const node = join(root, `node_modules/node-linux-${process.arch}`);
    parts.push(describePackage(node), ...debianPackages(base));
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  copy(join(root, 'LICENSE'), join(out, 'LICENSE'));
  writeFileSync(join(out, 'THIRD-PARTY-LICENSES.txt'), licenceTexts(parts));
  writeFileSync(join(out, 'sbom.cdx.json'), billOfMaterials({ name, version, parts }));
  if (user !== undefined && name !== 'playground') await fillCache(out, name, user);
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { user: { type: 'string' }, base: { type: 'string' } },
});
const [out, name] = positionals;
if (positionals.length !== 2 || !NAMES.includes(name)) {
  console.error(`usage: node tools/stage.mjs OUT NAME [--user N] [--base DIR]\nNAME: ${NAMES.join(', ')}`);
  process.exit(2);
}
const user = values.user === undefined ? undefined : Number(values.user);
await stage(resolve(out), name, { user, base: values.base });
