// Makes what a release consists of, into OUT, from what `sh tools/build.sh` has built. Publishes nothing.
//   node tools/release.mjs OUT [--parts services,native,chart] [--addons DIR] [--no-subcharts] [--level N]
// services: otedama-VERSION-PLATFORM.tar.gz for this platform; --level: of gzip. native: the npm packages of the addon,
// with that of this platform alone, or with all, whose addons lie in DIR. chart: the Helm chart; its subcharts are fetched.
// SHA256SUMS is over all that is in OUT. docs/releasing.md is the guide.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packChart } from './release/chart.mjs';
import { packNative } from './release/native-packages.mjs';
import { digestOf, pack, stageRelease } from './release/service-archive.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SUMS = 'SHA256SUMS';

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

const packServices = ({ out, scratch, version, level }) => {
  const name = `otedama-${version}-${process.platform}-${process.arch}`;
  const folder = join(scratch, name);
  stageRelease(root, folder, { version, commit: git('rev-parse', 'HEAD') });
  const epochSeconds = git('log', '-1', '--format=%ct');
  pack(folder, join(out, `${name}.tar.gz`), { epochSeconds, level });
};

const PARTS = { services: packServices, native: packNative, chart: packChart };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    parts: { type: 'string', default: Object.keys(PARTS).join() },
    addons: { type: 'string' },
    'no-subcharts': { type: 'boolean', default: false },
    level: { type: 'string', default: '9' },
  },
});
const parts = values.parts.split(',');
if (
  positionals.length !== 1 ||
  parts.some((part) => !Object.hasOwn(PARTS, part)) ||
  !/^[1-9]$/.test(values.level)
) {
  console.error(
    'usage: node tools/release.mjs OUT [--parts services,native,chart] [--addons DIR] [--no-subcharts] [--level 1..9]',
  );
  process.exit(2);
}
const out = resolve(positionals[0]);
mkdirSync(out, { recursive: true });
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'otedama-release-'));
const { level, addons, 'no-subcharts': isAlone } = values;
try {
  for (const part of parts) PARTS[part]({ root, out, scratch, version, level, addons, subcharts: !isAlone });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const files = readdirSync(out)
  .filter((file) => file !== SUMS)
  .sort();
writeFileSync(join(out, SUMS), files.map((file) => `${digestOf(join(out, file))}  ${file}\n`).join(''));
for (const file of files) console.log(file);
