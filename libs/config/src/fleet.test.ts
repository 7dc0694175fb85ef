import { BITCOIN_PLAYGROUND, encodeWitnessAddress } from '@otedama/chain-params';
import type { Files } from './files.ts';
import { type Config, type LoadResult, formatProblems, loadConfig } from './index.ts';

const DISK: Readonly<Record<string, string>> = {
  '/etc/otedama/ca.pem': '-----BEGIN CERTIFICATE-----\n',
  '/etc/otedama/redis-url': 'redis://:secret@cache:6379/2\n',
  '/etc/otedama/no-url': 'cache:6379\n',
  '/etc/otedama/node-password': 'rpc secret\n',
};
const files: Files = {
  read: (path) => {
    const text = DISK[path];
    return text === undefined ? { ok: false, reason: 'no such file' } : { ok: true, text };
  },
};
const address = encodeWitnessAddress(BITCOIN_PLAYGROUND, 0, Buffer.alloc(20, 7));

const load = (text: string, env: Readonly<Record<string, string>> = {}): LoadResult =>
  loadConfig({
    file: '/etc/otedama/pool.yaml',
    text,
    env,
    defaults: { dataDir: '/var/lib/otedama', cores: 2 },
    files,
  });

const loaded = (text: string, env: Readonly<Record<string, string>> = {}): Config => {
  const result = load(text, env);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config;
};

const problemsOf = (text: string): string[] => {
  const result = load(text);
  return result.ok ? ['was accepted'] : formatProblems(result.problems, 'pool.yaml').split('\n');
};

describe('the servers of a fleet', () => {
  it('are none without the section: everything runs in one process', () => {
    expect(loaded('')).toMatchObject({
      nats: undefined,
      redis: { url: undefined },
      service: { instance: undefined, drainMs: 25_000 },
    });
  });

  it('are read with their defaults, and folders from the place of the file', () => {
    const text = 'nats: {servers: "nats://a:4222, tls://[::1]:4223", credentials_dir: nats}\n';
    expect(loaded(text).nats).toEqual({
      servers: ['nats://a:4222', 'tls://[::1]:4223'],
      credentialsDir: '/etc/otedama/nats',
      tls: undefined,
      replicas: 1,
    });
  });

  it('are also taken as a list', () => {
    const servers = ['nats://a:4222', 'tls://[::1]:4223'];
    expect(loaded(`nats:\n  servers: [${servers.map((url) => `"${url}"`).join(', ')}]\n`).nats).toMatchObject(
      {
        servers,
      },
    );
  });

  it('can be given by the environment alone', () => {
    const config = loaded('', {
      OTEDAMA_NATS_SERVERS: 'nats://a:4222,nats://b:4222',
      OTEDAMA_NATS_REPLICAS: '3',
      OTEDAMA_REDIS_URL: 'redis://cache:6379',
      OTEDAMA_SERVICE_INSTANCE: 'gateway-1',
      OTEDAMA_SERVICE_DRAIN_TIME: '5s',
    });
    expect(config.nats).toMatchObject({ servers: ['nats://a:4222', 'nats://b:4222'], replicas: 3 });
    expect(config.redis.url?.reveal()).toBe('redis://cache:6379');
    expect(config.service).toEqual({ instance: 'gateway-1', drainMs: 5_000 });
  });

  it('may keep the URL of Redis in a file', () => {
    const { redis } = loaded('redis: {url_file: redis-url}\n');
    expect(redis.url?.reveal()).toBe('redis://:secret@cache:6379/2');
    expect(JSON.stringify(redis)).not.toContain('secret@');
  });

  it('switch TLS on by naming an authority', () => {
    expect(loaded('nats: {servers: "nats://a:4222", ca_file: ca.pem}\n').nats?.tls).toEqual({
      caFile: '/etc/otedama/ca.pem',
      certFile: undefined,
      keyFile: undefined,
    });
  });

  it.each([
    [
      'nats:\n  ca_file: ca.pem\n',
      'pool.yaml:1:1: nats.servers: is required: what else is here is for them (allowed: nats://host:port)',
    ],
    [
      'nats:\n  servers: http://a:4222\n',
      'pool.yaml:2:12: nats.servers: "http://a:4222" is not a list of NATS servers ' +
        '(allowed: nats://host:port, tls://host:port, several as a list or separated by commas)',
    ],
    ...['["nats://a:4222","b:4222"]', '[]'].map((servers): [string, string] => [
      `nats:\n  servers: ${servers}\n`,
      `pool.yaml:2:3: nats.servers: ${servers} is not a list of NATS servers ` +
        '(allowed: nats://host:port, tls://host:port, several as a list or separated by commas)',
    ]),
    [
      'nats:\n  servers: nats://a:4222\n  replicas: 2\n',
      'pool.yaml:3:13: nats.replicas: 2 is not a number of replicas (allowed: 1, 3)',
    ],
    [
      'nats:\n  servers: nats://a:4222\n  cert_file: ca.pem\n',
      'pool.yaml:3:14: nats.cert_file: needs "key_file" beside it',
    ],
    [
      'nats:\n  servers: nats://a:4222\n  ca_file: none.pem\n',
      'pool.yaml:3:12: nats.ca_file: "none.pem" cannot be read: no such file',
    ],
    [
      'redis:\n  url_file: no-url\n',
      'pool.yaml:2:13: redis.url_file: holds no Redis URL (allowed: redis://host:port)',
    ],
    [
      'service:\n  instance: a.b\n',
      'pool.yaml:2:13: service.instance: "a.b" is not a name (allowed: 1 to 64 of A-Z a-z 0-9 _ -)',
    ],
  ])('are refused with their line: %j', (text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
  });
});

