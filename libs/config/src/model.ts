/**
 * The configuration as the services see it: parsed, defaulted, cross-checked, frozen. Nothing here is a raw
 * string of the file; durations are milliseconds, addresses are split, secrets know how to hide themselves.
 */
import type { Algorithm, Coin } from '@otedama/chain-params';
import type { Prefix } from '@otedama/edge';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A value that never prints itself. */
export interface Secret {
  reveal(): string;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface AppConfig {
  readonly name: string;
  readonly logLevel: LogLevel;
  /** Absolute. Holds the database, the block spool and the playground chain. */
  readonly dataDir: string;
}

export interface UpstreamPool {
  /** `stratum+tcp://host:port` or `stratum+ssl://host:port`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** Names as the native miner has them; no coin here uses RandomX v2 yet. */
export type MiningAlgorithm = Algorithm | 'randomx-v2';

/** Names as the native core has them. */
export const MINING_ALGORITHMS = [
  'sha256d',
  'scrypt',
  'ethash',
  'etchash',
  'kawpow',
  'randomx',
  'randomx-v2',
] as const satisfies readonly MiningAlgorithm[];

export interface MiningConfig {
  readonly enabled: boolean;
  readonly algorithm: MiningAlgorithm;
  /** `threads` is at least 1; `priority` is a nice value, -20 to 19. */
  readonly cpu: { readonly enabled: boolean; readonly threads: number; readonly priority: number };
  /** Absolute. Where datasets, which have gigabytes, are kept from start to start. */
  readonly datasetDir: string;
  /** First choice, then the fallbacks in order; empty: mine on the pool here. */
  readonly upstreams: readonly UpstreamPool[];
  /** URLs at which the pool here is reached; empty: at the listener of this machine. */
  readonly gateways: readonly string[];
}

export interface DaemonConfig {
  readonly name: string;
  /** `http://host:port`, without credentials. */
  readonly url: string;
  /** Empty: no login. */
  readonly user: string;
  readonly password: Secret;
  /** `tcp://host:port` of bitcoind's hashblock publisher, or of a node like it. */
  readonly zmqHashBlock: string | undefined;
  /** `tcp://host:port` of monerod's publisher. */
  readonly zmqPub: string | undefined;
  /** `ws://host:port` of an Ethereum node. */
  readonly webSocket: string | undefined;
}

/** Where the coins are that miners are paid with. */
export interface WalletConfig {
  /** `http://host:port`, without credentials. */
  readonly url: string;
  /** Empty: no login. */
  readonly user: string;
  readonly password: Secret;
  /** Of a daemon of Bitcoin's family with several wallets. */
  readonly name: string | undefined;
  /** Absolute; Ethereum only. Read when the wallet opens: a key is in memory only where it signs. */
  readonly keyFile: string | undefined;
}

/** Amounts are in atomic units of the coin. */
export interface PayoutConfig {
  readonly wallet: WalletConfig;
  readonly minimumAtomic: bigint;
  readonly lowestMinimumAtomic: bigint;
  readonly intervalMs: number;
  readonly feeRule: 'pool' | 'miners';
  readonly maxFeeBasisPoints: number;
  readonly approveAboveAtomic: bigint | undefined;
  readonly batchLimitAtomic: bigint | undefined;
  readonly dailyLimitAtomic: bigint | undefined;
  readonly maxPayees: number;
  readonly confirmations: number;
  readonly bumpAfterMs: number;
}

/** Where the prices for statements in a reference currency come from. */
export interface PricesConfig {
  /** Upper case, such as EUR. */
  readonly currency: string;
  readonly source:
    | { readonly kind: 'file'; readonly path: string }
    | {
        readonly kind: 'http';
        /** With {coin}, {symbol} and {currency} to be filled in. */
        readonly url: string;
        /** Keys of the JSON answer with dots between them. */
        readonly pricePath: string;
        readonly timePath: string | undefined;
      };
  readonly refreshMs: number;
  /** An older price converts nothing. */
  readonly maxAgeMs: number;
}

/** How far a PPLNS window reaches back: multiples of the network's work for one block, or a time. */
export type RewardWindow =
  | { readonly kind: 'work'; readonly networkBlocks: number }
  | { readonly kind: 'time'; readonly durationMs: number };

export interface RewardSplit {
  readonly address: string;
  readonly basisPoints: number;
}

export interface BankrollConfig {
  /** Of the operator's ever being ruined, for the reserve. */
  readonly ruinProbability: number;
  /** Shares are paid by blocks when they would take the bankroll below this. */
  readonly floorAtomic: bigint;
}

/** A chain that is mined below a pool's own by the same work. */
export interface MergedChainConfig {
  readonly coin: Coin;
  /** An address of the pool's own wallet on that chain. */
  readonly payoutAddress: string;
  readonly daemons: readonly DaemonConfig[];
  /** Undefined: nobody is paid, and what is owed stays owed. */
  readonly payouts?: PayoutConfig | undefined;
}

/** What an operator knows of software that connects; what is left out is left to what the pool knows itself. */
export interface MinerProfile {
  readonly name: string;
  /** How its user agent begins, in either case; after a `*` it may stand anywhere. */
  readonly agent: string;
  readonly minimumDifficulty?: number;
  readonly hashrateHs?: number;
  readonly maxCoinbaseBytes?: number;
  readonly maxUserChars?: number;
  readonly versionMask?: number;
  readonly takesExtranonce?: boolean;
}

/** A pool whose blocks pay its miners by their own coinbase. */
export interface CoinbasePayoutConfig {
  /** What the firmware of its miners takes. */
  readonly maxCoinbaseBytes: number;
}

export interface PoolConfig {
  readonly id: string;
  readonly coin: Coin;
  /**
   * Where the block reward goes: an address of the pool's own wallet on that chain. Empty for a playground pool
   * without a node (and only there): the command fills it in together with the daemon when it has started one.
   */
  readonly payoutAddress: string;
  /** Secret view key of that address, 64 hex digits. Monero only; undefined: no self-select. */
  readonly viewKey?: Secret | undefined;
  readonly scheme: 'pplns' | 'prop' | 'solo' | 'pps' | 'fpps';
  readonly window: RewardWindow;
  readonly feeBasisPoints: number;
  /** Recipients of parts of the fee; addresses of the pool's coin in their canonical form. */
  readonly splits: readonly RewardSplit[];
  /** What pays shares under pps and fpps. */
  readonly bankroll: BankrollConfig;
  readonly daemons: readonly DaemonConfig[];
  /** Of the pool's own chain. Undefined: its blocks go to `payoutAddress` whole. */
  readonly coinbasePayout?: CoinbasePayoutConfig | undefined;
  /** All of other coins, with chain ids of their own; mostly none. */
  readonly mergedChains: readonly MergedChainConfig[];
  /** In the pool's own coin. Undefined: nobody is paid, and what is owed stays owed. */
  readonly payouts?: PayoutConfig | undefined;
  /** The first that fits counts. */
  readonly profiles: readonly MinerProfile[];
  /** Text in the coinbase input. */
  readonly coinbaseTag: string;
  readonly stratum: {
    readonly listen: ListenAddress;
    readonly tls: TlsConfig | undefined;
    /** With TLS: whether miners without it may use the same port. */
    readonly allowPlain: boolean;
  };
}

export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface VardiffConfig {
  readonly initialDifficulty: number;
  readonly minimumDifficulty: number;
  readonly maximumDifficulty: number;
  readonly targetShareIntervalMs: number;
  readonly retargetIntervalMs: number;
}

export interface StratumConfig {
  readonly enabled: boolean;
  readonly maxConnections: number;
  readonly maxWorkers: number;
  /** Whether other gateways of this machine may listen on the same ports. */
  readonly reusePort: boolean;
  /** Difficulty 1 is 2^32 hashes for SHA256d and 2^16 for Scrypt; absent: by algorithm. */
  readonly vardiff: VardiffConfig | undefined;
}

/** What may come in from where; of who never had a share accepted unless it says otherwise. */
export interface DefenceConfig {
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
  /** Only who is in `allow` is let in. */
  readonly onlyAllowed: boolean;
  /** `required`: a connection from `trusted` has a header. */
  readonly proxyProtocol: { readonly trusted: readonly Prefix[]; readonly required: boolean };
  /** An IPv4 address or an IPv6 /64. */
  readonly address: {
    readonly connections: number;
    readonly connectionsPerSecond: number;
    readonly workers: number;
    readonly accounts: number;
    readonly messagesPerSecond: number;
    readonly bytesPerSecond: number;
  };
  /** An IPv4 /24 or an IPv6 /48. */
  readonly network: { readonly connections: number; readonly connectionsPerSecond: number };
  readonly session: { readonly messagesPerSecond: number; readonly bytesPerSecond: number };
  /** Of all connections, 0 to 1: those that are not logged in, and those kept for who has worked. */
  readonly handshakeShare: number;
  readonly reserveShare: number;
  readonly lineTimeMs: number;
  readonly sendTimeMs: number;
  /** For what was heard and not read, and sent and not taken, in the whole process. */
  readonly memoryBytes: number;
  readonly bans: BansConfig;
}

/** For invalid shares; operators ban whom they like. */
export interface BansConfig {
  readonly enabled: boolean;
  /** Of an address, beyond twice its accepted ones. */
  readonly invalidShares: number;
  readonly shortestMs: number;
  readonly longestMs: number;
}

export interface ApiConfig {
  readonly enabled: boolean;
  readonly listen: ListenAddress;
  readonly tls: TlsConfig | undefined;
  readonly auth: {
    readonly enabled: boolean;
    readonly tokenExpiryMs: number;
    readonly apiKey: Secret | undefined;
  };
  /** Whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: readonly Prefix[];
  /** Whose pages may read what is public, each as a browser names it. */
  readonly corsOrigins: readonly string[];
  /** Requests per second and client address, and per key or user; 0: no limit. */
  readonly rateLimitPerSecond: number;
  /** Of the WebSocket. */
  readonly live: { readonly maxClients: number; readonly maxClientsPerAddress: number };
}

/** Where the spans of a trace go. */
export interface TracesConfig {
  /** Without a slash at its end; `/v1/traces` is below it. */
  readonly endpoint: string;
  /** One `name: value` a line; `parseHttpHeaders` reads it. */
  readonly headers: Secret | undefined;
  /** Of share batches and of questions between services; of everything else all are traced. */
  readonly sampleBasisPoints: number;
}

export interface MonitoringConfig {
  /** Absent: served by the API's listener only. */
  readonly metrics: { readonly enabled: boolean; readonly listen: ListenAddress | undefined };
  readonly health: { readonly enabled: boolean; readonly listen: ListenAddress | undefined };
  /** Undefined: nothing is traced. */
  readonly traces?: TracesConfig | undefined;
}

export interface DatabaseConfig {
  /** `postgres://…`; absent: the embedded PostgreSQL in the data directory. */
  readonly url: Secret | undefined;
  /** Whether a service changes the schema at its start; else it waits until that was done. */
  readonly migrate: boolean;
}

/** What joins the services of a fleet. */
export interface NatsConfig {
  readonly servers: readonly string[];
  /** Absolute. Holds `SERVICE.nk`, an nkey seed, for each service that runs here; absent: none is asked for. */
  readonly credentialsDir: string | undefined;
  /** Absolute paths; absent: the servers' addresses decide whether there is TLS. */
  readonly tls:
    | {
        readonly caFile: string | undefined;
        readonly certFile: string | undefined;
        readonly keyFile: string | undefined;
      }
    | undefined;
  readonly replicas: 1 | 3;
}

export interface RedisConfig {
  /** `redis://…`; absent: each process keeps to itself what it would have shared. */
  readonly url: Secret | undefined;
}

export interface ServiceConfig {
  /** Absent: whoever starts the service finds a name. */
  readonly instance: string | undefined;
  readonly drainMs: number;
}

export interface Config {
  readonly app: AppConfig;
  readonly mining: MiningConfig;
  readonly pools: readonly PoolConfig[];
  readonly stratum: StratumConfig;
  readonly defence: DefenceConfig;
  readonly api: ApiConfig;
  readonly monitoring: MonitoringConfig;
  readonly database: DatabaseConfig;
  /** Undefined: amounts are shown in their own units alone. */
  readonly prices?: PricesConfig | undefined;
  /** Absent: all services run in one process. */
  readonly nats: NatsConfig | undefined;
  readonly redis: RedisConfig;
  readonly service: ServiceConfig;
  /** A private chain to try the pool on, when no pool is configured. */
  readonly playground: boolean;
}
