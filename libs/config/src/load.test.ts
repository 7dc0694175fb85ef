import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { badConfigs, goodPool } from './load.fixtures.ts';
import type { Files } from './files.ts';
import { type Config, type LoadResult, formatProblems, loadConfig } from './index.ts';

const DEFAULTS = { dataDir: '/var/lib/otedama', cores: 8 };
const PEM = '-----BEGIN CERTIFICATE-----\n';

const diskOf = (contents: Readonly<Record<string, string>>): Files => ({
  read: (path) => {
    const text = contents[path];
    return text === undefined ? { ok: false, reason: 'no such file' } : { ok: true, text };
  },
});
const DISK = {
  '/etc/otedama/cert.pem': PEM,
  '/etc/otedama/key.pem': PEM,
  '/etc/otedama/notes.txt': 'hello',
  '/etc/otedama/rpc.txt': 'from a file\n',
  '/etc/otedama/.cookie': '__cookie__:4711',
  '/etc/otedama/db-url': 'postgres://pool@db/otedama\n',
};

const load = (text: string, env: Readonly<Record<string, string>> = {}, files = diskOf(DISK)): LoadResult =>
  loadConfig({ file: '/etc/otedama/pool.yaml', text, env, defaults: DEFAULTS, files });

const loaded = (text: string, env: Readonly<Record<string, string>> = {}): Config => {
  const result = load(text, env);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config;
};

const warningsOf = (text: string, env: Readonly<Record<string, string>> = {}): string[] => {
  const result = load(text, env);
  return result.ok ? formatProblems(result.warnings, 'pool.yaml').split('\n').filter(Boolean) : ['refused'];
};

describe('a wrong configuration', () => {
  it.each(badConfigs)('says so: $name', ({ text, env, expected }) => {
    const result = load(text, env);
    if (result.ok) throw new Error('was accepted');
    expect(formatProblems(result.problems, 'pool.yaml').split('\n')).toEqual(expected);
  });

  it('lists mistakes of every kind together, in the order of the file', () => {
    const text = goodPool(
      '  fee: 1',
      'mining:',
      '  algorithm: scrypt',
      '  enable: true',
      'api:',
      '  address: 8080',
    );
    const result = load(text, { OTEDAMA_APP_LOG_LEVEL: 'loud' });
    if (result.ok) throw new Error('was accepted');
    expect(result.problems.map(({ path, line }) => [path, line])).toEqual([
      ['app.log_level', undefined],
      ['pool.fee', 9],
      ['mining.algorithm', 11],
      ['api.address', 14],
    ]);
  });

  it('caps the list', () => {
    const text = Array.from({ length: 60 }, (_, index) => `key${index}: 1`).join('\n');
    const result = load(text);
    if (result.ok) throw new Error('was accepted');
    const lines = formatProblems(result.problems).split('\n');
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('… and 10 more');
  });

  it('names a file that cannot be read', () => {
    const result = loadConfig({
      file: '/etc/otedama/none.yaml',
      env: {},
      defaults: DEFAULTS,
      files: diskOf({}),
    });
    if (result.ok) throw new Error('was accepted');
    expect(formatProblems(result.problems, 'none.yaml')).toBe('none.yaml: cannot be read: no such file');
  });
});

describe('no configuration', () => {
  it('is the playground for one machine, mining on all cores but one', () => {
    const config = loaded('');
    expect(config.playground).toBe(true);
    expect(config.pools).toHaveLength(1);
    expect(config.pools[0]).toMatchObject({
      id: 'playground',
      payoutAddress: '',
      scheme: 'pplns',
      feeBasisPoints: 100,
      daemons: [],
      stratum: { listen: { host: '127.0.0.1', port: 3333 }, tls: undefined, allowPlain: false },
    });
    expect(config.pools[0]?.coin.network).toBe('playground');
    expect(config.mining).toEqual({
      enabled: true,
      algorithm: 'sha256d',
      cpu: { enabled: true, threads: 7, priority: 10 },
      datasetDir: '/var/lib/otedama/datasets',
      upstreams: [],
      gateways: [],
    });
    expect(config.api.listen).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(config.app.dataDir).toBe('/var/lib/otedama');
    expect(warningsOf('')).toEqual([]);
  });

  it.each([
    ['etchash', 'etchash'],
    ['KawPow', 'kawpow'],
    ['randomx', 'randomx'],
    ['rx/0', 'randomx'],
    ['rx/2', 'randomx-v2'],
    ['SHA256', 'sha256d'],
  ])('mines %s on the pool of others, with datasets below the data directory', (written, algorithm) => {
    const upstream = 'pool: { url: "stratum+tcp://pool.example:3333", user: addr.rig }';
    const { mining } = loaded(
      `app: { data_dir: data }\nmining: { enable: true, algorithm: ${written} }\n${upstream}`,
    );
    expect(mining).toMatchObject({ enabled: true, algorithm, datasetDir: '/etc/otedama/data/datasets' });
  });

  it('mines on one thread of a machine with one core', () => {
    const result = loadConfig({ text: '', env: {}, defaults: { ...DEFAULTS, cores: 1 } });
    expect(result.ok && result.config.mining.cpu.threads).toBe(1);
  });
});

