export { MINING_ALGORITHMS } from './model.ts';
export type {
  ApiConfig,
  BankrollConfig,
  AppConfig,
  Config,
  DaemonConfig,
  DatabaseConfig,
  BansConfig,
  DefenceConfig,
  ListenAddress,
  LogLevel,
  MergedChainConfig,
  MinerProfile,
  MiningAlgorithm,
  MiningConfig,
  MonitoringConfig,
  NatsConfig,
  PayoutConfig,
  PoolConfig,
  PricesConfig,
  RedisConfig,
  RewardSplit,
  RewardWindow,
  Secret,
  ServiceConfig,
  StratumConfig,
  TlsConfig,
  TracesConfig,
  UpstreamPool,
  VardiffConfig,
  WalletConfig,
} from './model.ts';
export type { ConfigDefaults } from './context.ts';
export { describeConfig } from './describe.ts';
export type { Environment } from './environment.ts';
export type { FileText, Files } from './files.ts';
export { CONFIG_PARTS, type ConfigPart } from './holdings.ts';
export { type JsonSchema, configJsonSchema } from './json-schema.ts';
export { type LoadOptions, type LoadResult, loadConfig } from './load.ts';
export { type Problem, formatProblems } from './problem.ts';
export { DEFENCE_DEFAULTS } from './resolve-defence.ts';
export { createSecret } from './secret.ts';
export { parseDurationMs, parseHttpHeaders } from './values.ts';
export { type ShownConfig, showConfig } from './show.ts';
