// The archive for bare machines: every service and the command with the Node that runs them, and what
// deploy/production-deploy.sh installs. The same commit gives the same bytes on the same platform.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

const PROGRAMS = [
  'stratum-gateway',
  'share-validator',
  'pool-accounting',
  'api-gateway',
  'miner-agent',
  'cli',
];
const MIGRATIONS = 'libs/ledger/src/migrations';
const MANIFEST = 'MANIFEST.sha256';

export const digestOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();

/** Each program brings its own bill of materials and the licences of what it carries. */
const stagePrograms = (root, folder) => {
  for (const name of ['licences', 'sbom']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of PROGRAMS) {
    execFileSync(process.execPath, [join(root, 'tools/stage.mjs'), folder, name], { stdio: 'inherit' });
    renameSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), join(folder, 'licences', `${name}.txt`));
    renameSync(join(folder, 'sbom.cdx.json'), join(folder, 'sbom', `${name}.cdx.json`));
  }
};

const stageNode = (folder) => {
  const node = join(folder, 'bin/node');
  mkdirSync(dirname(node), { recursive: true });
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  copyFileSync(join(dirname(process.execPath), '../LICENSE'), join(folder, 'licences/node.txt'));
};

/** The newest migration that the release knows: tells an operator, before anything runs, that the database changes. */
const newestMigration = (root) =>
  readdirSync(join(root, MIGRATIONS))
    .filter((file) => /^\d{4}-.*\.ts$/.test(file) && !file.endsWith('.test.ts'))
    .sort()
    .at(-1)
    .replace(/\.ts$/, '');

export const writeManifest = (folder) => {
  const lines = filesIn(folder)
    .filter((file) => file !== MANIFEST)
    .map((file) => `${digestOf(join(folder, file))}  ./${file}\n`);
  writeFileSync(join(folder, MANIFEST), lines.join(''));
};

/** Lays out the release in `folder`; `facts`: version, commit. */
export const stageRelease = (root, folder, facts) => {
  mkdirSync(folder, { recursive: true });
  stagePrograms(root, folder);
  stageNode(folder);
  copyFileSync(join(root, 'deploy/bin/otedama'), join(folder, 'bin/otedama'));
  for (const part of ['production-deploy.sh', 'systemd', 'sysusers.d', 'sysctl.d', 'journald']) {
    cpSync(join(root, 'deploy', part), join(folder, 'deploy', part), { recursive: true });
  }
  const release = {
    ...facts,
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    schema: newestMigration(root),
  };
  writeFileSync(join(folder, 'release.json'), `${JSON.stringify(release, undefined, 2)}\n`);
  writeManifest(folder);
};

/** Times, owners and order are those of the commit and of nobody else. */
export const pack = (folder, archive, { epochSeconds, level }) => {
  const modes = 'u=rwX,go=rX';
  execFileSync(
    'tar',
    [
      '--create',
      '--format=gnu',
      '--sort=name',
      `--mtime=@${epochSeconds}`,
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      `--mode=${modes}`,
      `--use-compress-program=gzip --no-name -${level}`,
      `--file=${archive}`,
      `--directory=${dirname(folder)}`,
      folder.slice(dirname(folder).length + 1),
    ],
    { stdio: 'inherit' },
  );
};
