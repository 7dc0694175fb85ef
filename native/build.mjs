// Builds the addon and puts it where index.js loads it from. Extra arguments go to cargo
// (`node build.mjs --target aarch64-unknown-linux-gnu`).
import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cargoArguments = ['build', '--release', '--locked', '-p', 'otedama-node-binding'];

/** Path of the shared library, from cargo's own report: its name and folder depend on target and platform. */
const libraryPath = (report) => {
  const artifacts = report
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const binding = artifacts.findLast(
    (entry) => entry.reason === 'compiler-artifact' && entry.target.name === 'otedama_node_binding',
  );
  return binding?.filenames.find((name) => /\.(so|dylib|dll)$/.test(name));
};

const cargo = spawnSync(
  'cargo',
  [...cargoArguments, '--message-format', 'json-render-diagnostics', ...process.argv.slice(2)],
  { cwd: here, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 64 << 20 },
);
if (cargo.error !== undefined) {
  console.error(`cargo could not be started (${cargo.error.message}); install Rust from https://rustup.rs`);
  process.exit(1);
}
if (cargo.status !== 0) process.exit(cargo.status ?? 1);

const library = libraryPath(cargo.stdout);
if (library === undefined) {
  console.error('cargo reported no shared library');
  process.exit(1);
}
// A rename replaces the addon in one step: a running process keeps its mapped file.
const addon = join(here, 'otedama.node');
copyFileSync(library, `${addon}.new`);
renameSync(`${addon}.new`, addon);
