/**
 * A whole fleet under a real Prometheus with the configuration, the rules and the exporters that operators have: it
 * mines on real Litecoin nodes, finds blocks, owes and pays a miner, and is asked things by people.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BalanceSummary } from '@otedama/contracts';
import {
  type Exporter,
  type FleetUnderTest,
  type LitecoinNodes,
  type Prometheus,
  REPOSITORY,
  type Rpc,
  RpcFailure,
  StratumLine,
  TestProcess,
  activateMweb,
  createRpc,
  eventually,
  startFleet,
  startLitecoinNodes,
  startNatsFigures,
  startPostgresExporter,
  startPrometheus,
  startRedisExporter,
} from '@otedama/test-harness';

const PROGRAM = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');
const POOL = 'ltc-paid';
const LITECOIN_MATURITY = 100;
const MINING_TIMEOUT_MS = 120_000;

const configOf = ({ rpc, walletAddress }: LitecoinNodes): string => `
mining: {enable: true, algorithm: scrypt, cpu: {threads: 1, priority: idle}}
stratum: {vardiff: {initial_difficulty: 0.02, minimum_difficulty: 0.02, maximum_difficulty: 0.02}}
pools:
  - id: ${POOL}
    coin: litecoin
    network: regtest
    payout_address: ${walletAddress}
    stratum: {address: '127.0.0.1:PORT'}
    daemons: [{url: '${rpc.url}', user: '${rpc.user}', password: '${rpc.password}'}]
    wallet: {name: w}
    payouts: {minimum: 0.001, interval: 1s, confirmations: 2}
`;

interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: { readonly job: string; readonly instance: string };
}

/** `share-validator-2` is one of the share-validators. */
const serviceOf = (process: string): string => process.replace(/-\d+$/, '');

const secret = (dataDir: string, name: string): string => readFileSync(join(dataDir, name), 'utf8').trim();

export interface MonitoredFleetOptions {
  readonly dir: string;
  readonly scrapeSeconds: number;
}

export class MonitoredFleet implements AsyncDisposable {
  readonly #parts = new AsyncDisposableStack();
  #fleet: FleetUnderTest | undefined;
  #prometheus: Prometheus | undefined;
  #nodes: LitecoinNodes | undefined;
  #miners: Rpc | undefined;

  /** Ready, scraped, and with nothing mined but by its own agent. */
  static async start(options: MonitoredFleetOptions): Promise<MonitoredFleet> {
    const monitored = new MonitoredFleet();
    try {
      await monitored.#start(options);
    } catch (error) {
      await monitored[Symbol.asyncDispose]();
      throw error;
    }
    return monitored;
  }

