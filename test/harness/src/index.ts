export { type AuxNode, startAuxNode } from './aux-node.ts';
export { type AuxClaim, findProofFault } from './aux-proof.ts';
export { type BitcoinNode, startBitcoinNode } from './bitcoin-node.ts';
export { type EthashNode, startEthashNode } from './ethash-node.ts';
export { type EthereumNode, type EthereumNodeOptions, startEthereumNode } from './ethereum-node.ts';
export {
  type Exporter,
  postgresExporterProgram,
  redisExporterProgram,
  startPostgresExporter,
  startRedisExporter,
} from './exporters.ts';
export {
  type FleetOptions,
  type FleetPorts,
  type FleetProcess,
  type FleetReport,
  FleetUnderTest,
  startFleet,
} from './fleet.ts';
export { type KawpowSeal, sealKawpow } from './kawpow-check.ts';
export { type RavenNode, type TakenBlock, startRavenNode } from './kawpow-node.ts';
export {
  type LitecoinNode,
  type LitecoinNodes,
  MWEB_HEIGHT,
  activateMweb,
  startLitecoinNode,
  startLitecoinNodes,
} from './litecoin-nodes.ts';
export { LitecoinWallets, startLitecoinWallets } from './litecoin-wallets.ts';
export { type MoneroNode, type MoneroOptions, type MoneroRpc, startMoneroNode } from './monero-node.ts';
export { type MoneroWallet, type MoneroWalletOptions, startMoneroWallet } from './monero-wallet.ts';
export { startNatsFigures } from './nats-figures.ts';
export { type NatsProxy, startNatsProxy } from './nats-proxy.ts';
export { type NatsServerOptions, natsServerProgram, startNats, startNatsWith } from './nats-server.ts';
export {
  type LaunchedOtedama,
  type Otedama,
  type OtedamaOptions,
  PLAYGROUND_CONFIG,
  type Ports,
  type Ran,
  choosePorts,
  launchOtedama,
  runBeside,
  runOtedama,
  startOtedama,
} from './otedama.ts';
export {
  REPOSITORY,
  type Scratch,
  chromium,
  describeWith,
  ethashGeth,
  findProgram,
  freePort,
  litecoind,
  missingComponent,
  monerod,
  moneroWalletRpc,
  scratchDirectory,
} from './places.ts';
export { type Exit, type ProcessOptions, TestProcess, eventually, pause } from './process.ts';
export {
  Prometheus,
  type PrometheusOptions,
  type RuleState,
  type Sampled,
  type ScrapeTarget,
  type Span,
  prometheusProgram,
  promtoolProgram,
  startPrometheus,
} from './prometheus.ts';
export { redisServerProgram, startRedis } from './redis-server.ts';
export { ServerProcess } from './server-process.ts';
export { type ReceivedSpan, TraceCollector } from './trace-collector.ts';
export { type Rpc, RpcFailure, createRpc } from './rpc.ts';
export { orphanBlocks } from './reorg.ts';
export { type SelfSelectJob, SelfSelectMiner } from './self-select-miner.ts';
export { type TestDatabase, endDatabase, openDatabase } from './database.ts';
export { type Spoiling, type SpoilingProxy, startSpoilingProxy } from './spoiling-proxy.ts';
export { StratumLine } from './stratum-line.ts';
export {
  type AcknowledgedShare,
  type MinerOptions,
  type Outcome,
  type SentShare,
  StratumMiner,
  type WantedShare,
} from './stratum-miner.ts';
