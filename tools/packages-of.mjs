// Which packages the modules of a bundle come from, with their licences: for its bill of materials.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Folder of the package that a file belongs to; undefined for our own sources and what a bundler adds. */
const folderOf = (id) => {
  const file = id.replaceAll('\0', '').replace(/\?.*$/, '');
  if (!file.includes('/node_modules/')) return undefined;
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    // Folders inside a package may have a package.json that only says how to read what is in them.
    if (existsSync(join(folder, 'package.json')) && 'version' in manifestOf(folder)) return folder;
  }
  return undefined;
};

/** Texts of the licence files of a folder. */
export const licenceTextIn = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map(({ name }) => readFileSync(join(folder, name), 'utf8').trim())
    .join('\n\n');

/** What a bill of materials says of the package in a folder. */
export const describePackage = (folder) => {
  const { name, version, license } = manifestOf(folder);
  return { kind: 'npm', name, version, licence: license?.type ?? license, text: licenceTextIn(folder) };
};

/** The packages that these modules are of, each once. */
export const packagesOf = (moduleIds) => {
  const folders = new Set(moduleIds.map(folderOf).filter((folder) => folder !== undefined));
  const described = [...folders].map(describePackage);
  return [...new Map(described.map((one) => [`${one.name}@${one.version}`, one])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);
};
