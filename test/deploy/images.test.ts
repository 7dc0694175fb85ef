/** The images: how they are described, what is in them, and whether the fleet runs from them as docker/README.md says. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@otedama/ledger';
import {
  REPOSITORY,
  type ServerProcess,
  type TestProcess,
  describeWith,
  eventually,
  findProgram,
  freePort,
  natsServerProgram,
  pause,
  redisServerProgram,
  scratchDirectory,
  startNats,
  startRedis,
} from '@otedama/test-harness';
import { Ajv } from 'ajv';
import { type Container, healthcheckOf, mayEnter, runIn, startContainer } from './images/container.ts';
import { dockerfiles, imageConfig, imageNames, stepsOf } from './images/dockerfile.ts';
import { type ImageRoots, imageRoots, ownedFolder } from './images/image-roots.ts';

const SERVICES = ['stratum-gateway', 'share-validator', 'pool-accounting', 'api-gateway', 'miner-agent'];
const BUNDLE_LIMIT_BYTES = 15_000_000;
const BLOCK_TIMEOUT_MS = 120_000;
/** The embedded PostgreSQL serves by a socket, which no container sees, but where its path would be too long. */
const BY_LOOPBACK = `postgres-${'x'.repeat(100)}`;

const hadolint = (): string | undefined => findProgram([join(REPOSITORY, '.tools/bin/hadolint'), 'hadolint']);

