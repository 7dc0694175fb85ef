/**
 * The configuration file as operators write it. Only shapes and single values are judged here; what keys
 * mean together is `resolve.ts`. Keys of the first product are kept with their meaning.
 */
import { z } from 'zod';
import {
  duration,
  enable,
  field,
  flag,
  oneOf,
  parsed,
  path,
  section,
  several,
  text,
  whole,
  wholeNumber,
} from './fields.ts';
import { MINING_ALGORITHMS } from './model.ts';
import { coins } from '@otedama/chain-params';
import { parsePrefix } from '@otedama/edge';
import { mergedCoins } from './merged-coins.ts';
import { amount, bankroll, scheme, split, window } from './schema-rewards.ts';
import { defence } from './schema-defence.ts';
import { listen } from './schema-listen.ts';
import { monitoring } from './schema-monitoring.ts';
import { prices } from './schema-prices.ts';
import { difficulty, profile, upTo } from './schema-profile.ts';
import {
  parseBasisPoints,
  parseDaemonUrl,
  parseDatabaseUrl,
  parseNatsServer,
  parseOrigin,
  parsePriority,
  parseRatePerSecond,
  parseRedisUrl,
  parseReplicas,
  parseStratumUrl,
  parseWebSocketUrl,
  parseZmqUrl,
} from './values.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
const MODES = ['production', 'development', 'auto', 'pool', 'solo', 'miner'] as const;
const MAX_NATS_SERVERS = 16;
const MAX_TRUSTED_PROXIES = 100;
const MAX_CORS_ORIGINS = 20;
const MAX_GATEWAYS = 32;
const COIN_IDS = [...new Set(coins.map((coin) => coin.id))];
const MERGED_COIN_IDS = [...new Set(mergedCoins.map((coin) => coin.id))];
/** The playground chain is never chosen by name: it is what runs when no pool is configured. */
const NETWORKS = [...new Set(coins.map((coin) => coin.network))].filter((name) => name !== 'playground');

const secret = (description: string) =>
  field(z.string().regex(/\S/).max(1024), { what: 'a text in quotes', description, secret: true });

const daemon = z.strictObject({
  name: field(z.string().regex(/^[A-Za-z0-9._-]{1,40}$/), {
    what: 'a name',
    allowed: ['1 to 40 of A-Z a-z 0-9 . _ -'],
    description: 'Name in logs and status',
    default: 'daemon-1, daemon-2, …',
  }),
  url: field(parsed(parseDaemonUrl), {
    what: 'a daemon URL',
    allowed: ['http://host:port', 'https://host:port'],
    description: 'JSON-RPC of the coin daemon; user and password have keys of their own',
    secret: true,
  }),
  user: field(text(256), { what: 'a text in quotes', description: 'RPC user' }),
  password: secret('RPC password, in the file itself'),
  password_file: path('File that holds the RPC password'),
  cookie_file: path('Cookie file of the daemon (.cookie), in place of user and password'),
  zmq_hashblock: field(parsed(parseZmqUrl), {
    what: 'a ZMQ address',
    allowed: ['tcp://host:port'],
    description: "bitcoind's -zmqpubhashblock and its like; without it new blocks are learned by long poll",
  }),
  zmq_pub: field(parsed(parseZmqUrl), {
    what: 'a ZMQ address',
    allowed: ['tcp://host:port'],
    description: "monerod's --zmq-pub; without it new blocks are learned by polling",
  }),
  websocket: field(parsed(parseWebSocketUrl), {
    what: 'a WebSocket address',
    allowed: ['ws://host:port', 'wss://host:port'],
    description: "An Ethereum node's WebSocket; without it new blocks are learned by polling",
  }),
});

/** What pays the miners. Which keys there are to give is the coin's to say. */
const wallet = section({
  url: field(parsed(parseDaemonUrl), {
    what: 'a wallet URL',
    allowed: ['http://host:port', 'https://host:port'],
    description:
      "JSON-RPC of the wallet: for Monero that of monero-wallet-rpc, else a node with the wallet; default: the pool's first daemon",
    secret: true,
  }),
  user: field(text(256), { what: 'a text in quotes', description: 'RPC user' }),
  password: secret('RPC password, in the file itself'),
  password_file: path('File that holds the RPC password'),
  cookie_file: path('Cookie file of the daemon (.cookie), in place of user and password'),
  name: field(text(256), {
    what: 'a text',
    description: "Bitcoin's family: name of the wallet at a daemon that has several",
  }),
  key_file: path('Ethereum: file that holds the private key of payout_address, 64 hex digits'),
});

