/**
 * The root file systems of the images. Where buildah has built them (docker/build.sh) and OTEDAMA_IMAGES says so, theirs;
 * otherwise put together here of the same parts by the same scripts, which needs neither an engine nor a registry.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, scratchDirectory } from '@otedama/test-harness';

export const OWNER = 10_001;

const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { cwd: REPOSITORY, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export interface ImageRoots extends Disposable {
  /** Folder that is / in a container of this image. */
  of(name: string): string;
}

/** Built before; a container of each is mounted, and removed with the roots. */
const builtRoots = (prefix: string): ImageRoots => {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    version: string;
  };
  const containers: string[] = [];
  return {
    of(name) {
      const container = run('buildah', ['from', '--pull-never', `${prefix}/${name}:${version}`]).trim();
      containers.push(container);
      return run('buildah', ['mount', container]).trim();
    },
    [Symbol.dispose]() {
      if (containers.length > 0) run('buildah', ['rm', ...containers]);
    },
  };
};

const assembledRoots = (): ImageRoots => {
  const scratch = scratchDirectory('images');
  // Others than root walk through it.
  chmodSync(scratch.path, 0o755);
  const base = join(scratch.path, 'base');
  mkdirSync(base);
  run('sh', ['docker/rootfs.sh', base]);
  mkdirSync(join(base, 'usr/local/bin'), { recursive: true });
  copyFileSync(process.execPath, join(base, 'usr/local/bin/node'));
  mkdirSync(join(base, 'opt/otedama'), { recursive: true });
  copyFileSync(join(REPOSITORY, 'docker/healthcheck.cjs'), join(base, 'opt/otedama/healthcheck.cjs'));
  return {
    of(name) {
      const root = join(scratch.path, name);
      run('cp', ['--archive', '--link', base, root]);
      run(process.execPath, [
        '--no-warnings',
        'tools/stage.mjs',
        join(root, 'opt/otedama'),
        name,
        '--base',
        base,
      ]);
      return root;
    },
    [Symbol.dispose]: () => scratch.remove(),
  };
};

export const imageRoots = (): ImageRoots => {
  const prefix = process.env['OTEDAMA_IMAGES'];
  return prefix === undefined ? assembledRoots() : builtRoots(prefix);
};

/** A folder that belongs to the user of the images: what is mounted for one of its processes. */
export const ownedFolder = (path: string): string => {
  mkdirSync(path, { recursive: true });
  run('chown', [`${OWNER}:${OWNER}`, path]);
  return path;
};