describeWith('hadolint', hadolint())('the Dockerfiles', () => {
  it.each(dockerfiles())('have nothing that hadolint finds wrong: %s', (file) => {
    const { status, stdout } = spawnSync(hadolint() ?? '', ['--no-color', file], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  it('are told of what is wrong', () => {
    const input = 'FROM debian:latest\nRUN cd /tmp && apt-get install curl\n';
    const { status, stdout } = spawnSync(hadolint() ?? '', ['--no-color', '-'], { input, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toContain('DL3007');
  });
});

describe('an image', () => {
  it.each(imageNames())('has one user, who is not root, and runs nothing while it is made: %s', (name) => {
    expect(imageConfig(name).user).toBe('10001:10001');
    expect(stepsOf(name)).not.toContain('RUN');
    expect(stepsOf(name)).not.toContain('ADD');
  });

  it.each(SERVICES)('of a service says how it is checked and where it listens: %s', (name) => {
    const { healthcheck, ports, command, env } = imageConfig(name);
    expect(healthcheck).toEqual(['/usr/local/bin/node', '/opt/otedama/healthcheck.cjs']);
    expect(ports).toContain(9100);
    expect(env['OTEDAMA_MONITORING_HEALTH_ADDRESS']).toBe(':9100');
    expect(command).toEqual(['--config', '/etc/otedama/otedama.yaml', '--data-dir', '/var/lib/otedama']);
  });

  it.each(SERVICES)('carries a bundle and an addon of less than 15 MB: %s', (name) => {
    const files = [`apps/${name}/dist/${name}.cjs`, 'native/otedama.node'];
    const bytes = files.reduce((sum, file) => sum + statSync(join(REPOSITORY, file)).size, 0);
    expect(bytes).toBeLessThan(BUNDLE_LIMIT_BYTES);
  });
});

const servers = natsServerProgram() && redisServerProgram() && findProgram(['dpkg-deb']) && mayEnter();

describeWith('root, Debian and the servers of a fleet', servers)('the fleet from its images', () => {
  const scratch = scratchDirectory('images-fleet');
  const running: TestProcess[] = [];
  const containers = new Map<string, Container>();
  let roots: ImageRoots;
  let nats: ServerProcess;
  let redis: ServerProcess;
  let database: EmbeddedPostgres;
  let api = '';

  const containerOf = (name: string, own: Partial<Container> = {}): Container => ({
    name,
    root: roots.of(name),
    state: ownedFolder(join(scratch.path, 'state', name)),
    config: join(scratch.path, 'etc'),
    ...own,
  });

  const start = (container: Container): TestProcess => {
    const started = startContainer(container);
    running.push(started);
    containers.set(container.name, container);
    return started;
  };

  /** The places of this machine, by variables: the file is that of docker/compose.yaml. */
  const settings = async (): Promise<Record<string, string>> => {
    const [node, stratum, http] = [await freePort(), await freePort(), await freePort()];
    api = `http://127.0.0.1:${http}`;
    const { user, password, host, port, database: name } = database.connection;
    return {
      OTEDAMA_NATS_SERVERS: nats.url,
      OTEDAMA_DATABASE_URL: `postgres://${user}:${password}@${host}:${port}/${name}`,
      OTEDAMA_REDIS_URL: redis.url,
      OTEDAMA_PLAYGROUND_URL: `http://127.0.0.1:${node}`,
      OTEDAMA_STRATUM_ADDRESS: `127.0.0.1:${stratum}`,
      OTEDAMA_MINING_GATEWAYS: `stratum+tcp://127.0.0.1:${stratum}`,
      OTEDAMA_API_ADDRESS: `127.0.0.1:${http}`,
    };
  };

  beforeAll(async () => {
    chmodSync(scratch.path, 0o755);
    cpSync(join(REPOSITORY, 'docker/development'), join(scratch.path, 'etc'), { recursive: true });
    roots = imageRoots();
    nats = await startNats({ dir: join(scratch.path, 'nats') });
    redis = await startRedis();
    database = await startEmbeddedPostgres({
      dataDir: join(scratch.path, BY_LOOPBACK),
      logger: silentLogger,
    });
    const env = await settings();

    const node = new URL(env['OTEDAMA_PLAYGROUND_URL'] ?? '');
    const chain = start(
      containerOf('playground', {
        args: ['--api-key', 'playground', '--rpc-host', node.hostname, '--rpc-port', node.port],
      }),
    );
    await chain.until('the chain', async () => chain.output.includes('"ready":true') || undefined);

    const streams = containerOf('cli', {
      env,
      args: ['fleet', 'streams', '--config', '/etc/otedama/otedama.yaml'],
    });
    expect(await startContainer(streams).exited).toEqual({ code: 0, signal: null });
    for (const name of SERVICES) {
      const monitoring = `127.0.0.1:${await freePort()}`;
      start(
        containerOf(name, {
          env: {
            ...env,
            OTEDAMA_MONITORING_METRICS_ADDRESS: monitoring,
            OTEDAMA_MONITORING_HEALTH_ADDRESS: monitoring,
          },
        }),
      );
    }
  }, 180_000);

  afterAll(async () => {
    await Promise.all(running.map((one) => one[Symbol.asyncDispose]()));
    await Promise.all([database.stop(), nats[Symbol.asyncDispose](), redis[Symbol.asyncDispose]()]);
    roots[Symbol.dispose]();
    scratch.remove();
  });

  const container = (name: string): Container => {
    const found = containers.get(name);
    if (found === undefined) throw new Error(`${name} was not started`);
    return found;
  };

  it.each(SERVICES)(
    'becomes healthy by the check of its own image: %s',
    async (name) => {
      const check = (): boolean => runIn(container(name), healthcheckOf(container(name))).code === 0;
      await eventually(`${name} to be healthy`, check);
    },
    60_000,
  );

  it('finds a block, and shows it on the dashboard that the image carries', async () => {
    const block = await eventually(
      'a block',
      async () => {
        // Within what one address may ask.
        await pause(125);
        const answer = (await (await fetch(`${api}/api/v1/blocks`)).json()) as { items?: readonly object[] };
        return answer.items?.[0];
      },
      BLOCK_TIMEOUT_MS,
    );
    expect(block).toMatchObject({ poolId: 'playground' });
    const page = await (await fetch(api)).text();
    const script = /src="\.?\/?(assets\/[^"]+\.js)"/.exec(page)?.[1] ?? 'none';
    expect((await fetch(`${api}/${script}`)).status).toBe(200);
    expect((await fetch(`${api}/api/docs/swagger-ui-bundle.js`)).status).toBe(200);
  }, 150_000);

  it('can write nothing but its state and its scratch', () => {
    const probe = (path: string): string =>
      runIn(container('stratum-gateway'), [
        '/usr/local/bin/node',
        '-p',
        `try { require('node:fs').writeFileSync('${path}/probe', ''); 'written' } catch (e) { e.code }`,
      ]).output.trim();
    expect(probe('/var/lib/otedama')).toBe('written');
    expect(probe('/tmp')).toBe('written');
    for (const path of ['/', '/opt/otedama', '/etc', '/etc/otedama', '/usr/local/bin', '/var']) {
      expect(['EROFS', 'EACCES']).toContain(probe(path));
    }
  });

  it('hears of new blocks by ZMQ: the native part is the one of this platform', () => {
    const { code, output } = runIn(container('share-validator'), [
      '/usr/local/bin/node',
      '-p',
      "require('/opt/otedama/node_modules/zeromq').version",
    ]);
    expect({ code, output: output.trim() }).toEqual({
      code: 0,
      output: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  it('has no shell, and no program but Node', () => {
    const { root } = container('api-gateway');
    for (const path of ['bin/sh', 'usr/bin', 'sbin', 'usr/sbin'])
      expect(existsSync(join(root, path))).toBe(false);
  });

  it.each([...SERVICES, 'cli', 'playground'])('has a bill of materials that CycloneDX takes: %s', (name) => {
    const root = containers.get(name)?.root ?? roots.of(name);
    const bom = JSON.parse(readFileSync(join(root, 'opt/otedama/sbom.cdx.json'), 'utf8')) as {
      components: { purl: string; licenses?: object[] }[];
    };
    expect(problemsOf(bom)).toEqual([]);
    const purls = bom.components.map(({ purl }) => purl.replace(/@[^@]*$/, ''));
    expect(purls).toEqual(
      expect.arrayContaining([`pkg:npm/node-linux-${process.arch}`, 'pkg:deb/debian/libc6']),
    );
    if (SERVICES.includes(name)) expect(purls).toContain('pkg:npm/%40nats-io/transport-node');
    if (name === 'share-validator')
      expect(purls).toEqual(expect.arrayContaining(['pkg:npm/zeromq', 'pkg:cargo/napi']));
    if (name === 'api-gateway')
      expect(purls).toEqual(expect.arrayContaining(['pkg:npm/preact', 'pkg:npm/swagger-ui-dist']));
  });

  it('drains on SIGTERM, every one of its own accord', async () => {
    const services = running.filter(({ name }) => SERVICES.includes(name));
    expect(services).toHaveLength(SERVICES.length);
    for (const service of services) service.signal('SIGTERM');
    const exits = await Promise.all(services.map(({ exited }) => exited));
    expect(exits).toEqual(services.map(() => ({ code: 0, signal: null })));
  }, 60_000);
});

/** By the schema that comes with the library that writes them. */
const problemsOf = (bom: object): readonly unknown[] => {
  const require = createRequire(join(REPOSITORY, 'package.json'));
  const folder = join(require.resolve('@cyclonedx/cyclonedx-library/package.json'), '../res/schema');
  const read = (file: string): object => JSON.parse(readFileSync(join(folder, file), 'utf8')) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema(read('spdx.SNAPSHOT.schema.json'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json');
  ajv.addSchema(
    read('jsf-0.82.SNAPSHOT.schema.json'),
    'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json',
  );
  const validate = ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'));
  return validate(bom) ? [] : (validate.errors ?? []);
};
