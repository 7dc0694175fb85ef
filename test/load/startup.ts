/**
 * How long each bundled service takes from its start to the moment when it has loaded all of itself, serves its
 * health and waits for its servers; none of them is there. Prints JSON.
 *   node test/load/startup.ts [--starts 10]
 * Or from the images that buildah has built, as root, each a read-only root of its own:
 *   OTEDAMA_IMAGES=ghcr.io/otedama/otedama node test/load/startup.ts --images
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NODE_FLAGS } from '../../libs/service-host/src/node-flags.ts';
import { entryOf } from '../deploy/images/container.ts';
import { type ImageRoots, imageRoots, ownedFolder } from '../deploy/images/image-roots.ts';
import { freePort } from '../harness/src/places.ts';
import { printReport } from './report.ts';

const SERVICES = ['stratum-gateway', 'share-validator', 'pool-accounting', 'api-gateway', 'miner-agent'];
const ROOT = resolve(import.meta.dirname, '../..');
const GOAL_MS = 250;
const DEADLINE_MS = 20_000;
const POLL_MS = 2;
/** Discard: nobody listens there. */
const NOWHERE = '127.0.0.1:9';

const settings = (port: number) => ({
  OTEDAMA_NATS_SERVERS: `nats://${NOWHERE}`,
  OTEDAMA_DATABASE_URL: `postgres://nobody@${NOWHERE}/none`,
  OTEDAMA_POOL_ENABLE: 'false',
  OTEDAMA_API_ADDRESS: '127.0.0.1:0',
  OTEDAMA_MONITORING_METRICS_ADDRESS: `127.0.0.1:${port}`,
  OTEDAMA_MONITORING_HEALTH_ADDRESS: `127.0.0.1:${port}`,
});

type Launch = (dataDir: string, port: number) => ChildProcess;

const fromBundle = (service: string): Launch => {
  const dist = join(ROOT, 'apps', service, 'dist');
  const cache = { NODE_COMPILE_CACHE: join(dist, '.compile-cache') };
  return (dataDir, port) =>
    spawn(process.execPath, [...NODE_FLAGS, join(dist, `${service}.cjs`), '--data-dir', dataDir], {
      stdio: 'ignore',
      env: { ...process.env, ...cache, ...settings(port) },
    });
};

const fromImage = (roots: ImageRoots, name: string): Launch => {
  const root = roots.of(name);
  const args = ['--data-dir', '/var/lib/otedama'];
  return (dataDir, port) => {
    const state = ownedFolder(dataDir);
    return spawn(...entryOf({ name, root, state, config: state, env: settings(port), args }), {
      stdio: 'ignore',
    });
  };
};

/** The startup probe as Kubernetes asks it, only more often. */
const untilStarted = async (child: ChildProcess, port: number, beganMs: number): Promise<number> => {
  while (performance.now() - beganMs < DEADLINE_MS && child.exitCode === null) {
    const reply = await fetch(`http://127.0.0.1:${port}/health/startup`).catch(() => undefined);
    if (reply?.status === 200) return performance.now() - beganMs;
    await delay(POLL_MS);
  }
  throw new Error(`it did not start (exit code ${child.exitCode})`);
};

const startOnce = async (launch: Launch): Promise<number> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'otedama-startup-'));
  const port = await freePort();
  const beganMs = performance.now();
  const child = launch(dataDir, port);
  const ended = once(child, 'exit');
  try {
    return await untilStarted(child, port, beganMs);
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const rounded = (value: number | undefined): number => Math.round(value ?? Number.NaN);

const measure = async (service: string, launch: Launch, starts: number) => {
  const times: number[] = [];
  for (let start = 0; start < starts; start++) times.push(await startOnce(launch));
  times.sort((a, b) => a - b);
  const median = rounded(times[times.length >> 1]);
  const [min, max] = [rounded(times[0]), rounded(times.at(-1))];
  return { service, starts, medianMs: median, minMs: min, maxMs: max, isWithinGoal: median < GOAL_MS };
};

const { values } = parseArgs({
  options: { starts: { type: 'string', default: '10' }, images: { type: 'boolean', default: false } },
});
using roots = values.images ? imageRoots() : undefined;
const services = [];
for (const service of SERVICES) {
  const launch = roots === undefined ? fromBundle(service) : fromImage(roots, service);
  services.push(await measure(service, launch, Number(values.starts)));
}
printReport({ goalMs: GOAL_MS, services });
