/**
 * API gateways as processes of their own on a real NATS server, with books that know one pool and no block: what the
 * log tells is all there is to see.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type JetStreamLog,
  type NatsLink,
  NatsServer,
  connectNats,
  createJetStreamLog,
  ensureStreams,
} from '@otedama/bus/nats';
import {
  BLOCKS_LOG,
  type BlockEvent,
  type PoolSummary,
  Subject,
  blockEventId,
  encodeBlockEvent,
  silentLogger,
} from '@otedama/contracts';
import { REPOSITORY, type ServerProcess, TestProcess, freePort, startNats } from '@otedama/test-harness';

export interface ApiFleetOptions {
  readonly dir: string;
  readonly gateways: number;
  /** Settings of every gateway. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ApiProcess {
  readonly process: TestProcess;
  readonly url: string;
  readonly port: number;
}

const POOL: PoolSummary = {
  id: 'btc-solo',
  coin: 'bitcoin',
  algorithm: 'sha256d',
  network: 'regtest',
  scheme: 'solo',
  feeBasisPoints: 0,
  hashrateHs: 1,
  workers: 1,
  miners: 1,
  shares: { accepted: 1, rejected: 0 },
  blocks: { accepted: 0, matured: 0, orphaned: 0, rejected: 0 },
  immatureAtomic: '0',
  maturedAtomic: '0',
  decimals: 8,
  symbol: 'BTC',
  paysInCoinbase: false,
};

const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
/** A service of a fleet has a pool; this one's daemon is never asked. */
const CONFIG = `
pools:
  - id: ${POOL.id}
    coin: bitcoin
    network: regtest
    payout_address: ${ADDRESS}
    scheme: solo
    daemons: [{url: 'http://127.0.0.1:1', user: x, password: unused-password}]
`;

export const fleetBlockHash = (height: number): string => height.toString(16).padStart(64, '0');

const blockOf = (height: number): BlockEvent => ({
  poolId: POOL.id,
  coin: POOL.coin,
  height,
  hash: fleetBlockHash(height),
  prevHash: fleetBlockHash(height - 1),
  coinbaseTxid: '',
  rewardAtomic: '5000000000',
  networkWork: '1',
  address: ADDRESS,
  worker: 'rig',
  batchId: '0'.repeat(32),
  foundAtMs: Date.now(),
  outcome: 'accepted',
});

const startGateway = async (
  { dir, env }: ApiFleetOptions,
  nats: string,
  name: string,
): Promise<ApiProcess> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const script = join(REPOSITORY, 'apps/api-gateway/dist/api-gateway.cjs');
  const config = join(dir, `${name}.yaml`);
  writeFileSync(config, CONFIG);
  const gateway = new TestProcess(name, process.execPath, ['--no-warnings', script, '--config', config], {
    env: {
      OTEDAMA_SERVICE_INSTANCE: name,
      OTEDAMA_APP_DATA_DIR: join(dir, name),
      OTEDAMA_NATS_SERVERS: nats,
      OTEDAMA_API_ADDRESS: `127.0.0.1:${port}`,
      ...env,
    },
  });
  await gateway.until('an answer', async () => {
    const reply = await fetch(`${url}/health/ready`).catch(() => undefined);
    return reply?.status === 200 ? (true as const) : undefined;
  });
  return { process: gateway, url, port };
};

export class ApiFleet implements AsyncDisposable {
  readonly gateways: readonly ApiProcess[];
  readonly #nats: ServerProcess;
  readonly #link: NatsLink;
  readonly #books: NatsServer;
  readonly #blocks: JetStreamLog;

  private constructor(
    gateways: readonly ApiProcess[],
    nats: ServerProcess,
    link: NatsLink,
    books: NatsServer,
  ) {
    this.gateways = gateways;
    this.#nats = nats;
    this.#link = link;
    this.#books = books;
    this.#blocks = createJetStreamLog({ link, logger: silentLogger }, { name: BLOCKS_LOG });
  }

  static async start(options: ApiFleetOptions): Promise<ApiFleet> {
    const nats = await startNats({ dir: join(options.dir, 'nats') });
    const link = await connectNats({ servers: [nats.url], name: 'books' }, { logger: silentLogger });
    await ensureStreams(link);
    const books = new NatsServer(link);
    books.addHandler(Subject.accountingPools, async () => [POOL], false);
    books.addHandler(Subject.accountingBlocks, async () => [], false);
    await books.listen(() => undefined);
    const names = Array.from({ length: options.gateways }, (_, index) => `api-gateway-${index + 1}`);
    const gateways = await Promise.all(names.map((name) => startGateway(options, nats.url, name)));
    return new ApiFleet(gateways, nats, link, books);
  }

  /** Resolves when the log has it. */
  async find(height: number): Promise<void> {
    const block = blockOf(height);
    await this.#blocks.append(blockEventId(block), encodeBlockEvent(block));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process: gateway } of this.gateways) await gateway[Symbol.asyncDispose]();
    await this.#blocks.close();
    await this.#books.close();
    await this.#link.close();
    await this.#nats[Symbol.asyncDispose]();
  }
}
