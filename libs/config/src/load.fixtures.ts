/**
 * Test data: what operators get wrong, and the exact lines they are told. Each `expected` is the whole output
 * of `formatProblems`, so that a message nobody asked for fails as well.
 */
export interface BadConfig {
  readonly name: string;
  readonly text: string;
  readonly expected: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const REGTEST_ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

/** A pool that is right, as lines to put a mistake among. */
export const goodPool = (...extra: readonly string[]): string =>
  [
    'pool:',
    '  coin: bitcoin',
    '  network: regtest',
    `  payout_address: ${REGTEST_ADDRESS}`,
    '  daemons:',
    '    - url: http://127.0.0.1:18443',
    '      user: rpc',
    '      password: secret',
    ...extra,
    '',
  ].join('\n');

const listedPool = (id: string, port: number): string =>
  [
    `  - id: ${id}`,
    '    coin: bitcoin',
    '    network: regtest',
    `    address: ${REGTEST_ADDRESS}`,
    `    stratum: { address: ":${port}" }`,
    '    daemons:',
    '      - { url: "http://127.0.0.1:18443", user: rpc, password: secret }',
  ].join('\n');

const SYNTAX: readonly BadConfig[] = [
  {
    name: 'a key given twice',
    text: 'api:\n  enable: true\n  enable: false\n',
    expected: ['pool.yaml:3:3: this key was given before'],
  },
  {
    name: 'a tab as indentation',
    text: 'api:\n\tenable: true\n',
    expected: ['pool.yaml:2:1: a tab cannot indent; use spaces'],
  },
  {
    name: 'two documents',
    text: 'api:\n  enable: true\n---\npool:\n  enable: false\n',
    expected: ['pool.yaml:3:1: a second document starts here; one file is one configuration'],
  },
  {
    name: 'a list as the whole file',
    text: '- pool\n',
    expected: ['pool.yaml:1:1: the file must hold sections such as "pool:", not a single value or a list'],
  },
  {
    name: 'aliases that multiply',
    text: [
      'a: &a [x, x, x, x, x]',
      'b: &b [*a, *a, *a, *a, *a]',
      'c: &c [*b, *b, *b, *b, *b]',
      'd: [*c, *c, *c]',
    ].join('\n'),
    expected: ['pool.yaml:4:1: d: too many values, levels or aliases'],
  },
  {
    name: 'an alias of nothing',
    text: 'app: *defaults\n',
    expected: ['pool.yaml:1:1: app: nothing is called &defaults'],
  },
  {
    name: 'an unknown tag',
    text: 'app:\n  name: !env NAME\n',
    expected: ['pool.yaml:2:9: Unresolved tag: !env'],
  },
  { name: 'nesting without end', text: '['.repeat(60_000), expected: ['pool.yaml:1:1: nested too deeply'] },
  {
    name: 'a file that is too large',
    text: '#'.repeat(70_000),
    expected: ['pool.yaml:1:1: larger than 65536 bytes'],
  },
];

const VALUES: readonly BadConfig[] = [
  {
    name: 'an unknown key with a near one',
    text: 'api:\n  adress: 127.0.0.1:8080\n',
    expected: [
      'pool.yaml:2:3: api.adress: unknown key; did you mean "address"? ' +
        '(allowed: enable, address, auth, api_key, api_key_file, trusted_proxies, cors_origins, rate_limit, live)',
    ],
  },
  {
    name: 'an unknown section',
    text: 'stratums:\n  enable: true\nzebra: 1\n',
    expected: [
      'pool.yaml:1:1: stratums: unknown key; did you mean "stratum"? ' +
        '(allowed: app, mining, pool, pools, stratum, defence, api, monitoring, security, database, prices, nats, redis, service, playground)',
      'pool.yaml:3:1: zebra: unknown key ' +
        '(allowed: app, mining, pool, pools, stratum, defence, api, monitoring, security, database, prices, nats, redis, service, playground)',
    ],
  },
  {
    name: 'a key that objects have by birth',
    text: '__proto__:\n  polluted: true\n',
    expected: [
      'pool.yaml:1:1: __proto__: unknown key ' +
        '(allowed: app, mining, pool, pools, stratum, defence, api, monitoring, security, database, prices, nats, redis, service, playground)',
    ],
  },
  {
    name: 'a word out of a list of words',
    text: 'app:\n  log_level: verbose\n',
    expected: [
      'pool.yaml:2:14: app.log_level: "verbose" is not a log level (allowed: trace, debug, info, warn, error)',
    ],
  },
  {
    name: 'a duration without a unit',
    text: 'api:\n  auth:\n    token_expiry: 24\n',
    expected: ['pool.yaml:3:19: api.auth.token_expiry: 24 is not a duration (allowed: 250ms, 5s, 1h30m, 2h)'],
  },
  {
    name: 'a yes that YAML 1.2 reads as text',
    text: 'stratum:\n  enable: yes\n',
    expected: ['pool.yaml:2:11: stratum.enable: "yes" is not true or false (allowed: true, false)'],
  },
  {
    name: 'a key without a value',
    text: 'app:\n  name:\n',
    expected: ['pool.yaml:2:3: app.name: has no value; give one or remove the key'],
  },
  {
    name: 'a value where a section belongs',
    text: 'mining: true\n',
    expected: ['pool.yaml:1:9: mining: true is not a section'],
  },
  {
    name: 'a section where a list belongs',
    text: 'pools:\n  id: btc\n',
    expected: ['pool.yaml:1:1: pools: a section is not a list'],
  },
  {
    name: 'numbers out of range',
    text: 'mining:\n  cpu:\n    threads: -1\n  gpu:\n    temperature_limit: 300\n',
    expected: [
      'pool.yaml:3:14: mining.cpu.threads: -1 is not a whole number in range (allowed: 0 to 1024)',
      'pool.yaml:5:24: mining.gpu.temperature_limit: 300 is not a whole number in range (allowed: 30 to 120)',
    ],
  },
  {
    name: 'origins that are none',
    text: "api:\n  cors_origins: ['https://pool.example.com/ui']\n",
    expected: [
      'pool.yaml:2:3: api.cors_origins: ["https://pool.example.com/ui"] is not a list of origins ' +
        '(allowed: https://pool.example.com, http://10.0.0.7:8000, several as a list or separated by commas)',
    ],
  },
  {
    name: 'a listen address without a port',
    text: 'api:\n  address: localhost\n',
    expected: [
      'pool.yaml:2:12: api.address: "localhost" is not a listen address (allowed: host:port, :port, [ipv6]:port)',
    ],
  },
  {
    name: 'a secret that is wrong is not shown',
    text: 'api:\n  api_key: 12345678901234567890\ndatabase:\n  url: mysql://root:hunter2@db/pool\n',
    expected: [
      'pool.yaml:2:12: api.api_key: the value is not a text in quotes',
      'pool.yaml:4:8: database.url: the value is not a PostgreSQL URL (allowed: postgres://user@host/database)',
    ],
  },
  {
    name: 'a variable with a wrong value',
    text: '',
    env: { OTEDAMA_API_RATE_LIMIT: 'fast' },
    expected: [
      'OTEDAMA_API_RATE_LIMIT: api.rate_limit: "fast" is not a rate (allowed: 100 or 100/m, 20/s, 0 for no limit)',
    ],
  },
  {
    name: 'a key under both its names',
    text: 'api:\n  enabled: true\n  enable: true\n',
    expected: ['pool.yaml:2:3: api.enabled: repeats "enable"; keep one of them'],
  },
];

const POOLS: readonly BadConfig[] = [
  {
    name: 'a fee with more than two decimals',
    text: goodPool('  fee_percentage: 0.333'),
    expected: [
      'pool.yaml:9:19: pool.fee_percentage: 0.333 is not a percentage (allowed: 0 to 100 with at most two decimals)',
    ],
  },
  {
    name: 'a reward scheme of another pool',
    text: goodPool('  rewards:', '    system: PPLNT'),
    expected: [
      'pool.yaml:10:13: pool.rewards.system: "PPLNT" is not a reward scheme of this version (allowed: pplns, prop, solo, pps, fpps)',
    ],
  },
  {
    name: 'splits of more than the fee, and of addresses of another chain',
    text: goodPool(
      '  splits:',
      `    - { address: ${REGTEST_ADDRESS}, basis_points: 60 }`,
      '    - { address: ltc1qother, basis_points: 60 }',
      `    - { address: ${REGTEST_ADDRESS}, basis_points: 60 }`,
      '    - { basis_points: 0 }',
    ),
    expected: [
      'pool.yaml:9:3: pool.splits: give away 120 basis points, and the fee has 100',
      'pool.yaml:11:18: pool.splits[1].address: not an address of Bitcoin regtest: this is a Litecoin mainnet address, and Bitcoin regtest is mined here',
      'pool.yaml:12:18: pool.splits[2].address: is listed before',
      'pool.yaml:13:7: pool.splits[3].address: is required',
      'pool.yaml:13:23: pool.splits[3].basis_points: 0 is not a whole number of basis points (allowed: 1 to 10000)',
    ],
  },
  {
    name: 'a bankroll without sense',
    text: goodPool('  scheme: pps', '  bankroll:', '    ruin_probability: 0', '    floor: 0.123456789'),
    expected: [
      'pool.yaml:11:23: pool.bankroll.ruin_probability: 0 is not a probability (allowed: 0.000000001 to 0.5)',
      'pool.yaml:12:12: pool.bankroll.floor: rBTC has 8 decimals',
    ],
  },
  {
    name: 'two windows that differ',
    text: goodPool('  window: 3', '  rewards:', '    window: 2h'),
    expected: ['pool.yaml:11:13: pool.rewards.window: contradicts pool.window'],
  },
  {
    name: 'a pool with nothing but a coin',
    text: 'pool:\n  coin: bitcoin\n',
    expected: [
      'pool.yaml:1:1: pool.daemons: is required: a pool needs at least one coin daemon',
      'pool.yaml:1:1: pool.payout_address: is required: block rewards need an address of your wallet',
    ],
  },
  {
    name: 'a payout address of another network',
    text: goodPool().replace(REGTEST_ADDRESS, 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'),
    expected: [
      'pool.yaml:4:19: pool.payout_address: not an address of Bitcoin regtest: ' +
        'this is a Bitcoin mainnet address, and Bitcoin regtest is mined here',
    ],
  },
  {
    name: 'a network that the coin has not',
    text: goodPool()
      .replace('coin: bitcoin', 'coin: litecoin')
      .replace('network: regtest', 'network: signet'),
    expected: [
      'pool.yaml:3:12: pool.network: litecoin has no network "signet" here (allowed: mainnet, testnet, regtest)',
    ],
  },
  {
    name: 'credentials inside a daemon URL, and none beside it',
    text:
      'pool:\n  coin: bitcoin\n  network: regtest\n' +
      `  payout_address: ${REGTEST_ADDRESS}\n  daemons:\n    - url: http://rpc:hunter2@127.0.0.1:18443\n`,
    expected: [
      'pool.yaml:6:7: pool.daemons[0].password: is required, or a "password_file" or "cookie_file"',
      'pool.yaml:6:7: pool.daemons[0].user: is required, or a "cookie_file"',
      'pool.yaml:6:12: pool.daemons[0].url: the value is not a daemon URL ' +
        '(allowed: http://host:port, https://host:port)',
    ],
  },
  {
    name: 'a password file that is not there',
    text: goodPool().replace('password: secret', 'password_file: rpc.pass'),
    expected: ['pool.yaml:8:22: pool.daemons[0].password_file: "rpc.pass" cannot be read: no such file'],
  },
  {
    name: 'a cookie beside a password',
    text: goodPool('      cookie_file: .cookie'),
    expected: [
      'pool.yaml:7:13: pool.daemons[0].user: cannot stand beside "cookie_file"; keep one of them',
      'pool.yaml:8:17: pool.daemons[0].password: cannot stand beside "cookie_file"; keep one of them',
    ],
  },
  {
    name: 'two pools with one id, on one port',
    text: `pools:\n${listedPool('btc', 3333)}\n${listedPool('btc', 3333)}\n`,
    expected: [
      'pool.yaml:9:9: pools[1].id: "btc" is taken by pools[0]',
      'pool.yaml:13:25: pools[1].stratum.address: port 3333 is used by pools[0].stratum.address already',
    ],
  },
  {
    name: 'a pool id that a subject cannot hold',
    text: `pools:\n${listedPool('BTC.main', 3333)}\n`,
    expected: ['pool.yaml:2:9: pools[0].id: "BTC.main" is not a pool id (allowed: 1 to 24 of a-z 0-9 -)'],
  },
  {
    name: 'a pool section beside a list of pools',
    text: `pool:\n  fee_percentage: 2\npools:\n${listedPool('btc', 3333)}\n`,
    expected: [
      'pool.yaml:2:19: pool.fee_percentage: cannot stand beside "pools"; move it into an entry there',
    ],
  },
  {
    name: 'an empty list of pools',
    text: 'pools:\n',
    expected: ['pool.yaml:1:1: pools: lists no pool; remove the key to have none'],
  },
];

const RULES: readonly BadConfig[] = [
  {
    name: 'TLS without files',
    text: 'security:\n  enable_tls: true\n  key_file: missing.pem\n',
    expected: [
      'pool.yaml:2:15: security.enable_tls: TLS needs a "cert_file" here or in security',
      'pool.yaml:3:13: security.key_file: "missing.pem" cannot be read: no such file',
    ],
  },
  {
    name: 'a certificate that is none',
    text: 'security:\n  enable_tls: true\n  cert_file: notes.txt\n  key_file: key.pem\n',
    expected: ['pool.yaml:3:14: security.cert_file: "notes.txt" is not a PEM file'],
  },
  {
    name: 'the metrics on the port of the miners',
    text: 'monitoring:\n  metrics:\n    address: 0.0.0.0:3333\n',
    expected: ['pool.yaml: pool.stratum.address: port 3333 is used by monitoring.metrics.address already'],
  },
  {
    name: 'mining with nothing to mine on',
    text: 'mining:\n  enable: true\npool:\n  enable: false\n',
    expected: [
      'pool.yaml:2:11: mining.enable: there is nothing to mine on: give pool.url and pool.user, or a pool',
    ],
  },
  {
    name: 'an algorithm that no own pool takes',
    text: goodPool('mining:', '  enable: true', '  algorithm: scrypt'),
    expected: ['pool.yaml:11:14: mining.algorithm: no pool here takes scrypt (allowed: sha256d)'],
  },
  {
    name: 'a backup pool without a user',
    text: 'pool:\n  backup_pools:\n    - url: stratum+tcp://pool.example:3333\n',
    expected: ['pool.yaml:3:7: pool.backup_pools[0].user: is required beside "url"'],
  },
  {
    name: 'the two listen addresses of older files, differing',
    text: 'pool:\n  address: 0.0.0.0:3333\nstratum:\n  address: 0.0.0.0:3334\n',
    expected: ['pool.yaml:4:12: stratum.address: contradicts pool.address'],
  },
  {
    name: "an example's API key",
    text: 'api:\n  api_key: your-secure-api-key-here\n',
    expected: ['pool.yaml:2:12: api.api_key: is the placeholder of an example; make a key of your own'],
  },
  {
    name: 'a short API key',
    text: 'api:\n  api_key: hunter2\n',
    expected: ['pool.yaml:2:12: api.api_key: is shorter than 16 characters'],
  },
  {
    name: 'difficulties in the wrong order',
    text: 'stratum:\n  vardiff:\n    minimum_difficulty: 10\n    maximum_difficulty: 1\n',
    expected: ['pool.yaml:3:25: stratum.vardiff.minimum_difficulty: is above maximum_difficulty'],
  },
];

export const badConfigs: readonly BadConfig[] = [...SYNTAX, ...VALUES, ...POOLS, ...RULES];