describe('a pool', () => {
  it('is not mined on by its own machine unless that is wanted', () => {
    expect(loaded(goodPool()).mining.enabled).toBe(false);
    expect(loaded(goodPool('mining:', '  enable_cpu: true')).mining.enabled).toBe(true);
    expect(loaded(goodPool('mining:', '  enable: true')).mining.cpu.enabled).toBe(true);
  });

  it('listens on all interfaces and is called after its chain', () => {
    const [pool] = loaded(goodPool()).pools;
    expect(pool?.stratum.listen).toEqual({ host: '0.0.0.0', port: 3333 });
    expect(pool?.id).toBe('bitcoin-regtest');
    expect(pool?.window).toEqual({ kind: 'work', networkBlocks: 2 });
    expect(loaded(goodPool()).playground).toBe(false);
  });

  it('takes its password from a file', () => {
    const [pool] = loaded(goodPool().replace('password: secret', 'password_file: rpc.txt')).pools;
    expect(pool?.daemons[0]?.password.reveal()).toBe('from a file');
  });

  it('reads the cookie again each time, and keeps the last one while the daemon is down', () => {
    const contents: Record<string, string> = {};
    const text = goodPool().replace('      user: rpc\n      password: secret', '      cookie_file: .cookie');
    const result = load(text, {}, { read: (path) => diskOf(contents).read(path) });
    if (!result.ok) throw new Error(formatProblems(result.problems));
    expect(formatProblems(result.warnings)).toContain('".cookie": no such file; waiting for the daemon');
    const daemon = result.config.pools[0]?.daemons[0];
    expect(daemon?.user).toBe('__cookie__');
    contents['/etc/otedama/.cookie'] = '__cookie__:first';
    expect(daemon?.password.reveal()).toBe('first');
    contents['/etc/otedama/.cookie'] = '__cookie__:second';
    expect(daemon?.password.reveal()).toBe('second');
    delete contents['/etc/otedama/.cookie'];
    expect(daemon?.password.reveal()).toBe('second');
  });

  it('may speak TLS with the common certificate', () => {
    const text = goodPool(
      '  stratum: { tls: true }',
      'security:',
      '  cert_file: cert.pem',
      '  key_file: key.pem',
    );
    const config = loaded(text);
    const tls = { certFile: '/etc/otedama/cert.pem', keyFile: '/etc/otedama/key.pem' };
    expect(config.pools[0]?.stratum.tls).toEqual(tls);
    expect(config.api.tls).toBeUndefined();
  });
});

describe('the file of the first product', () => {
  const SEED = `
app: { name: "Otedama", mode: "production" }
mining:
  algorithm: "sha256d"
  enable_cpu: true
  enable_gpu: true
  enable_asic: true
  cpu: { threads: 0, priority: "normal" }
  gpu: { devices: [], intensity: 20, temperature_limit: 85 }
  asic: { devices: [], poll_interval: 5s }
pool:
  enable: true
  address: "0.0.0.0:3333"
  max_connections: 10000
  fee_percentage: 1.0
  rewards: { system: "PPLNS", window: 2h }
stratum: { enable: true, address: "0.0.0.0:3333", max_workers: 10000 }
api:
  enable: true
  address: "0.0.0.0:8080"
  auth: { enabled: true, token_expiry: 24h }
  rate_limit: 100
monitoring:
  metrics: { enabled: true, address: "0.0.0.0:9090" }
  health: { enabled: true, address: "0.0.0.0:8081" }
`;

  it('is understood', () => {
    const config = loaded(SEED);
    expect(config.mining).toMatchObject({ enabled: true, cpu: { threads: 7, priority: 0 } });
    expect(config.pools[0]).toMatchObject({
      scheme: 'pplns',
      window: { kind: 'time', durationMs: 7_200_000 },
      feeBasisPoints: 100,
      stratum: { listen: { host: '0.0.0.0', port: 3333 } },
    });
    expect(config.api).toMatchObject({
      auth: { enabled: true, tokenExpiryMs: 86_400_000 },
      rateLimitPerSecond: 100 / 60,
    });
    expect(config.monitoring.metrics).toEqual({ enabled: true, listen: { host: '0.0.0.0', port: 9090 } });
  });

  it('is told what has no effect here', () => {
    expect(warningsOf(SEED)).toEqual([
      'pool.yaml:2:31: app.mode: has no effect',
      'pool.yaml:6:15: mining.enable_gpu: no driver in this version: GPU devices are not used',
      'pool.yaml:7:16: mining.enable_asic: no driver in this version: ASIC devices are not used',
      'pool.yaml:11:1: pool: no coin is configured: this is the playground chain, whose coins are worth nothing',
      'pool.yaml:21:20: api.auth.enabled: without api.api_key only users may change anything: ./otedama access admin NAME makes the first',
    ]);
  });

  it('asks for a login where it asks for a key and has none', () => {
    expect(loaded(SEED).api.auth).toMatchObject({ enabled: true, apiKey: undefined });
  });

  it('may name only pools to mine on', () => {
    const text = `pool:
  url: stratum+tcp://pool.example:3333
  user: wallet.rig
  backup_pools:
    - { url: "stratum+tls://backup.example:443/", user: wallet.rig }
mining: { enable_cpu: true }
`;
    const config = loaded(text);
    expect(config.pools).toEqual([]);
    expect(config.playground).toBe(false);
    expect(config.mining.upstreams).toEqual([
      { url: 'stratum+tcp://pool.example:3333', user: 'wallet.rig', password: 'x' },
      { url: 'stratum+ssl://backup.example:443', user: 'wallet.rig', password: 'x' },
    ]);
  });
});

