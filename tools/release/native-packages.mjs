// The npm packages of the addon, as napi-rs lays them out: one per platform with the binary alone, and @otedama/native,
// which takes the one that fits. With `addons`, a folder that has the binary of every target, all are packed; without,
// the one that was built here.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { billOfMaterials, crates } from '../bill-of-materials.mjs';

/** What npm and Node call the platform of a Rust target. */
const PLATFORMS = {
  'x86_64-unknown-linux-gnu': { os: 'linux', cpu: 'x64', abi: 'gnu', libc: 'glibc' },
  'aarch64-unknown-linux-gnu': { os: 'linux', cpu: 'arm64', abi: 'gnu', libc: 'glibc' },
  'x86_64-unknown-linux-musl': { os: 'linux', cpu: 'x64', abi: 'musl', libc: 'musl' },
  'aarch64-unknown-linux-musl': { os: 'linux', cpu: 'arm64', abi: 'musl', libc: 'musl' },
  'x86_64-apple-darwin': { os: 'darwin', cpu: 'x64' },
  'aarch64-apple-darwin': { os: 'darwin', cpu: 'arm64' },
  'x86_64-pc-windows-msvc': { os: 'win32', cpu: 'x64', abi: 'msvc' },
};

/** As in linux-x64-gnu and darwin-arm64. */
const suffixOf = ({ os, cpu, abi }) => [os, cpu, abi].filter((part) => part !== undefined).join('-');

const npmPack = (folder, out) => {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', out], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};

const writePackage = (folder, manifest, files) => {
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(file, join(folder, basename(file)));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
};

/** Of this machine: the target that `node build.mjs` has just built for. */
const ownSuffix = () => {
  const isMusl = process.report.getReport().header.glibcVersionRuntime === undefined;
  const abi = { linux: isMusl ? 'musl' : 'gnu', win32: 'msvc' }[process.platform];
  return suffixOf({ os: process.platform, cpu: process.arch, abi });
};

const common = (manifest, version) => ({
  version,
  description: manifest.description,
  license: manifest.license,
  repository: { type: 'git', url: 'git+https://github.com/otedama/otedama.git', directory: 'native' },
  engines: manifest.engines,
  publishConfig: { access: 'public', provenance: true },
});

export const packNative = ({ root, out, scratch, version, addons }) => {
  const native = join(root, 'native');
  const manifest = JSON.parse(readFileSync(join(native, 'package.json'), 'utf8'));
  const licence = join(root, 'LICENSE');
  const shared = common(manifest, version);
  const platforms = manifest.napi.targets.map((target) => PLATFORMS[target]);
  for (const platform of platforms) {
    const suffix = suffixOf(platform);
    const built =
      addons === undefined ? join(native, 'otedama.node') : join(addons, `otedama.${suffix}.node`);
    if (addons === undefined && suffix !== ownSuffix()) continue;
    if (!existsSync(built)) throw new Error(`${built} is missing: every target has to be built first`);
    const { os, cpu, libc } = platform;
    const own = { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) };
    const folder = join(scratch, suffix);
    writePackage(
      folder,
      {
        name: `${manifest.name}-${suffix}`,
        ...shared,
        ...own,
        main: 'otedama.node',
        files: ['otedama.node'],
      },
      [licence],
    );
    copyFileSync(built, join(folder, 'otedama.node'));
    npmPack(folder, out);
  }
  const folder = join(scratch, 'native');
  const optionalDependencies = Object.fromEntries(
    platforms.map((platform) => [`${manifest.name}-${suffixOf(platform)}`, version]),
  );
  const { name, type, main, types } = manifest;
  writePackage(
    folder,
    { name, ...shared, type, main, types, files: ['index.js', 'index.d.ts'], optionalDependencies },
    [licence, ...['index.js', 'index.d.ts', 'README.md'].map((file) => join(native, file))],
  );
  npmPack(folder, out);
  writeFileSync(
    join(out, `otedama-native-${version}.cdx.json`),
    billOfMaterials({ name: 'native', version, parts: crates(root) }),
  );
};
