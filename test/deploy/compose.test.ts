/** The compose files: as the reference of the Compose Specification reads them, and what they promise. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  REPOSITORY,
  type Scratch,
  type ServerProcess,
  TestProcess,
  describeWith,
  eventually,
  findProgram,
  freePort,
  natsServerProgram,
  scratchDirectory,
  startNatsWith,
} from '@otedama/test-harness';
import { parse } from 'yaml';

interface Mount {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
}

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly ports?: readonly { readonly host_ip?: string; readonly target: number }[];
  readonly volumes?: readonly Mount[];
  readonly secrets?: readonly { readonly source: string }[];
  readonly networks: Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

interface Project {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

const HOME = '/srv/otedama';
const folder = join(REPOSITORY, 'docker');
const FILES = ['compose.yaml', 'compose.production.yaml'];
const OURS = /^ghcr\.io\/otedama\/otedama\//;

const composeSpec = (): string | undefined => findProgram([join(REPOSITORY, '.tools/bin/compose-spec')]);

/** The reference's own command fills in no variables. */
const filled = (text: string): string =>
  text.replaceAll(/\$\{OTEDAMA_HOME(:\?)?\}/g, HOME).replaceAll(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1');

describeWith('compose-spec', composeSpec())('the compose files', () => {
  let scratch: Scratch;
  beforeAll(() => {
    scratch = scratchDirectory('compose');
  });
  afterAll(() => scratch.remove());

  const load = (text: string) => {
    const file = join(scratch.path, 'compose.yaml');
    writeFileSync(file, text);
    const options = ['-no-interpolation', '-format', 'json', file];
    const { status, stdout, stderr } = spawnSync(composeSpec() ?? '', options, {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  const project = (file: string): Project => {
    const { status, stdout, stderr } = load(filled(readFileSync(join(folder, file), 'utf8')));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as Project;
  };

  it('are told of what is wrong', () => {
    expect(load('services: {a: {image: b, restrat: always}}').status).toBe(1);
    expect(load('services: {a: {image: [b]}}').status).toBe(1);
  });

  it.each(FILES)('name only what they define: %s', (file) => {
    const { services, networks = {}, volumes = {}, secrets = {} } = project(file);
    for (const service of Object.values(services)) {
      expect(Object.keys(networks)).toEqual(expect.arrayContaining(Object.keys(service.networks)));
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(service.depends_on ?? {})));
      const named = (service.volumes ?? []).filter(({ type }) => type === 'volume');
      expect(Object.keys(volumes)).toEqual(expect.arrayContaining(named.map(({ source }) => source)));
      const own = (service.secrets ?? []).map(({ source }) => source);
      expect(Object.keys(secrets)).toEqual(expect.arrayContaining(own));
    }
  });

  it.each(FILES)('start our services without rights, and give them time to drain: %s', (file) => {
    const services = Object.entries(project(file).services).filter(([, { image }]) => OURS.test(image));
    expect(services.length).toBeGreaterThan(4);
    for (const [name, service] of services) {
      expect({ name, ...service }).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        stop_grace_period: '35s',
      });
    }
  });

  it.each(FILES)('publish the ports for miners alone to other machines: %s', (file) => {
    const open = Object.entries(project(file).services).flatMap(([name, { ports = [] }]) =>
      ports.filter(({ host_ip: host }) => host !== '127.0.0.1').map(({ target }) => `${name}:${target}`),
    );
    expect(open).toEqual(file === 'compose.yaml' ? [] : ['stratum-gateway:3333']);
  });

  it.each(FILES)('mount what is in the repository, or what prepare.sh makes: %s', (file) => {
    const mounts = Object.values(project(file).services)
      .flatMap(({ volumes = [] }) => volumes)
      .filter(({ type, source }) => type === 'bind' && !source?.startsWith(HOME));
    expect(mounts.length).toBeGreaterThan(0);
    expect(mounts.filter(({ source = '' }) => !existsSync(source))).toEqual([]);
  });

  it('keep from who faces strangers what others need', () => {
    const { services } = project('compose.production.yaml');
    const secretsOf = (name: string) => services[name]?.secrets?.map(({ source }) => source).sort();
    expect(secretsOf('stratum-gateway')).toEqual(['redis.url', 'stratum-gateway.nk']);
    expect(secretsOf('api-gateway')).toEqual(['api-gateway.nk', 'redis.url']);
    for (const name of ['stratum-gateway', 'api-gateway']) {
      expect(services[name]?.volumes?.map(({ target }) => target)).toEqual(['/etc/otedama/otedama.yaml']);
      expect(Object.keys(services[name]?.networks ?? {})).not.toContain('books');
    }
  });

  it('scrape every service, and every exporter', () => {
    const { services } = project('compose.production.yaml');
    const groups = parse(readFileSync(join(folder, 'prometheus-targets/otedama.yml'), 'utf8')) as {
      targets: string[];
    }[];
    const scraped = groups.flatMap(({ targets }) => targets.map((target) => target.split(':')[0])).sort();
    const watched = Object.entries(services).filter(
      ([name, { image }]) => name.includes('exporter') || (OURS.test(image) && !image.includes('/cli:')),
    );
    expect(scraped).toEqual(watched.map(([name]) => name).sort());
    for (const name of scraped)
      expect(Object.keys(services[name ?? '']?.networks ?? {})).toContain('monitoring');
  });

  it('have a secret for each that is asked for, and prepare.sh makes them all', () => {
    const { services, secrets = {} } = project('compose.production.yaml');
    const asked = Object.values(services).flatMap(({ secrets: own = [] }) => own.map(({ source }) => source));
    expect([...new Set(asked)].sort()).toEqual(Object.keys(secrets).sort());
    const home = prepare(scratch.path);
    const missing = Object.values(secrets).filter(({ file }) => !existsSync(file.replace(HOME, home)));
    expect(missing).toEqual([]);
  });
});