  get prometheus(): Prometheus {
    if (this.#prometheus === undefined) throw new Error('it was not started');
    return this.#prometheus;
  }

  /** Blocks of somebody else, matured, paid and deep in the chain. */
  async mineAndPay(): Promise<void> {
    const [fleet, nodes, miners] = [this.#fleet, this.#nodes, this.#miners];
    if (fleet === undefined || nodes === undefined || miners === undefined)
      throw new Error('it was not started');
    const address = await miners.call<string>('getnewaddress', '', 'legacy');
    const port = fleet.ports.stratum[0] ?? 0;
    const url = ['--url', `stratum+tcp://127.0.0.1:${port}`, '--user', `${address}.rig`];
    const args = ['--no-warnings', PROGRAM, 'mine', ...url, '--algo', 'scrypt', '--threads', '1'];
    const miner = new TestProcess('miner', process.execPath, args);
    try {
      await eventually(
        'blocks that the miner has a part in',
        async () => {
          const { items } = await fleet.get<{ items: BalanceSummary[] }>(`/api/v1/balances?pool=${POOL}`);
          return items.some((row) => row.address === address && BigInt(row.immatureAtomic) > 10n ** 8n);
        },
        MINING_TIMEOUT_MS,
      );
    } finally {
      await miner.stop();
    }
    const mine = async (blocks: number): Promise<void> => {
      for (let left = blocks; left > 0;) {
        try {
          await nodes.rpc.call('generatetoaddress', 1, nodes.walletAddress);
          left -= 1;
        } catch (error) {
          // The agent of the fleet mines on the same parent, and was first.
          if (!(error instanceof RpcFailure)) throw error;
        }
      }
    };
    await mine(LITECOIN_MATURITY + 1);
    await eventually('what the miner is owed is on its way', async () => {
      await mine(1);
      const received = await miners.call<number>('getreceivedbyaddress', address, 1);
      return received > 0;
    });
    // The books are proved at their start and once a day: this proof finds something in them.
    const pid = await fleet.signal('pool-accounting', 'SIGKILL');
    await fleet.replaced('pool-accounting', pid);
    await mine(2);
  }

  /** What people and strangers do: look, log in wrongly, come with a live connection, say nonsense. */
  async disturb(): Promise<void> {
    const fleet = this.#fleet;
    if (fleet === undefined) throw new Error('it was not started');
    for (const path of ['/api/status', '/api/v1/pools', '/api/v1/blocks?pool=ltc-paid', '/api/v1/nothing']) {
      await fetch(fleet.api + path);
    }
    await fetch(`${fleet.api}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'nobody', password: 'not-the-password' }),
    });
    const viewer = new WebSocket(`${fleet.api.replace('http', 'ws')}/api/ws`);
    this.#parts.defer(() => viewer.close());
    const stranger = new StratumLine(fleet.ports.stratum[0] ?? 0);
    stranger.write('{"id":1,"method":"mining.subscribe","params":["stranger","0011223344556677"]}\n');
    stranger.write('this is no JSON\n'.repeat(20));
    await stranger.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }

  async #start({ dir, scrapeSeconds }: MonitoredFleetOptions): Promise<void> {
    const nodes = await startLitecoinNodes(dir);
    this.#parts.defer(() => nodes.stop());
    this.#nodes = nodes;
    await activateMweb(nodes);
    await nodes.rpc.call('createwallet', 'miners');
    const { url, user, password } = nodes.rpc;
    this.#miners = createRpc(`${url}/wallet/miners`, user, password);
    const dataDir = join(dir, 'fleet');
    const fleet = await startFleet({ dataDir, config: configOf(nodes) });
    this.#parts.use(fleet);
    this.#fleet = fleet;
    const home = join(dir, 'prometheus');
    await this.#target(fleet, dataDir, home);
    const prometheus = this.#parts.use(await this.#startPrometheus(home, scrapeSeconds));
    this.#prometheus = prometheus;
    await eventually('an answer of every target', async () => {
      const targets = await prometheus.targets();
      return targets.length > 0 && targets.every(({ health }) => health === 'up');
    });
  }

  async #target(fleet: FleetUnderTest, dataDir: string, home: string): Promise<void> {
    const { processes } = await fleet.report();
    const port = (name: string, which: string): number | undefined =>
      processes.find((one) => one.name === name)?.ports[which];
    const exporters: [string, Exporter][] = [
      ['nats', await startNatsFigures(`http://127.0.0.1:${port('nats', 'http')}`)],
      ['postgres', await startPostgresExporter(secret(dataDir, 'postgres/url'))],
      ['redis', await startRedisExporter(secret(dataDir, 'redis/url'))],
    ];
    for (const [, exporter] of exporters) this.#parts.use(exporter);
    const services = processes.flatMap(({ name, ports }): TargetGroup[] =>
      ports['monitoring'] === undefined
        ? []
        : [
            {
              targets: [`127.0.0.1:${ports['monitoring']}`],
              labels: { job: serviceOf(name), instance: name },
            },
          ],
    );
    const servers = exporters.map(([job, { address }]): TargetGroup => ({
      targets: [address],
      labels: { job, instance: job },
    }));
    mkdirSync(join(home, 'targets'), { recursive: true });
    // Every JSON is YAML.
    writeFileSync(join(home, 'targets/fleet.yml'), JSON.stringify([...services, ...servers]));
  }

  /** As it is deployed, and more often. */
  async #startPrometheus(home: string, scrapeSeconds: number): Promise<Prometheus> {
    const deployed = readFileSync(join(REPOSITORY, 'deploy/prometheus/prometheus.yml'), 'utf8');
    const configFile = join(home, 'prometheus.yml');
    writeFileSync(configFile, deployed.replaceAll(/_interval: \d+s/g, `_interval: ${scrapeSeconds}s`));
    cpSync(join(REPOSITORY, 'helm/otedama/rules'), join(home, 'rules'), { recursive: true });
    return startPrometheus({ dir: home, configFile });
  }
}
