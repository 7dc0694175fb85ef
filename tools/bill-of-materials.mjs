// The bill of materials of what is staged, as CycloneDX, and the texts of the licences that its makers ask to pass on.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as CDX from '@cyclonedx/cyclonedx-library';
import { licenceTextIn } from './packages-of.mjs';

const SPEC = CDX.Spec.Spec1dot6;

const licenceOf = (text) => {
  if (CDX.SPDX.isSupportedSpdxId(text)) return new CDX.Models.SpdxLicense(text);
  // Crates of long ago separate alternatives by a slash.
  return new CDX.Models.LicenseExpression(text.replaceAll('/', ' OR '));
};

/** Names and versions as package URLs want them; a scope keeps its slash. */
const purlPart = (text) => encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%3A', ':');

const purlOf = ({ kind, name, version, qualifiers = '' }) =>
  `pkg:${kind}/${purlPart(name)}@${purlPart(version)}${qualifiers}`;

const componentOf = ({ licence, ...part }) => {
  const purl = purlOf(part);
  const component = new CDX.Models.Component(CDX.Enums.ComponentType.Library, part.name, {
    version: part.version,
    purl,
    bomRef: purl,
  });
  if (licence !== undefined) component.licenses.add(licenceOf(licence));
  return component;
};

const byPurl = (parts) =>
  [...new Map(parts.map((part) => [purlOf(part), part])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, part]) => part);

/** No time and no random number is in it: the same parts give the same bytes. */
export const billOfMaterials = ({ name, version, parts }) => {
  const program = new CDX.Models.Component(CDX.Enums.ComponentType.Application, name, {
    version,
    bomRef: `otedama-${name}`,
  });
  program.licenses.add(new CDX.Models.SpdxLicense('MIT'));
  const bom = new CDX.Models.Bom({ metadata: new CDX.Models.Metadata({ component: program }) });
  for (const part of byPurl(parts)) {
    const component = componentOf(part);
    bom.components.add(component);
    program.dependencies.add(component.bomRef);
  }
  const serializer = new CDX.Serialize.JsonSerializer(new CDX.Serialize.JSON.Normalize.Factory(SPEC));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
};

/** Each text once, below the names of all that have it. */
export const licenceTexts = (parts) => {
  const titlesOf = new Map();
  for (const { name, version, licence, text } of byPurl(parts)) {
    const title = `${name} ${version}${licence === undefined ? '' : ` (${licence})`}`;
    const key = text || 'No text of the licence comes with it.';
    titlesOf.set(key, [...(titlesOf.get(key) ?? []), title]);
  }
  const line = '='.repeat(80);
  return [...titlesOf].map(([text, titles]) => `${titles.join('\n')}\n${line}\n${text}\n`).join('\n\n');
};

const isMacro = ({ targets }) => targets.some(({ kind }) => kind.includes('proc-macro'));

/** The crates that are linked into the addon; ours are left out, and what only builds it. */
export const crates = (root) => {
  const host = /host: (\S+)/.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1];
  const { packages, resolve } = JSON.parse(
    execFileSync(
      'cargo',
      [
        'metadata',
        '--locked',
        '--format-version',
        '1',
        '--filter-platform',
        host,
        '--manifest-path',
        join(root, 'native/Cargo.toml'),
      ],
      { encoding: 'utf8', maxBuffer: 1 << 26 },
    ),
  );
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const macros = new Set(packages.filter(isMacro).map(({ id }) => id));
  const seen = new Set([packages.find(({ name }) => name === 'otedama-node-binding').id]);
  for (const id of seen) {
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) {
      if (kinds.some(({ kind }) => kind === null) && !macros.has(pkg)) seen.add(pkg);
    }
  }
  return packages
    .filter(({ id, source }) => seen.has(id) && source !== null)
    .map(({ name, version, license, manifest_path: manifest }) => ({
      kind: 'cargo',
      name,
      version,
      licence: license,
      text: licenceTextIn(dirname(manifest)),
    }));
};

/** Packages of Debian by their control files, with the copyright files that came with them. */
export const debianPackages = (base) => {
  const status = join(base, 'var/lib/dpkg/status.d');
  return readdirSync(status).map((file) => {
    const control = readFileSync(join(status, file), 'utf8');
    const field = (key) => new RegExp(`^${key}: (.*)$`, 'm').exec(control)[1];
    const name = field('Package');
    return {
      kind: 'deb',
      name: `debian/${name}`,
      version: field('Version'),
      qualifiers: `?arch=${field('Architecture')}`,
      text: readFileSync(join(base, 'usr/share/doc', name, 'copyright'), 'utf8').trim(),
    };
  });
};