/** In place of an engine: what the container of `cli` would run, in the folder that it would have at /keys. */
const ENGINE = `#!/bin/sh
while [ "$1" != --user ]; do shift; done
user=$2
while [ "$1" != -v ]; do shift; done
folder=\${2%:/keys}
shift 3
[ "$1 $2 $3 $4" = "fleet credentials --out /keys" ] || exit 9
shift 4
"$NODE" --no-warnings "$CLI" fleet credentials --out "$folder" "$@"
chown -R "$user" "$folder"
`;

/** Runs docker/prepare.sh, as root, into a folder of its own. */
const prepare = (scratch: string): string => {
  const home = join(scratch, 'home');
  const bin = join(scratch, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'docker'), ENGINE);
  chmodSync(join(bin, 'docker'), 0o755);
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    NODE: process.execPath,
    CLI: join(REPOSITORY, 'apps/cli/dist/otedama.cjs'),
  };
  const done = spawnSync('sh', [join(folder, 'prepare.sh'), home], { env, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return home;
};

const contentsOf = (home: string): Record<string, string> =>
  Object.fromEntries(
    (readdirSync(home, { recursive: true }) as string[])
      .filter((file) => statSync(join(home, file)).isFile())
      .map((file) => [file, readFileSync(join(home, file), 'utf8')]),
  );

/** What a server says to who has no key, until it hangs up. */
const answerToStranger = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write('CONNECT {"verbose":false}\r\nPING\r\n'));
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('close', () => resolve(text)).on('error', reject);
  });

const servers =
  natsServerProgram() !== undefined && process.getuid?.() === 0 ? natsServerProgram() : undefined;

describeWith('root and nats-server', servers)('what prepare.sh makes', () => {
  let scratch: Scratch;
  let home: string;
  const running: ServerProcess[] = [];
  beforeAll(() => {
    scratch = scratchDirectory('prepare');
    home = prepare(scratch.path);
  });
  afterAll(async () => {
    await Promise.all(running.map((server) => server[Symbol.asyncDispose]()));
    scratch.remove();
  });

  it('belongs to who reads it, and to nobody else', () => {
    const owners = Object.keys(contentsOf(home))
      .filter((file) => file.startsWith('secrets/') || file.endsWith('.nk'))
      .map((file) => ({
        file,
        uid: statSync(join(home, file)).uid,
        mode: statSync(join(home, file)).mode & 0o077,
      }));
    expect(owners.length).toBeGreaterThan(10);
    expect(owners.filter(({ mode }) => mode !== 0)).toEqual([]);
    expect(owners.filter(({ uid }) => uid !== 10_001).map(({ file, uid }) => [file, uid])).toEqual([
      ['secrets/grafana.password', 472],
    ]);
  });

  it('stays as it is when it is made again', () => {
    const before = contentsOf(home);
    prepare(scratch.path);
    expect(contentsOf(home)).toEqual(before);
  });

  /** The same file, on three ports of this machine. */
  const startCluster = async (): Promise<string[]> => {
    const names = ['nats-1', 'nats-2', 'nats-3'];
    const ports = await Promise.all(
      names.map(async () => ({ client: await freePort(), route: await freePort(), http: await freePort() })),
    );
    const text = readFileSync(join(home, 'nats/server/nats-server.conf'), 'utf8');
    const files = ports.map(({ client, route, http }, index) => {
      const own = names.reduce(
        (now, name, other) => now.replaceAll(`${name}:6222`, `127.0.0.1:${ports[other]?.route}`),
        text
          .replace('port: 4222', `port: ${client}`)
          .replace('0.0.0.0:6222', `127.0.0.1:${route}`)
          .replace('http: 8222', `http: ${http}`)
          .replace('"/data"', JSON.stringify(join(scratch.path, `data-${index}`))),
      );
      const file = join(home, 'nats/server', `${index}.conf`);
      writeFileSync(file, `${own}server_name: ${names[index]}\n`);
      return { file, port: client };
    });
    running.push(...(await Promise.all(files.map(({ file, port }) => startNatsWith(file, port)))));
    return files.map(({ port }) => `nats://127.0.0.1:${port}`);
  };

  it('joins three servers to one that keeps three copies of each stream', async () => {
    const urls = await startCluster();
    const config = join(scratch.path, 'otedama.yaml');
    writeFileSync(
      config,
      `nats: {servers: [${urls.join()}], credentials_dir: ${join(home, 'nats/keys')}, replicas: 3}\n`,
    );
    const cli = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');
    const args = ['--no-warnings', cli, 'fleet', 'streams', '--config', config];
    await eventually('the streams', async () => {
      const made = new TestProcess('streams', process.execPath, args);
      return (await made.exited).code === 0 && made.output.includes('3 copies');
    });
    expect(await answerToStranger(Number(new URL(urls[0] ?? '').port))).toContain('Authorization Violation');
  }, 60_000);
});
