/**
 * The honest people of a pool that is under attack: miners that send shares by the clock, miners that come just now,
 * readers of the API, and who asks whether the process is well. Each from an address of its own.
 */
import { Agent, get } from 'node:http';
import { StratumLine, StratumMiner, eventually } from '@otedama/test-harness';
import {
  minerAddress,
  newcomerAddress,
  payoutAddress,
  probeAddress,
  readerAddress,
  viewerAddress,
} from './accounts.ts';
import { Peer } from './attacker/peer.ts';
import { upgrade } from './attacker/websocket.ts';
import { type Figures, Paced } from './paced.ts';

const MINERS = 8;
const SHARE_EVERY_MS = 25;
const NEWCOMER_EVERY_MS = 250;
const READ_EVERY_MS = 125;
/** An odd number of them, or each would always ask for the same. */
const READERS = 5;
const VIEWER_EVERY_MS = 250;
const VIEWERS = 20;
const HEALTH_EVERY_MS = 250;
/** Every one of them is public, and asks each service. */
const READ_PATHS = ['/api/status', '/api/stats?window=1h'];

export interface Doors {
  readonly stratum: number;
  readonly api: number;
}

/** Comes back when it is sent away, as every miner does. */
class HonestMiner {
  readonly account: string;
  accepted = 0;
  sentAway = 0;
  readonly #port: number;
  readonly #from: string;
  #miner: StratumMiner;
  #isRunning = true;

  constructor(number: number, port: number) {
    this.account = payoutAddress(number);
    this.#port = port;
    this.#from = minerAddress(number);
    this.#miner = this.#connect();
  }

  get hasWork(): boolean {
    return this.#miner.hasJob;
  }

  /** No block: the work stays what it is, and no share can come too late. */
  async share(): Promise<string | undefined> {
    if (!this.#miner.hasJob) return 'no work';
    const { outcome } = await this.#miner.submit('share');
    if (outcome === 'lost') return 'lost';
    if (outcome !== 'accepted') return `refused: ${outcome.code} ${outcome.text}`;
    this.accepted += 1;
    return undefined;
  }

  stop(): void {
    this.#isRunning = false;
    this.#miner.close();
  }

  #connect(): StratumMiner {
    const miner = new StratumMiner({
      port: this.#port,
      user: `${this.account}.honest`,
      inFlight: 1,
      localAddress: this.#from,
    });
    void miner.closed.then(() => this.#comeBack());
    return miner;
  }

  #comeBack(): void {
    if (!this.#isRunning) return;
    this.sentAway += 1;
    this.#miner = this.#connect();
  }
}

/** Connects, logs in and waits for its first job. */
const comeIn = async (number: number, port: number): Promise<string | undefined> => {
  const line = new StratumLine(port, newcomerAddress(number));
  const job = line.next(({ method }) => method === 'mining.notify');
  void line.request(1, 'mining.subscribe', ['honest']);
  const user = `${payoutAddress(MINERS)}.new${number % 100}`;
  const admitted = await line.request(2, 'mining.authorize', [user, 'x']);
  const isIn = admitted?.['result'] === true && (await job) !== undefined;
  line.close();
  return isIn ? undefined : 'turned away';
};

const read = (agent: Agent, port: number, path: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const request = get({ agent, host: '127.0.0.1', port, path }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve(response.statusCode === 200 ? undefined : `HTTP ${response.statusCode}`),
      );
    });
    request.on('error', ({ message }) => resolve(message));
  });

/** Opens a WebSocket, as the dashboard does. */
const watch = async (localAddress: string, port: number): Promise<string | undefined> => {
  const peer = new Peer({ port, localAddress });
  const status = await upgrade(peer);
  peer.close();
  return status === '101' ? undefined : `HTTP ${status ?? 'cut'}`;
};

/** Every other of them comes anew for each request. */
const agentOf = (reader: number): Agent =>
  new Agent({ keepAlive: reader % 2 === 0, localAddress: readerAddress(reader) });

const inTurns = <T>(list: readonly T[]): (() => T) => {
  let at = 0;
  return () => list[at++ % list.length] as T;
};

export interface Observed {
  readonly shares: Figures;
  readonly newcomers: Figures;
  readonly reads: Figures;
  readonly viewers: Figures;
  readonly health: Figures;
  /** Connections of honest miners that the pool ended. */
  readonly sentAway: number;
}

export class HonestPeople {
  readonly #miners: readonly HonestMiner[];
  readonly #agents: readonly Agent[];
  readonly #paced: Readonly<Record<keyof Omit<Observed, 'sentAway'>, Paced>>;
  #sentAwayBefore = 0;

  private constructor({ stratum, api }: Doors) {
    this.#miners = Array.from({ length: MINERS }, (_, number) => new HonestMiner(number, stratum));
    const readers = Array.from({ length: READERS }, (_, number) => agentOf(number));
    const probe = new Agent({ keepAlive: true, localAddress: probeAddress });
    this.#agents = [...readers, probe];
    const nextMiner = inTurns(this.#miners);
    const nextReader = inTurns(readers);
    const nextPath = inTurns(READ_PATHS);
    const nextViewer = inTurns(Array.from({ length: VIEWERS }, (_, number) => viewerAddress(number)));
    let newcomers = 0;
    this.#paced = {
      shares: new Paced(SHARE_EVERY_MS, () => nextMiner().share()),
      newcomers: new Paced(NEWCOMER_EVERY_MS, () => comeIn(newcomers++, stratum)),
      reads: new Paced(READ_EVERY_MS, () => read(nextReader(), api, nextPath())),
      viewers: new Paced(VIEWER_EVERY_MS, () => watch(nextViewer(), api)),
      health: new Paced(HEALTH_EVERY_MS, () => read(probe, api, '/health/ready')),
    };
  }

  /** At work. */
  static async start(doors: Doors): Promise<HonestPeople> {
    const people = new HonestPeople(doors);
    await eventually('honest miners have work', () => people.#miners.every(({ hasWork }) => hasWork));
    return people;
  }

  get #sentAway(): number {
    return this.#miners.reduce((sum, { sentAway }) => sum + sentAway, 0);
  }

  /** Shares acknowledged so far, by account. */
  get accepted(): ReadonlyMap<string, number> {
    return new Map(this.#miners.map(({ account, accepted }) => [account, accepted]));
  }

  begin(): void {
    this.#sentAwayBefore = this.#sentAway;
    for (const paced of Object.values(this.#paced)) paced.begin();
  }

  async end(): Promise<Observed> {
    const { shares, newcomers, reads, viewers, health } = this.#paced;
    const all = [shares.end(), newcomers.end(), reads.end(), viewers.end(), health.end()] as const;
    const ended = await Promise.all(all);
    return {
      shares: ended[0],
      newcomers: ended[1],
      reads: ended[2],
      viewers: ended[3],
      health: ended[4],
      sentAway: this.#sentAway - this.#sentAwayBefore,
    };
  }

  /** After the last answer. */
  async stop(): Promise<void> {
    for (const paced of Object.values(this.#paced)) paced.stop();
    await this.end();
    for (const miner of this.#miners) miner.stop();
    for (const agent of this.#agents) agent.destroy();
  }
}
