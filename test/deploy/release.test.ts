/**
 * A release of the chart on real servers, its pods as processes: what it renders, with the Secrets that it mounts and
 * nothing else, becomes a fleet that works.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@otedama/ledger';
import {
  type ServerProcess,
  type TestProcess,
  describeWith,
  eventually,
  freePort,
  natsServerProgram,
  redisServerProgram,
  scratchDirectory,
  startNatsWith,
  startRedis,
} from '@otedama/test-harness';
import { Chart, helm } from './chart/helm.ts';
import { Manifest, type Workload, componentOf } from './chart/manifest.ts';
import { Kubelet, makeCredentials } from './chart/pods.ts';

import.meta.jest.setTimeout(180_000);

/** Nobody answers there: a validator whose daemons are away works for the other pools. */
const DAEMON = {
  url: 'http://bitcoind:9',
  user: 'otedama',
  password_file: '/etc/otedama/secrets/btc/password',
};

const valuesFor = (natsPort: number, stratumPort: number) => ({
  config: {
    pools: [
      {
        id: 'btc',
        coin: 'bitcoin',
        network: 'regtest',
        payout_address: 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080',
        stratum: { address: `127.0.0.1:${stratumPort}` },
        daemons: [DAEMON],
      },
    ],
  },
  secretFiles: [{ name: 'btc', secretName: 'btc-daemon', services: ['share-validator'] }],
  bus: { servers: [`tls://nats:${natsPort}`], replicas: 1, tls: { caSecretName: 'nats-ca' } },
});

const urlOf = ({ connection: { host, port, user, password, database } }: EmbeddedPostgres): string =>
  `postgres://${user}:${password}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;

interface Health {
  readonly parts: Readonly<Record<string, { readonly state: string; readonly reason?: string }>>;
}

interface Pod {
  readonly service: string;
  readonly process: TestProcess;
  readonly port: number;
}

const isReady = async ({ port }: Pod): Promise<boolean> =>
  (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok;

const partsOf = async ({ port }: Pod): Promise<Health['parts']> =>
  ((await (await fetch(`http://127.0.0.1:${port}/health/ready`)).json()) as Health).parts;

const servers = helm() && natsServerProgram() && redisServerProgram();

describeWith('helm and the servers of a fleet', servers)('a release of the chart', () => {
  const scratch = scratchDirectory('release');
  const pods: Pod[] = [];
  let nats: ServerProcess;
  let redis: ServerProcess;
  let database: EmbeddedPostgres;
  let manifest: Manifest;
  let kubelet: Kubelet;

  const podOf = (service: string): Pod => {
    const pod = pods.find((one) => one.service === service);
    if (pod === undefined) throw new Error(`no ${service} runs`);
    return pod;
  };
  const jobOf = (component: string): Workload => {
    const job = manifest.jobs.find((one) => componentOf(one) === component);
    if (job === undefined) throw new Error(`there is no job ${component}`);
    return job;
  };

  beforeAll(async () => {
    const [natsPort, stratumPort] = [await freePort(), await freePort()];
    const credentials = join(scratch.path, 'credentials');
    makeCredentials(credentials, ['--port', String(natsPort), '--store', join(scratch.path, 'jetstream')]);
    nats = await startNatsWith(join(credentials, 'nats-server.conf'), natsPort);
    redis = await startRedis();
    database = await startEmbeddedPostgres({ dataDir: join(scratch.path, 'postgres'), logger: silentLogger });
    const texts: [RegExp, string][] = [
      [/\/database\//, urlOf(database)],
      [/\/redis\//, redis.url],
    ];
    kubelet = new Kubelet(scratch.path, { texts, credentials });
    const path = join(scratch.path, 'values.yaml');
    writeFileSync(path, JSON.stringify(valuesFor(natsPort, stratumPort)));
    using chart = new Chart();
    manifest = new Manifest(chart.render({ values: { name: 'release', path }, kubeVersion: '1.30' }));
    for (const workload of manifest.workloads.filter(({ kind }) => kind !== 'Job')) {
      pods.push({ service: componentOf(workload), ...(await kubelet.start(manifest, workload)) });
    }
  });
  afterAll(async () => {
    await Promise.all(pods.map(({ process }) => process.stop()));
    await Promise.all([nats, redis].map((server) => server.stop()));
    await database.stop();
    scratch.remove();
  });

  it('waits for the database and the streams, and changes neither', async () => {
    const waiting = async () => (await partsOf(podOf('pool-accounting')))['postgres']?.reason;
    await eventually('the books to wait', async () => /it lacks 0001-logs/.test((await waiting()) ?? ''));
    expect(await isReady(podOf('pool-accounting'))).toBe(false);
    expect(await isReady(podOf('share-validator'))).toBe(false);
  });

  it('is ready when the Jobs have brought both to this version', async () => {
    const done = [
      await kubelet.complete(manifest, jobOf('migrate')),
      await kubelet.complete(manifest, jobOf('streams')),
    ];
    expect(done).toEqual([
      { code: 0, output: expect.stringMatching(/^applied 0001-logs, /m) },
      { code: 0, output: expect.stringMatching(/^the streams are there, one copy of each$/m) },
    ]);
    for (const pod of pods) await eventually(`${pod.service} to be ready`, () => isReady(pod));
    expect(pods.map(({ service }) => service).sort()).toEqual([
      'api-gateway',
      'pool-accounting',
      'share-validator',
      'stratum-gateway',
    ]);
  });

  it('runs the Jobs again with nothing to do, and proves the books', async () => {
    expect(await kubelet.complete(manifest, jobOf('migrate'))).toMatchObject({
      code: 0,
      output: expect.stringContaining('the schema is up to date'),
    });
    expect(await kubelet.complete(manifest, jobOf('streams'))).toMatchObject({ code: 0 });
    expect(await kubelet.complete(manifest, jobOf('proof'))).toMatchObject({ code: 0 });
  });

  it('drains in good order when it is told to', async () => {
    for (const { service, process } of pods.splice(0)) {
      process.signal('SIGTERM');
      expect({ service, ...(await process.exited) }).toEqual({ service, code: 0, signal: null });
    }
  });
});
