import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  REPOSITORY,
  type Scratch,
  describeWith,
  findProgram,
  freePort,
  pause,
  scratchDirectory,
} from '@otedama/test-harness';

const UNITS = join(REPOSITORY, 'deploy/systemd');
const SERVICES = ['stratum-gateway', 'share-validator', 'pool-accounting', 'api-gateway', 'miner-agent'];
/** Long enough to look for its servers in vain, and to mine. */
const WATCHED_MS = 3_000;

/** The calls of a set, by systemd's own list; sets hold sets. */
const callsOf = (set: string): string[] =>
  execFileSync('systemd-analyze', ['syscall-filter', '--no-pager', set], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== set && !line.startsWith('#'))
    .flatMap((line) => (line.startsWith('@') ? callsOf(line) : [line]));

/** What the unit of a service lets through: lines add, and with ~ take away. */
const allowedTo = (service: string): Set<string> => {
  const unit = readdirSync(UNITS).find((file) => file.startsWith(`otedama-${service}`)) ?? '';
  const allowed = new Set<string>();
  for (const [, value = ''] of readFileSync(join(UNITS, unit), 'utf8').matchAll(
    /^SystemCallFilter=(.*)$/gm,
  )) {
    for (const call of value.replace('~', '').split(' ').flatMap(callsOf)) {
      if (value.startsWith('~')) allowed.delete(call);
      else allowed.add(call);
    }
  }
  return allowed;
};

describeWith('strace and systemd-analyze', findProgram(['systemd-analyze']) && findProgram(['strace']))(
  'the list of system calls',
  () => {
    let scratch: Scratch;
    let config: string;

    beforeAll(async () => {
      scratch = scratchDirectory('system-calls');
      config = join(scratch.path, 'pool.yaml');
      writeFileSync(
        config,
        `nats: {servers: 'nats://127.0.0.1:9'}
redis: {url: 'redis://127.0.0.1:9'}
database: {url: 'postgres://a:b@127.0.0.1:9/x'}
mining: {enable: true}
pools:
  - id: btc
    coin: bitcoin
    network: regtest
    payout_address: bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080
    stratum: {address: '127.0.0.1:${await freePort()}'}
    daemons: [{url: 'http://127.0.0.1:9', user: rpc, password: x, zmq_hashblock: 'tcp://127.0.0.1:9'}]
api: {address: '127.0.0.1:${await freePort()}'}
`,
      );
    });
    afterAll(() => scratch.remove());

    it.each(SERVICES)('of its unit has all that %s makes', async (service) => {
      const trace = join(scratch.path, service);
      const address = `127.0.0.1:${await freePort()}`;
      const bundle = join(REPOSITORY, `apps/${service}/dist/${service}.cjs`);
      const own = ['--config', config, '--data-dir', join(scratch.path, 'data', service)];
      const child = spawn(
        'strace',
        ['-qq', '-f', '-o', trace, process.execPath, '--no-warnings', bundle, ...own],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
          env: {
            ...process.env,
            OTEDAMA_MONITORING_METRICS_ADDRESS: address,
            OTEDAMA_MONITORING_HEALTH_ADDRESS: address,
          },
        },
      );
      let said = '';
      child.stderr.on('data', (chunk) => (said += String(chunk)));
      const ended = once(child, 'exit');
      while (!said.includes('"msg":"started"') && child.exitCode === null) await pause(50);
      await pause(WATCHED_MS);
      // strace passes it on to nobody: the service is its only child.
      process.kill(
        Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()),
        'SIGTERM',
      );
      await ended;
      const made = new Set(
        [...readFileSync(trace, 'utf8').matchAll(/^\d+ +(\w+)\(/gm)].map(([, call]) => call ?? ''),
      );
      expect(made.size).toBeGreaterThan(40);
      const allowed = allowedTo(service);
      expect([...made].filter((call) => !allowed.has(call))).toEqual([]);
    });
  },
);