describe('metrics and health', () => {
  it('may share an address of their own', () => {
    const text = 'monitoring: {metrics: {address: ":9400"}, health: {address: ":9400"}}\n';
    expect(loaded(text).monitoring.health.listen).toEqual({ host: '0.0.0.0', port: 9400 });
  });
});

describe('several gateways on one machine', () => {
  it('have their ports apart by an offset', () => {
    const { pools, stratum } = loaded('stratum: {port_offset: 10, reuse_port: true}\n');
    expect(pools[0]?.stratum.listen.port).toBe(3343);
    expect(stratum.reusePort).toBe(true);
  });

  it('are all known to the devices beside them', () => {
    const urls = ['stratum+tcp://127.0.0.1:3333', 'stratum+tcp://127.0.0.1:3433'];
    expect(loaded('', { OTEDAMA_MINING_GATEWAYS: urls.join(',') }).mining.gateways).toEqual(urls);
    const elsewhere = 'mining: {gateways: ["stratum+tls://edge:3333"]}\nstratum: {enable: false}\n';
    expect(loaded(elsewhere).mining).toMatchObject({ enabled: true, gateways: ['stratum+ssl://edge:3333'] });
  });

  it('leave a port to the system that the system chooses, and know where ports end', () => {
    const text = 'pool: {address: "127.0.0.1:0"}\nstratum: {port_offset: 10}\n';
    expect(loaded(text).pools[0]?.stratum.listen.port).toBe(0);
    expect(problemsOf('pool: {address: ":65530"}\nstratum:\n  port_offset: 10\n')).toEqual([
      'pool.yaml:3:16: stratum.port_offset: makes 65540 of port 65530',
    ]);
  });
});

describe('a playground chain that runs already', () => {
  it('is mined with its node and address', () => {
    const text = `playground: {url: "http://127.0.0.1:1234", password_file: node-password, payout_address: ${address}}\n`;
    const { playground, pools } = loaded(text);
    expect(playground).toBe(true);
    expect(pools[0]).toMatchObject({
      id: 'playground',
      payoutAddress: address,
      daemons: [{ url: 'http://127.0.0.1:1234', user: 'otedama' }],
    });
    expect(pools[0]?.daemons[0]?.password.reveal()).toBe('rpc secret');
  });

  it('needs both', () => {
    expect(problemsOf('playground:\n  url: http://127.0.0.1:1234\n')).toEqual([
      'pool.yaml:1:1: playground.payout_address: is required: block rewards need an address of your wallet',
    ]);
    expect(problemsOf(`playground:\n  payout_address: ${address}\n`)).toEqual([
      'pool.yaml:1:1: playground.url: is required beside the other keys of "playground"',
    ]);
  });
});
