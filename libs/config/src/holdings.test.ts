import type { Files } from './files.ts';
import { type Config, type ConfigPart, formatProblems, loadConfig } from './index.ts';

const POOLS = `
pools:
  - id: btc
    coin: bitcoin
    network: regtest
    payout_address: bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080
    stratum: {address: ':3333', tls: true, cert_file: tls.crt, key_file: tls.key}
    daemons: [{url: 'http://node:18443', user: rpc, password_file: node}]
    wallet: {url: 'http://wallet:18443', user: payer, password_file: wallet}
  - id: ltc
    coin: litecoin
    payout_address: ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9
    stratum: {address: ':3433'}
    daemons: [{url: 'http://node:19443', user: rpc, password_file: node}]
    wallet: {name: pool}
  - id: xmr
    coin: monero
    payout_address: 44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A
    view_key_file: view-key
    stratum: {address: ':3533'}
    daemons: [{url: 'http://monerod:18081', user: rpc, password_file: monerod}]
database: {url_file: database}
redis: {url_file: redis}
nats: {servers: 'tls://a:4222', ca_file: ca.pem}
api: {api_key_file: api-key}
security: {enable_tls: true, cert_file: api.crt, key_file: api.key}
`;

const TEXTS: Readonly<Record<string, string>> = {
  database: 'postgres://books@db/otedama',
  redis: 'redis://cache:6379',
  'tls.crt': '-----BEGIN CERTIFICATE-----',
  'tls.key': '-----BEGIN PRIVATE KEY-----',
  'ca.pem': '-----BEGIN CERTIFICATE-----',
  node: 'of the node',
  wallet: 'of the wallet',
  monerod: 'of monerod',
  'view-key': 'f359631075708155cc3d92a32b75a7d02a5dcf27756707b47a2b31b21c389501',
};

/** Loads with these files there and no others; tells which of them were looked at. */
const load = (uses: readonly ConfigPart[], there: readonly string[], text = POOLS) => {
  const read: string[] = [];
  const files: Files = {
    read: (path) => {
      const name = path.slice('/etc/otedama/'.length);
      read.push(name);
      const found = there.includes(name) ? TEXTS[name] : undefined;
      return found === undefined ? { ok: false, reason: 'no such file' } : { ok: true, text: found };
    },
  };
  const result = loadConfig({ file: '/etc/otedama/pool.yaml', text, env: {}, files, uses });
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return { config: result.config, warnings: result.warnings, read: [...new Set(read)].sort() };
};

const passwords = (config: Config): string[] =>
  config.pools.flatMap(({ payouts }) => (payouts === undefined ? [] : [payouts.wallet.password.reveal()]));

describe('a reader of the configuration', () => {
  it('reads the files of its own parts and of no other', () => {
    expect(load([], []).read).toEqual([]);
    expect(load(['database'], ['database']).read).toEqual(['database']);
    expect(load(['nats'], ['ca.pem']).read).toEqual(['ca.pem']);
    expect(load(['redis', 'miners'], ['redis', 'tls.crt', 'tls.key']).read).toEqual([
      'redis',
      'tls.crt',
      'tls.key',
    ]);
    expect(load(['daemons', 'view keys'], ['node', 'monerod', 'view-key']).read).toEqual([
      'monerod',
      'node',
      'view-key',
    ]);
  });

  it('that pays reads the passwords of the wallets, and of daemons only where they are the wallet', () => {
    const { config, read } = load(['wallets'], ['node', 'wallet']);
    expect(read).toEqual(['node', 'wallet']);
    expect(passwords(config)).toEqual(['of the wallet', 'of the node']);
    const [btc] = config.pools;
    expect(() => btc?.daemons[0]?.password.reveal()).toThrow('holds no secrets of the daemons');
  });

  it('is not told what the rest would have to be', () => {
    const { config, warnings } = load([], []);
    expect(warnings).toEqual([]);
    expect(config.api.tls).toBeUndefined();
    expect(config.pools.map(({ stratum }) => stratum.tls)).toEqual([undefined, undefined, undefined]);
  });

  it('knows that there is a secret, but not the secret', () => {
    const { config } = load([], []);
    const { viewKey } = config.pools[2] ?? {};
    expect(() => viewKey?.reveal()).toThrow('holds no secrets of the view keys');
    expect(() => config.database.url?.reveal()).toThrow('holds no secrets of the database');
    expect(`${config.redis.url}`).toBe('[secret]');
  });

  it('needs no daemon for a pool whose daemons are not its own business', () => {
    const text = POOLS.replaceAll(/^ {4}(?:daemons|wallet):.*\n/gm, '');
    expect(load(['redis'], ['redis'], text).config.pools.map(({ daemons }) => daemons)).toEqual([[], [], []]);
    expect(() => load(['daemons'], [], text)).toThrow('a pool needs at least one coin daemon');
  });
});
