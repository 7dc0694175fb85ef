/** Releases to install: the real one of this tree, and others made of it by hand that an update can meet. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '@otedama/test-harness';

export interface Variant {
  readonly version: string;
  /** File in the release -> what it is to hold. */
  readonly files?: Readonly<Record<string, string>>;
  readonly schema?: string;
}

export const VERSION = String(
  (JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: unknown }).version,
);
const PLATFORM = `${process.platform}-${process.arch}`;

/** Where the archive of a version lies, seen from the folder that all of them are in. */
export const archiveOf = (version: string): string => `${version}/otedama-${version}-${PLATFORM}.tar.gz`;

/** The archive as it is published. */
export const buildRelease = (folder: string): string => {
  const tool = join(REPOSITORY, 'tools/release.mjs');
  execFileSync(process.execPath, [tool, folder, '--parts', 'services', '--level', '1'], { stdio: 'pipe' });
  return join(folder, `otedama-${VERSION}-${PLATFORM}.tar.gz`);
};

const shell = (cwd: string, script: string): void => {
  execFileSync('sh', ['-c', script], { cwd, stdio: 'pipe' });
};

/**
 * The release `built` under another version, sealed as a release is. Its Node is a link to /srv/node, and the archive is
 * not compressed: 130 MB that do not have to be read again and again.
 */
export const deriveRelease = (
  folder: string,
  built: string,
  { version, files = {}, schema }: Variant,
): void => {
  const name = `otedama-${version}-${PLATFORM}`;
  const out = join(folder, version);
  const tree = join(out, name);
  mkdirSync(tree, { recursive: true });
  shell(tree, `tar -xf '${built}' --strip-components=1 --exclude=bin/node && ln -s /srv/node bin/node`);
  shell(tree, `sed -i 's/"${VERSION}"/"${version}"/g' release.json apps/cli/dist/otedama.cjs`);
  if (schema !== undefined) shell(tree, `sed -i 's/"schema": ".*"/"schema": "${schema}"/' release.json`);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(tree, file), text);
  shell(
    tree,
    'find . -type f ! -name MANIFEST.sha256 -exec sha256sum {} + >../manifest && mv ../manifest MANIFEST.sha256',
  );
  shell(out, `tar -cf ${name}.tar.gz ${name} && sha256sum ${name}.tar.gz >SHA256SUMS`);
  rmSync(tree, { recursive: true });
};