const payouts = section({
  enable: enable('Pay miners', 'true where there is a wallet'),
  minimum: amount('From what balance on a miner is paid who wished nothing else', 'by coin'),
  lowest_minimum: amount('The least that a miner can wish', 'a tenth of minimum'),
  interval: duration('From one planning of payouts to the next', '1h'),
  fee: field(oneOf(['pool', 'miners']), {
    what: 'who bears the fee',
    allowed: ['pool', 'miners'],
    description: 'Who bears the fee of the network: the pool on top, or the miners out of what they are owed',
    default: 'pool',
  }),
  max_fee: field(parsed(parseBasisPoints), {
    what: 'a percentage',
    allowed: ['0 to 100 with at most two decimals'],
    description: 'Payouts wait while the fee is a greater part of them',
    default: '5',
  }),
  approve_above: amount('A batch above it waits for ./otedama payouts approve; without it none does'),
  batch_limit: amount('No batch pays out more'),
  daily_limit: amount('No more is planned within 24 hours'),
  max_payees: field(wholeNumber(1, 2_500), {
    what: 'a whole number in range',
    allowed: ['1 to 2500'],
    description: 'Of one transaction; the chain may allow fewer: 15 for Monero, 1 for Ethereum',
    default: '500',
  }),
  confirmations: field(wholeNumber(1, 10_000), {
    what: 'a whole number in range',
    allowed: ['1 to 10000'],
    description: 'From how many blocks on a payout counts as made',
    default: 'by coin',
  }),
  bump_after: duration(
    'A transaction that is not in a block after so long is replaced by one with a higher fee',
    '2h',
  ),
});

const poolStratum = section({
  address: listen('Where miners connect', ':3333 (127.0.0.1:3333 on the playground chain)'),
  tls: flag('TLS on this listener', 'false'),
  allow_plain: flag('With tls: miners without TLS may use the same port as well', 'false'),
  cert_file: path('Certificate chain, PEM; default: security.cert_file'),
  key_file: path('Private key, PEM; default: security.key_file'),
});

const network = field(oneOf(NETWORKS), {
  what: 'a network',
  allowed: NETWORKS,
  description: 'Chain of the coin',
  default: 'mainnet',
});

const payoutAddress = (aliases?: readonly string[]) =>
  field(text(120), {
    what: 'an address',
    description: "Where block rewards go: an address of the pool's own wallet on that chain",
    ...(aliases === undefined ? {} : { aliases }),
  });

const mergedChain = z.strictObject({
  coin: field(oneOf(MERGED_COIN_IDS), {
    what: 'a coin for merged mining',
    allowed: MERGED_COIN_IDS,
    description: "What is mined below the pool's own coin by the same shares",
  }),
  network,
  payout_address: payoutAddress(),
  daemons: z.array(daemon).optional(),
  wallet,
  payouts,
});

const poolKeys = {
  id: field(z.string().regex(/^[a-z0-9-]{1,24}$/), {
    what: 'a pool id',
    allowed: ['1 to 24 of a-z 0-9 -'],
    description: 'Names the pool in the ledger for ever; balances belong to it',
  }),
  coin: field(oneOf(COIN_IDS), {
    what: 'a coin of this version',
    allowed: COIN_IDS,
    description: 'What is mined',
  }),
  network,
  scheme,
  window,
  rewards: section({ system: scheme, window }),
  fee_percentage: field(parsed(parseBasisPoints), {
    what: 'a percentage',
    allowed: ['0 to 100 with at most two decimals'],
    description: "The pool's share of each block",
    default: '1',
  }),
  splits: z.array(split).optional(),
  bankroll,
  coinbase_tag: field(z.string().regex(/^[\x20-\x7e]{1,32}$/), {
    what: 'a coinbase tag',
    allowed: ['1 to 32 printable ASCII characters'],
    description: 'Text in the coinbase input of our blocks',
    default: '/Otedama/',
  }),
  payout_in_coinbase: flag(
    'Blocks pay the PPLNS window by the outputs of their own coinbase; what does not fit is owed and paid by later ones',
    'false',
  ),
  coinbase_max_bytes: upTo(
    200,
    60_000,
    'With payout_in_coinbase: length of the coinbase that miners are given, which firmware must take; default: 750',
  ),
  view_key: secret("Secret view key of payout_address: lets Monero's miners bring templates of their own"),
  view_key_file: path('File that holds the view key'),
  stratum: poolStratum,
  daemons: z.array(daemon).optional(),
  wallet,
  payouts,
  merged_mining: z.array(mergedChain).optional(),
  profiles: z.array(profile).optional(),
};

const upstreamKeys = {
  url: field(parsed(parseStratumUrl), {
    what: 'a pool URL',
    allowed: ['stratum+tcp://host:port', 'stratum+ssl://host:port'],
    description: 'Pool that our own devices mine on',
  }),
  user: field(text(256), { what: 'a text in quotes', description: 'User there, mostly address.worker' }),
  password: field(text(256), {
    what: 'a text in quotes',
    description: 'Password there; most pools want none',
    default: '"x"',
  }),
};

