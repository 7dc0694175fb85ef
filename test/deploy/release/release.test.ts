import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { REPOSITORY, type Scratch, describeWith, findProgram, scratchDirectory } from '@otedama/test-harness';
import { parse } from 'yaml';

const TOOL = join(REPOSITORY, 'tools/release.mjs');
const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };

let scratch: Scratch;
beforeAll(() => {
  scratch = scratchDirectory('release');
});
afterAll(() => scratch.remove());

const release = (out: string, ...args: string[]): string =>
  execFileSync(process.execPath, [TOOL, join(scratch.path, out), ...args], { encoding: 'utf8' });
const unpack = (archive: string, into: string): void => {
  mkdirSync(into, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', into, '--strip-components=1']);
};
const jsonIn = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

describe('the version', () => {
  it('is the same wherever one is written', () => {
    const tool = join(REPOSITORY, 'tools/release/versions.mjs');
    const { stdout, stderr } = spawnSync(process.execPath, [tool], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringContaining(`version ${version}, 0 differ`),
      stderr: '',
    });
  });
});

describe('the archive of the services', () => {
  const platform = `${process.platform}-${process.arch}`;
  const name = `otedama-${version}-${platform}.tar.gz`;

  it('is the same to the byte when it is made again, whole, and runs from where it is unpacked', () => {
    release('one', '--parts', 'services', '--level', '1');
    release('two', '--parts', 'services', '--level', '1');
    const sums = readFileSync(join(scratch.path, 'one/SHA256SUMS'), 'utf8');
    expect(readFileSync(join(scratch.path, 'two/SHA256SUMS'), 'utf8')).toBe(sums);
    const bytes = readFileSync(join(scratch.path, 'one', name));
    expect(sums).toBe(`${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);

    const home = join(scratch.path, 'unpacked');
    unpack(join(scratch.path, 'one', name), home);
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'MANIFEST.sha256'], { cwd: home });
    expect(jsonIn(join(home, 'release.json'))).toMatchObject({
      version,
      platform,
      node: process.versions.node,
    });
    const migrations = readdirSync(join(REPOSITORY, 'libs/ledger/src/migrations'));
    expect(migrations).toContain(`${String(jsonIn(join(home, 'release.json'))['schema'])}.ts`);
    const command = join(home, 'bin/otedama');
    expect(execFileSync(command, ['version'], { encoding: 'utf8' }).trim()).toBe(version);
    // The addon is the one that came along.
    const hashed = execFileSync(command, ['hash', 'sha256d', '00'.repeat(80)], { encoding: 'utf8' });
    expect(hashed.trim()).toBe('14508459b221041eab257d2baaa7459775ba748246c8403609eb708f0e57e74b');
  });

  it('tells of every program what it is made of, and under which licences', () => {
    const home = join(scratch.path, 'unpacked');
    const programs = readdirSync(join(home, 'apps')).filter((app) => app !== 'dashboard');
    expect(programs).toHaveLength(6);
    for (const program of programs) {
      const { bomFormat, components } = jsonIn(join(home, 'sbom', `${program}.cdx.json`));
      expect(bomFormat).toBe('CycloneDX');
      expect((components as unknown[]).length).toBeGreaterThan(10);
      expect(readFileSync(join(home, 'licences', `${program}.txt`), 'utf8')).toContain('MIT');
    }
    expect(readFileSync(join(home, 'licences/node.txt'), 'utf8')).toContain('Node.js');
  });
});

describe('the npm packages of the addon', () => {
  const targets = (jsonIn(join(REPOSITORY, 'native/package.json'))['napi'] as { targets: string[] }).targets;
  const SUFFIXES = [
    'darwin-arm64',
    'darwin-x64',
    'linux-arm64-gnu',
    'linux-arm64-musl',
    'linux-x64-gnu',
    'linux-x64-musl',
    'win32-x64-msvc',
  ];
  const packed = (folder: string): string[] =>
    readdirSync(join(scratch.path, folder))
      .filter((file) => file.endsWith('.tgz'))
      .sort();

  it('are one for each target that is configured, and one that asks for all of them', () => {
    const addons = join(scratch.path, 'addons');
    mkdirSync(addons);
    expect(targets).toHaveLength(SUFFIXES.length);
    for (const suffix of SUFFIXES) writeFileSync(join(addons, `otedama.${suffix}.node`), suffix);
    release('all', '--parts', 'native', '--addons', addons);
    expect(packed('all')).toEqual(
      [
        `otedama-native-${version}.tgz`,
        ...SUFFIXES.map((one) => `otedama-native-${one}-${version}.tgz`),
      ].sort(),
    );
    const main = join(scratch.path, 'main');
    unpack(join(scratch.path, 'all', `otedama-native-${version}.tgz`), main);
    expect(jsonIn(join(main, 'package.json'))).toMatchObject({
      version,
      publishConfig: { provenance: true },
      optionalDependencies: Object.fromEntries(SUFFIXES.map((one) => [`@otedama/native-${one}`, version])),
    });
    const musl = join(scratch.path, 'musl');
    unpack(join(scratch.path, 'all', `otedama-native-linux-arm64-musl-${version}.tgz`), musl);
    expect(jsonIn(join(musl, 'package.json'))).toMatchObject({
      os: ['linux'],
      cpu: ['arm64'],
      libc: ['musl'],
    });
    expect(readFileSync(join(musl, 'otedama.node'), 'utf8')).toBe('linux-arm64-musl');
  });

  it('are not made while a target is missing', () => {
    rmSync(join(scratch.path, 'addons/otedama.darwin-x64.node'));
    expect(() => release('some', '--parts', 'native', '--addons', join(scratch.path, 'addons'))).toThrow(
      /darwin-x64\.node is missing/,
    );
    expect(existsSync(join(scratch.path, 'some/SHA256SUMS'))).toBe(false);
  });

  it('work together where npm puts them', () => {
    release('own', '--parts', 'native');
    const modules = join(scratch.path, 'project/node_modules/@otedama');
    for (const file of packed('own')) {
      unpack(join(scratch.path, 'own', file), join(modules, file.replace(/^otedama-|-\d.*$/g, '')));
    }
    expect(readdirSync(modules)).toHaveLength(2);
    expect(readdirSync(join(modules, 'native')).filter((file) => file.endsWith('.node'))).toEqual([]);
    const script =
      "console.log(require('@otedama/native').hash('sha256d', Buffer.alloc(80)).toString('hex'))";
    const hashed = execFileSync(process.execPath, ['-e', script], {
      cwd: join(modules, '../..'),
      encoding: 'utf8',
    });
    expect(hashed.trim()).toHaveLength(64);
  });

  it('say which package is missing, where npm left it out', () => {
    const alone = join(scratch.path, 'alone/node_modules/@otedama/native');
    mkdirSync(alone, { recursive: true });
    for (const file of ['index.js', 'package.json']) {
      copyFileSync(join(scratch.path, 'project/node_modules/@otedama/native', file), join(alone, file));
    }
    const load = createRequire(join(scratch.path, 'alone/index.js'));
    expect(() => load('@otedama/native') as unknown).toThrow(/Cannot find module '@otedama\/native-/);
  });
});

describeWith('helm', findProgram([join(REPOSITORY, '.tools/bin/helm'), 'helm']))(
  'the archive of the chart',
  () => {
    it('has the version of the release', () => {
      release('chart', '--parts', 'chart', '--no-subcharts');
      const chart = join(scratch.path, 'chart-unpacked');
      unpack(join(scratch.path, 'chart', `otedama-${version}.tgz`), chart);
      expect(parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'))).toMatchObject({
        version,
        appVersion: version,
      });
    });
  },
);
