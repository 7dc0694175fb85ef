/** A miner that comes back: to any gateway, with the session that it had. Remembers everything it was told. */
import { type AcknowledgedShare, StratumMiner, pause } from '@otedama/test-harness';
import type { SeededRandom } from './seeded-random.ts';

export interface FleetMinerOptions {
  /** Of all gateways. */
  readonly ports: readonly number[];
  readonly user: string;
  readonly inFlight: number;
  readonly random: SeededRandom;
  readonly onAcknowledged: () => void;
}

const BACK_AFTER_MS = [20, 300] as const;

export class FleetMiner {
  readonly acknowledged: AcknowledgedShare[] = [];
  readonly rejected: { readonly code: number; readonly text: string }[] = [];
  connections = 0;
  /** Came back to its extranonce. */
  resumed = 0;
  sent = 0;
  readonly #options: FleetMinerOptions;
  #miner: StratumMiner | undefined;
  #sessionId: string | undefined;
  #extranonce1: string | undefined;
  #running = true;
  readonly #ended: Promise<void>;

  constructor(options: FleetMinerOptions) {
    this.#options = options;
    this.#ended = this.#live();
  }

  /** Hears no more; what was on its way is lost to it. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#miner?.close();
    await this.#ended;
  }

  async #live(): Promise<void> {
    while (this.#running) {
      const miner = this.#connect();
      await miner.closed;
      this.#leave(miner);
      if (this.#running) await pause(this.#options.random.whole(...BACK_AFTER_MS));
    }
  }

  #connect(): StratumMiner {
    const { ports, user, inFlight, random, onAcknowledged } = this.#options;
    const miner = new StratumMiner({
      port: random.pick(ports),
      user,
      inFlight,
      ...(this.#sessionId === undefined ? {} : { sessionId: this.#sessionId }),
      onAcknowledged: (share) => {
        this.acknowledged.push(share);
        onAcknowledged();
      },
    });
    miner.run();
    this.connections += 1;
    this.#miner = miner;
    return miner;
  }

  #leave(miner: StratumMiner): void {
    this.sent += miner.sent;
    this.rejected.push(...miner.rejected);
    if (miner.sessionId === undefined) return;
    if (this.#extranonce1 === miner.extranonce1) this.resumed += 1;
    this.#sessionId = miner.sessionId;
    this.#extranonce1 = miner.extranonce1;
  }
}