const tls = {
  cert_file: path('Certificate chain, PEM'),
  key_file: path('Private key, PEM'),
};

export const configSchema = z.strictObject({
  app: section({
    name: field(text(64), { what: 'a text', description: 'Name shown to people', default: 'Otedama' }),
    mode: field(oneOf(MODES), {
      what: 'a mode',
      allowed: MODES,
      description: 'Accepted from older files; has no effect',
    }),
    log_level: field(oneOf(LOG_LEVELS, { warning: 'warn' }), {
      what: 'a log level',
      allowed: LOG_LEVELS,
      description: 'Least serious line that is logged',
      default: 'info',
    }),
    data_dir: path('Database, block spool and playground chain', 'chosen by the command'),
  }),
  mining: section({
    enable: enable(
      'Mine with the devices of this machine',
      'true on the playground chain or with enable_cpu, else false',
    ),
    algorithm: field(
      oneOf(MINING_ALGORITHMS, { sha256: 'sha256d', 'rx/0': 'randomx', 'rx/2': 'randomx-v2' }),
      {
        what: 'an algorithm of this version',
        allowed: MINING_ALGORITHMS,
        description: 'What our own devices compute',
        default: 'that of the first pool, else sha256d',
      },
    ),
    gateways: field(several(parseStratumUrl, MAX_GATEWAYS), {
      what: 'a list of pool URLs',
      allowed: [
        'stratum+tcp://host:port',
        'stratum+ssl://host:port',
        'several as a list or separated by commas',
      ],
      description: 'Gateways of the pool here, in the order in which our own devices try them',
      default: 'that of this machine',
    }),
    enable_cpu: flag('Mine on the CPU', 'as mining.enable'),
    enable_gpu: flag('Accepted; this version has no GPU driver', 'false'),
    enable_asic: flag('Accepted; this version has no ASIC driver', 'false'),
    cpu: section({
      threads: whole(0, 1024, 'Mining threads; 0: all cores but one', '0'),
      priority: field(parsed(parsePriority), {
        what: 'a priority',
        allowed: ['idle', 'low', 'normal', 'high', '-20 to 19'],
        description: 'Scheduling of the mining threads (a nice value); below 0 needs rights',
        default: 'low',
      }),
    }),
    gpu: section({
      devices: field(z.array(z.union([z.int().min(0), z.string()])).max(256), {
        what: 'a list of devices',
        allowed: ['[]', '[0, 1]'],
        description: 'GPUs to use; empty: all',
        default: '[]',
      }),
      intensity: whole(1, 31, 'Work per GPU launch', '20'),
      temperature_limit: whole(30, 120, 'Degrees Celsius above which a GPU pauses', '85'),
    }),
    asic: section({
      devices: field(z.array(z.string()).max(4096), {
        what: 'a list of devices',
        allowed: ['[]', '["10.0.0.7"]'],
        description: 'ASICs to manage; empty: discover',
        default: '[]',
      }),
      poll_interval: duration('How often an ASIC is asked', '5s'),
    }),
  }),
  pool: section({
    enable: enable('Run a pool', 'true'),
    ...poolKeys,
    address: listen('Where miners connect (pool.stratum.address is the same)', ':3333'),
    payout_address: payoutAddress(),
    max_connections: whole(1, 1_000_000, 'Miner connections of this process', '10000'),
    ...upstreamKeys,
    backup_pools: z.array(z.strictObject(upstreamKeys)).optional(),
  }),
  pools: z.array(z.strictObject({ ...poolKeys, payout_address: payoutAddress(['address']) })).optional(),
  stratum: section({
    enable: enable('Listen for miners', 'true'),
    address: listen('Where miners connect, for a pool that names no address', ':3333'),
    max_workers: whole(
      1,
      10_000_000,
      'Workers of this process; the first of a connection is taken in any case',
      '10000',
    ),
    port_offset: whole(
      0,
      60_000,
      'Added to every port for miners: one more gateway on the same machine',
      '0',
    ),
    reuse_port: flag('Several gateways of one machine share the ports for miners; Linux only', 'false'),
    vardiff: section({
      initial_difficulty: difficulty('Of a new connection', '1'),
      minimum_difficulty: difficulty('Least', '0.0001'),
      maximum_difficulty: difficulty('Greatest', '1000000000000'),
      target_share_interval: duration('Wanted time between shares of a connection', '10s'),
      retarget_interval: duration('Time between adjustments', '60s'),
    }),
  }),
  defence,
  api: section({
    enable: enable('Serve the API and the dashboard', 'true'),
    address: listen('Where the API listens', '127.0.0.1:8080'),
    auth: section({
      enable: enable('Only users and keys may change anything, also before there is a user', 'false'),
      token_expiry: duration(
        'A session ends when it is not used for so long, and after seven times that in any case',
        '24h',
      ),
    }),
    api_key: secret('The key, in the file itself'),
    api_key_file: path('File that holds the key'),
    trusted_proxies: field(
      several((value) => parsePrefix(String(value).trim()), MAX_TRUSTED_PROXIES),
      {
        what: 'a list of addresses and ranges',
        allowed: ['192.0.2.7', '192.0.2.0/24', '2001:db8::/32', 'several as a list or separated by commas'],
        description:
          'Proxies in front of the API: their X-Forwarded headers say who asks, those of others say nothing',
      },
    ),
    cors_origins: field(
      several((value) => parseOrigin(String(value).trim()), MAX_CORS_ORIGINS),
      {
        what: 'a list of origins',
        allowed: [
          'https://pool.example.com',
          'http://10.0.0.7:8000',
          'several as a list or separated by commas',
        ],
        description: 'Front ends on other hosts: their pages may read what is public',
      },
    ),
    rate_limit: field(parsed(parseRatePerSecond), {
      what: 'a rate',
      allowed: ['100 or 100/m', '20/s', '0 for no limit'],
      description: 'Requests per client address, and per key or user; a bare number is per minute',
      default: '600',
    }),
    live: section({
      max_clients: whole(1, 100_000, 'WebSocket clients of this process', '10000'),
      max_clients_per_address: whole(1, 100_000, 'Of them, from one address or IPv6 /64', '256'),
    }),
  }),
  monitoring,
  security: section({
    enable_tls: flag('TLS on the API; a pool listener has stratum.tls', 'false'),
    ...tls,
  }),
  database: section({
    url: field(parsed(parseDatabaseUrl), {
      what: 'a PostgreSQL URL',
      allowed: ['postgres://user@host/database'],
      description: 'An existing PostgreSQL; without it an embedded one runs in app.data_dir',
      secret: true,
    }),
    url_file: path('File that holds the URL'),
    migrate: flag('Bring the schema up to date at start; else wait until a migration has done so', 'true'),
  }),
  prices,
  nats: section({
    servers: field(several(parseNatsServer, MAX_NATS_SERVERS), {
      what: 'a list of NATS servers',
      allowed: ['nats://host:port', 'tls://host:port', 'several as a list or separated by commas'],
      description: 'Servers that join the services of a fleet; without them everything runs in one process',
    }),
    credentials_dir: path(
      'Folder with SERVICE.nk, the nkey seed of each service that runs here; without it the servers ask for none',
    ),
    ca_file: path("Authority of the servers' certificates, PEM; switches TLS on"),
    cert_file: path('Our certificate, PEM, where the servers ask for one; switches TLS on'),
    key_file: path('Private key of cert_file, PEM'),
    replicas: field(parsed(parseReplicas), {
      what: 'a number of replicas',
      allowed: ['1', '3'],
      description: 'Servers that keep each stream; 3 survives the loss of one',
      default: '1',
    }),
  }),
  redis: section({
    url: field(parsed(parseRedisUrl), {
      what: 'a Redis URL',
      allowed: ['redis://host:port', 'rediss://user:password@host:port/0'],
      description: 'What gateways share about sessions and bans; without it each keeps that to itself',
      secret: true,
    }),
    url_file: path('File that holds the URL'),
  }),
  service: section({
    instance: field(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), {
      what: 'a name',
      allowed: ['1 to 64 of A-Z a-z 0-9 _ -'],
      description:
        'Name of this process in the fleet, which no other has; without it the host name and a random number',
    }),
    drain_time: duration('How long a stopping service may take to hand over its work', '25s'),
  }),
  playground: section({
    url: field(parsed(parseDaemonUrl), {
      what: 'a daemon URL',
      allowed: ['http://host:port'],
      description: 'A playground node that runs already; without it the command starts one',
    }),
    password_file: path('File that holds its RPC password'),
    payout_address: field(text(120), {
      what: 'an address',
      description: 'Where the rewards of that chain go',
    }),
  }),
});

export type RawConfig = z.output<typeof configSchema>;
export type RawPool = NonNullable<RawConfig['pool']>;
export type RawPoolEntry = NonNullable<RawConfig['pools']>[number];
export type RawMergedChain = NonNullable<RawPoolEntry['merged_mining']>[number];
export type RawProfile = NonNullable<RawPoolEntry['profiles']>[number];
export type RawDaemon = NonNullable<RawPoolEntry['daemons']>[number];
export type RawWallet = NonNullable<RawPoolEntry['wallet']>;
export type RawPayouts = NonNullable<RawPoolEntry['payouts']>;
