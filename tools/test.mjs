// Runs every stage of the test suite and closes with one line: N passed, N failed[, N skipped].
// A stage that cannot run counts as a failure. `node tools/test.mjs unit e2e` runs a selection.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const node = process.execPath;
const scratch = mkdtempSync(join(tmpdir(), 'otedama-test-'));

const run = (command, args, options = {}) => {
  console.log(`\n> ${[command === node ? 'node' : command, ...args].join(' ')}`);
  const done = spawnSync(command, args, {
    stdio: options.capture ? ['ignore', 'pipe', 'inherit'] : 'inherit',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...options.env },
  });
  if (options.capture) process.stdout.write(done.stdout ?? '');
  return { ok: done.status === 0, output: done.stdout ?? '' };
};

const check = (command, args) => {
  const { ok } = run(command, args);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
};

const jest = (project) => {
  const report = join(scratch, `${project}.json`);
  const { ok } = run(
    node,
    [
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      '--selectProjects',
      project,
      '--json',
      `--outputFile=${report}`,
      // A test that failed may have left servers behind, which would keep the suite from its end.
      '--forceExit',
      ...(project === 'e2e' ? ['--runInBand'] : []),
    ],
    { env: { NODE_OPTIONS: '--no-warnings' } },
  );
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    // A suite that did not even load has no failed test in it, and is a failure all the same.
    const failed = Math.max(numFailedTests, numFailedTestSuites, ok ? 0 : 1);
    return { passed: numPassedTests, failed, skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
};

const cargo = () => {
  const { ok, output } = run(
    'cargo',
    ['test', '--manifest-path', 'native/Cargo.toml', '--profile', 'tested', '--workspace'],
    { capture: true },
  );
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of output.matchAll(
    /test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/g,
  )) {
    total.passed += Number(passed);
    total.failed += Number(failed);
    total.skipped += Number(ignored);
  }
  if (!ok && total.failed === 0) total.failed = 1;
  return total;
};

const nodeTest = (...files) => {
  const { ok, output } = run(node, ['--test', '--test-reporter=tap', ...files], { capture: true });
  const count = (name) => Number(output.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
  return { passed: count('pass'), failed: Math.max(count('fail'), ok ? 0 : 1), skipped: count('skipped') };
};

const stages = {
  format: () => check(node, ['node_modules/oxfmt/bin/oxfmt', '--check', 'apps', 'libs', 'test', 'tools']),
  lint: () =>
    check(node, ['node_modules/oxlint/bin/oxlint', '--deny-warnings', 'apps', 'libs', 'test', 'tools']),
  boundaries: () => check(node, ['tools/check-boundaries.mjs']),
  types: () => check(node, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']),
  docs: () => check(node, ['tools/check-docs.mjs']),
  observability: () => check(node, ['tools/check-observability.mjs']),
  rustfmt: () => check('cargo', ['fmt', '--manifest-path', 'native/Cargo.toml', '--all', '--check']),
  clippy: () =>
    check('cargo', [
      'clippy',
      '--manifest-path',
      'native/Cargo.toml',
      '--profile',
      'tested',
      '--workspace',
      '--all-targets',
      '--',
      '-D',
      'warnings',
    ]),
  cargo,
  binding: () =>
    nodeTest(
      'native/test/binding.test.mjs',
      'native/test/doctor.test.mjs',
      'native/test/memory-hard.test.mjs',
    ),
  unit: () => jest('unit'),
  conformance: () => jest('conformance'),
  deploy: () => jest('deploy'),
  e2e: () => jest('e2e'),
};

const selected = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const failedStages = [];
try {
  for (const [name, stage] of Object.entries(stages)) {
    if (selected.length > 0 && !selected.includes(name)) continue;
    const result = stage();
    for (const key of Object.keys(total)) total[key] += result[key];
    if (result.failed > 0) failedStages.push(name);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (failedStages.length > 0) console.log(`\nfailed stages: ${failedStages.join(', ')}`);
console.log(
  `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`,
);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
