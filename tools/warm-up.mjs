// Fills the compile cache of a program by starting it once (docs/adr/0001). Node keeps a cache by its own version, by
// the path of the program and by the user who runs it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, chownSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** As libs/service-host/src/node-flags.ts has them, which is not there where programs are staged. */
const NODE_FLAGS = [
  '--no-warnings',
  '--single-threaded-gc',
  '--max-semi-space-size=4',
  '--heap-growing-percent=300',
];
/** A port where nobody listens: a service starts, waits for its servers, and is told to stop. */
const NOWHERE = '127.0.0.1:9';
const STARTED = '"msg":"started"';
const DEADLINE_MS = 20_000;

const settings = (dataDir) => ({
  OTEDAMA_APP_DATA_DIR: dataDir,
  OTEDAMA_NATS_SERVERS: `nats://${NOWHERE}`,
  OTEDAMA_DATABASE_URL: `postgres://nobody@${NOWHERE}/none`,
  OTEDAMA_API_ADDRESS: '127.0.0.1:0',
  OTEDAMA_MONITORING_METRICS_ADDRESS: '127.0.0.1:0',
  OTEDAMA_MONITORING_HEALTH_ADDRESS: '127.0.0.1:0',
  OTEDAMA_POOL_ENABLE: 'false',
});

/** Runs a service until it says that it started, or a command with `args` to its end. `user`: a number, as root only. */
export const warmUp = async ({ file, cache, args = [], user }) => {
  const dir = mkdtempSync(join(tmpdir(), 'otedama-warm-'));
  if (user !== undefined) chownSync(dir, user, user);
  const child = spawn(process.execPath, [...NODE_FLAGS, file, ...args], {
    env: { ...process.env, ...settings(dir), NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  let words = '';
  child.stderr.on('data', (chunk) => {
    const wasUp = words.includes(STARTED);
    words += String(chunk);
    if (!wasUp && words.includes(STARTED)) child.kill('SIGTERM');
  });
  const code = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  clearTimeout(timer);
  rmSync(dir, { recursive: true, force: true });
  if (code !== 0) throw new Error(`${file} does not start: exit code ${code}\n${words}`);
};