describe('the result', () => {
  it('is frozen throughout', () => {
    const unfrozen: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) unfrozen.push(path);
      for (const [key, child] of Object.entries(value)) visit(child, `${path}.${key}`);
    };
    visit(loaded(goodPool()), 'config');
    expect(unfrozen).toEqual([]);
  });

  it('can be logged: no secret shows', () => {
    const config = loaded(
      goodPool('api:', '  api_key: 0123456789abcdef-key', 'database:', '  url: postgres://u:hunter2@db/pool'),
    );
    const shown = `${JSON.stringify(config, (_, value) => (typeof value === 'bigint' ? String(value) : value))}
      ${inspect(config, { depth: 9 })} ${String(config.api.auth.apiKey)}`;
    expect(shown).not.toMatch(/hunter2|0123456789abcdef|"secret"/);
    expect(config.api.auth.apiKey?.reveal()).toBe('0123456789abcdef-key');
    expect(config.database.url?.reveal()).toBe('postgres://u:hunter2@db/pool');
  });

  it('takes the URL of the database from a file', () => {
    expect(loaded('database: { url_file: db-url }').database.url?.reveal()).toBe(
      'postgres://pool@db/otedama',
    );
    const result = load('database: { url_file: notes.txt }');
    expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([
      'holds no PostgreSQL URL',
    ]);
  });

  it('lets the API serve what shares its address', () => {
    const config = loaded(
      'monitoring: { metrics: { address: "127.0.0.1:8080" }, health: { address: ":9000" } }',
    );
    expect(config.monitoring.metrics.listen).toBeUndefined();
    expect(config.monitoring.health.listen).toEqual({ host: '0.0.0.0', port: 9000 });
  });

  it('accepts port 0 any number of times', () => {
    const config = loaded('api: { address: "127.0.0.1:0" }\nstratum: { address: "127.0.0.1:0" }');
    expect(config.api.listen.port).toBe(0);
    expect(config.pools[0]?.stratum.listen.port).toBe(0);
  });
});

describe('the environment', () => {
  it('wins over the file', () => {
    const env = {
      OTEDAMA_API_ADDRESS: ':9999',
      OTEDAMA_MINING_ENABLE_CPU: 'false',
      OTEDAMA_MINING_CPU_THREADS: '3',
    };
    const config = loaded('api: { address: "127.0.0.1:1" }', env);
    expect(config.api.listen).toEqual({ host: '0.0.0.0', port: 9999 });
    expect(config.mining).toMatchObject({ enabled: false, cpu: { threads: 3 } });
  });

  it('starts relative paths at the working directory, the file at its own', () => {
    expect(loaded('app: { data_dir: data }').app.dataDir).toBe('/etc/otedama/data');
    expect(loaded('', { OTEDAMA_APP_DATA_DIR: 'data' }).app.dataDir).toBe(resolve('data'));
  });

  it('treats an empty variable as not set and a number as text where text is wanted', () => {
    const config = loaded('', { OTEDAMA_API_ADDRESS: '', OTEDAMA_APP_NAME: '0042' });
    expect(config.api.listen.port).toBe(8080);
    expect(config.app.name).toBe('0042');
  });

  it('knows the other spelling of a key', () => {
    expect(loaded('', { OTEDAMA_API_ENABLED: 'false' }).api.enabled).toBe(false);
  });

  it('warns of a name it does not know, but not of those that Kubernetes sets', () => {
    const env = {
      OTEDAMA_API_ADRESS: 'x',
      OTEDAMA_SERVICE_HOST: '10.0.0.1',
      OTEDAMA_PORT_8080_TCP_ADDR: '10.0.0.1',
    };
    expect(warningsOf('', env)).toEqual([
      'OTEDAMA_API_ADRESS: no setting has this name; did you mean OTEDAMA_API_ADDRESS?',
    ]);
  });
});
