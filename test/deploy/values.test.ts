/** What an operator may write into the values, and what is made of the chart and for it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY, describeWith } from '@otedama/test-harness';
import { Chart, helm } from './chart/helm.ts';

const DAEMON = {
  url: 'http://bitcoind:8332',
  user: 'otedama',
  password_file: '/etc/otedama/secrets/btc/password',
};
const POOL = {
  id: 'btc',
  coin: 'bitcoin',
  payout_address: 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
  daemons: [DAEMON],
};
const SERVERS = 'bus.servers=["nats://nats:4222"]';
const config = (more: object = {}, pool: object = {}): string =>
  `config=${JSON.stringify({ pools: [{ ...POOL, ...pool }], ...more })}`;

describeWith('helm', helm())('the values of the chart', () => {
  let chart: Chart;
  beforeAll(() => {
    chart = new Chart();
  });
  afterAll(() => chart[Symbol.dispose]());

  it('are good with a pool and the servers', () => {
    expect(chart.refusalOf(config(), SERVERS)).toBeUndefined();
  });

  it.each([
    ['no pool', [SERVERS], /config\.pools: name at least one pool/],
    ['no servers', [config()], /bus\.servers: name the NATS servers, or set nats\.enabled/],
    ['a key that nobody knows', [config(), SERVERS, 'stratumGateway.replica=3'], /replica/],
    ['a coin that nobody knows', [config({}, { coin: 'bitcon' }), SERVERS], /coin/],
    ['a key of the configuration that nobody knows', [config({ aip: {} }), SERVERS], /aip/],
    ['a key that is the chart’s own', [config({ nats: { servers: 'nats://a:1' } }), SERVERS], /nats/],
    [
      'two pools on one port',
      [`config=${JSON.stringify({ pools: [POOL, { ...POOL, id: 'other' }] })}`, SERVERS],
      /btc and other listen on port 3333/,
    ],
    ['a password', [config({}, { daemons: [{ ...DAEMON, password: 'hunter2' }] }), SERVERS], /password/],
    ['a key of the API', [config({ api: { api_key: '0123456789abcdef' } }), SERVERS], /api_key/],
    [
      'a Secret with a name that none can have',
      [config(), SERVERS, 'database.secretName="A_b"'],
      /secretName/,
    ],
    ['two copies of a stream', [config(), SERVERS, 'bus.replicas=2'], /replicas/],
    ['a drain that moves nobody', [config(), SERVERS, 'stratumGateway.drainSeconds=5'], /drainSeconds/],
    [
      'PROXY headers of whoever connects',
      [config(), SERVERS, 'stratumGateway.proxyProtocol.enabled=true'],
      /proxyProtocol\.trusted: name the ranges/,
    ],
  ])('are refused with %s', (_what, settings, message) => {
    expect(chart.refusalOf(...settings)).toMatch(message);
  });

  it('have the schema, and deploy/k8s the manifests, that the chart makes of them', () => {
    const done = spawnSync(process.execPath, [join(REPOSITORY, 'tools/chart.mjs')], { encoding: 'utf8' });
    expect(done.stderr).toBe('');
    expect(done.stdout).toMatch(/^\d+ files, 0 problems\n$/);
  });
});
