/**
 * The miner: takes work from the pool client to the devices and their shares back. Work ids are its own, so
 * that a late share of one connection can never pass for a share of the next.
 */
import type { UpstreamPool } from '@otedama/config';
import type { Clock, Logger, MiningStatus } from '@otedama/contracts';
import type { Algorithm } from '@otedama/native';
import type { ClientShare, ClientWork, ShareOutcome } from '@otedama/stratum/client';
import type { Device, OpenDevices } from './devices/device.ts';
import { HashrateMeter } from './hashrate.ts';
import { LogLimiter } from './log-limiter.ts';
import type { AgentMetrics, DeviceFigures, ShareFate } from './metrics.ts';
import type { Dial } from './pool/endpoint.ts';
import type { BackoffLimits } from './pool/backoff.ts';
import { PoolClient } from './pool/pool-client.ts';
import { RecentShares } from './recent-shares.ts';
import { type ShareHashes, isGoodShare } from './share-check.ts';
import { type Timers, every } from './timers.ts';

export interface MinerAgentDeps {
  readonly openDevices: OpenDevices;
  readonly dial: Dial;
  readonly hashes: ShareHashes;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: AgentMetrics;
}

export interface MinerAgentOptions {
  /** Name of this agent in a fleet. */
  readonly instance?: string;
  /** Mines as soon as it is started. */
  readonly enabled: boolean;
  readonly algorithm: Algorithm;
  /** In order of preference; none: there is nothing to mine on, and the agent stays off. */
  readonly upstreams: readonly UpstreamPool[];
  readonly agent: string;
  /** Version bits that the devices may roll, if the pool lets them. */
  readonly versionMask: number;
  /** Waits before pools that could not be reached are tried again; absent: by where they are. */
  readonly backoff?: BackoffLimits;
}

export interface MinerAgent {
  start(): Promise<void>;
  stop(): Promise<void>;
  startMining(): Promise<MiningStatus>;
  stopMining(): Promise<MiningStatus>;
  status(): MiningStatus;
}

/**
 * Unanswered shares beyond which new ones are thrown away unchecked. At any sensible difficulty one or two are
 * under way; the first seconds on a chain of difficulty zero bring thousands, which must not bury the pool.
 */
const MAX_IN_FLIGHT = 64;
/** Jobs whose shares may still come from the devices. */
const MAX_WORKS = 16;
const SAMPLE_MS = 1_000;

/** Of a share as the devices gave it; an invalid or repeated one never left this machine. */
type Outcome = ShareOutcome | { readonly kind: 'invalid' | 'repeated' };

interface DeviceMeter {
  readonly device: Device;
  readonly meter: HashrateMeter;
}

/** One period of mining, from startMining to stopMining. */
class MiningRun {
  readonly #deps: MinerAgentDeps;
  readonly #options: MinerAgentOptions;
  readonly #record: (outcome: Outcome) => void;
  readonly #pool: PoolClient;
  readonly #works = new Map<number, ClientWork>();
  readonly #sent = new RecentShares();
  readonly #limiter: LogLimiter;
  #devices: readonly DeviceMeter[] = [];
  #nextWorkId = 1;
  #cancelSampling = (): void => undefined;
  /** Shares that are being checked. */
  #checking = 0;
  #notes = '';
  #stopped = false;

  constructor(deps: MinerAgentDeps, options: MinerAgentOptions, record: (outcome: Outcome) => void) {
    this.#deps = deps;
    this.#options = options;
    this.#record = record;
    this.#limiter = new LogLimiter(deps.clock);
    this.#pool = new PoolClient(deps, options, {
      work: (work) => this.#onWork(work),
      workLost: () => this.#clearWork(),
      verdict: record,
    });
  }

  /** False when there is no device to mine with. */
  start(): boolean {
    const devices = this.#deps.openDevices((share) => this.#onShare(share));
    if (devices.length === 0) return false;
    this.#devices = devices.map((device) => ({ device, meter: new HashrateMeter() }));
    this.#sample();
    this.#cancelSampling = every(this.#deps.timers, SAMPLE_MS, () => this.#sample());
    this.#pool.start();
    return true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSampling();
    this.#pool.stop();
    this.#clearWork();
    for (const closed of await Promise.allSettled(this.#devices.map(({ device }) => device.close()))) {
      // A thread that died stays dead; the others have ended all the same, which is what was asked for.
      if (closed.status === 'rejected') {
        this.#deps.logger.error({ error: closed.reason }, 'a mining device had failed');
      }
    }
  }

  get hasWork(): boolean {
    return this.#works.size > 0;
  }

  /** Whether any device searches, and what the first has to say that has something to say. */
  get readiness(): { readonly searching: boolean; readonly reason: string | undefined } {
    const each = this.#devices.map(({ device }) => device.readiness());
    return {
      searching: each.some(({ searching }) => searching),
      reason: each.find(({ reason }) => reason !== undefined)?.reason,
    };
  }

  get pool(): ReturnType<PoolClient['status']> {
    return this.#pool.status();
  }

  get devices(): MiningStatus['devices'] {
    return this.#devices.map(({ device, meter }) => {
      const { id, kind, name } = device;
      return { id, kind, name, hashrateHs: meter.hashesPerSecond };
    });
  }

  get figures(): readonly DeviceFigures[] {
    return this.#devices.map(({ device, meter }) => ({
      id: device.id,
      kind: device.kind,
      hashes: device.hashes(),
      hashrateHs: meter.hashesPerSecond,
      searching: device.readiness().searching,
    }));
  }

  get threads(): number {
    return this.#devices.reduce((sum, { device }) => sum + device.threads, 0);
  }

  get backend(): string | undefined {
    return this.#devices[0]?.device.backend;
  }

  #sample(): void {
    for (const { device, meter } of this.#devices) {
      meter.sample(device.hashes(), this.#deps.clock());
    }
    this.#logNotes();
  }

  /** Once each time they change. */
  #logNotes(): void {
    const notes = this.#devices.flatMap(({ device }) => device.readiness().notes);
    const text = notes.join('\n');
    if (text === this.#notes) return;
    this.#notes = text;
    if (text !== '') this.#deps.logger.warn({ notes }, 'the dataset of a device is not as it should be');
  }

  #onWork(work: ClientWork): void {
    const own: ClientWork = { ...work, workId: this.#nextWorkId };
    this.#nextWorkId = (this.#nextWorkId + 1) >>> 0;
    // The pool's number for this work is found again by ours.
    if (work.clean) this.#works.clear();
    this.#works.set(own.workId, work);
    for (const oldest of this.#works.keys()) {
      if (this.#works.size <= MAX_WORKS) break;
      this.#works.delete(oldest);
    }
    try {
      for (const { device } of this.#devices) device.setWork(own);
    } catch (error) {
      // A job that the native miner refuses (too long a coinbase, say) is the pool's fault; the next one may do.
      this.#limiter.once('unusable job', (suppressed) => {
        this.#deps.logger.warn({ error, jobId: work.jobId, suppressed }, 'a job of the pool cannot be mined');
      });
      this.#clearWork();
    }
  }

  #clearWork(): void {
    this.#works.clear();
    for (const { device } of this.#devices) device.clearWork();
  }

  #onShare(share: ClientShare): void {
    // What the devices still hand in after the end was ours to give up.
    if (this.#stopped) return;
    const work = this.#works.get(share.workId);
    if (work === undefined) return this.#record({ kind: 'dropped', reason: 'stale' });
    if (this.#pool.inFlight + this.#checking >= MAX_IN_FLIGHT)
      return this.#record({ kind: 'dropped', reason: 'too-many-pending' });
    const good = isGoodShare(this.#options.algorithm, work, share, this.#deps.hashes);
    if (typeof good === 'boolean') return this.#onChecked(share, good);
    void this.#await(share, good);
  }

  async #await(share: ClientShare, good: Promise<boolean>): Promise<void> {
    this.#checking += 1;
    try {
      const result = await good;
      if (!this.#stopped) this.#onChecked(share, result);
    } catch (error) {
      // Nothing leaves unchecked: what the check needs (a cache, say) cannot be had on this machine.
      this.#limiter.once('no check', (suppressed) => {
        this.#deps.logger.error({ error, suppressed }, 'a share could not be checked and was not sent');
      });
      this.#record({ kind: 'invalid' });
    } finally {
      this.#checking -= 1;
    }
  }

  #onChecked(share: ClientShare, good: boolean): void {
    // The job may have gone while its share was hashed.
    const work = this.#works.get(share.workId);
    if (work === undefined) return this.#record({ kind: 'dropped', reason: 'stale' });
    if (!good) return this.#record({ kind: 'invalid' });
    if (!this.#sent.add(work, share)) return this.#record({ kind: 'repeated' });
    this.#pool.submit({ ...share, workId: work.workId });
  }
}

const fateOf = (outcome: Outcome): ShareFate => {
  switch (outcome.kind) {
    case 'rejected':
      return outcome.stale ? 'stale' : 'rejected';
    case 'dropped':
      return outcome.reason === 'stale' ? 'stale' : 'dropped';
    default:
      return outcome.kind;
  }
};

class Agent implements MinerAgent {
  readonly #deps: MinerAgentDeps;
  readonly #options: MinerAgentOptions;
  readonly #shares = { accepted: 0, rejected: 0, stale: 0 };
  readonly #limiter: LogLimiter;
  #run: MiningRun | undefined;
  /** Why mining cannot be started at all on this machine with these options. */
  #offReason: string | undefined;
  #problem: string | undefined;
  /** Starts and stops one after the other, however they are asked for. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: MinerAgentDeps, options: MinerAgentOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#limiter = new LogLimiter(deps.clock);
    deps.metrics.watch({
      state: () => this.status().state,
      devices: () => this.#run?.figures ?? [],
    });
    if (options.upstreams.length === 0) this.#offReason = 'there is no pool to mine on';
  }

  async start(): Promise<void> {
    if (this.#options.enabled) await this.startMining();
  }

  async stop(): Promise<void> {
    await this.stopMining();
  }

  startMining(): Promise<MiningStatus> {
    return this.#inOrder(async () => {
      if (this.#run !== undefined || this.#offReason !== undefined) return;
      const run = new MiningRun(this.#deps, this.#options, (outcome) => this.#record(outcome));
      try {
        if (!run.start()) {
          this.#offReason = 'there is no device to mine with';
          return;
        }
      } catch (error) {
        this.#problem = `the mining device does not work: ${error instanceof Error ? error.message : String(error)}`;
        this.#deps.logger.error({ error }, 'mining could not be started');
        return;
      }
      this.#problem = undefined;
      this.#run = run;
    });
  }

  stopMining(): Promise<MiningStatus> {
    return this.#inOrder(async () => {
      const run = this.#run;
      this.#run = undefined;
      await run?.stop();
    });
  }

  status(): MiningStatus {
    const run = this.#run;
    const { algorithm, instance } = this.#options;
    const common = {
      ...(instance === undefined ? {} : { instance }),
      algorithm,
      shares: { ...this.#shares },
    };
    if (run === undefined) return { ...common, ...this.#idle(), threads: 0, hashrateHs: 0, devices: [] };
    const { devices, threads, backend, pool } = run;
    const hashrateHs = devices.reduce((sum, device) => sum + device.hashrateHs, 0);
    return { ...common, ...this.#busy(run), backend, threads, hashrateHs, pool: pool.url, devices };
  }

  #idle(): Pick<MiningStatus, 'state' | 'reason'> {
    if (this.#offReason !== undefined) return { state: 'off', reason: this.#offReason };
    return { state: 'stopped', reason: this.#problem };
  }

  #busy({ hasWork, pool, readiness }: MiningRun): Pick<MiningStatus, 'state' | 'reason'> {
    if (!pool.ready) return { state: 'connecting', reason: pool.problem };
    if (!hasWork) return { state: 'waiting', reason: 'the pool has not given any work yet' };
    const { searching, reason } = readiness;
    return { state: searching ? 'mining' : 'waiting', ...(reason === undefined ? {} : { reason }) };
  }

  #record(outcome: Outcome): void {
    const fate = fateOf(outcome);
    this.#deps.metrics.shares.inc({ fate });
    if (fate === 'accepted' || fate === 'rejected' || fate === 'stale') this.#shares[fate] += 1;
    if (outcome.kind === 'invalid') {
      this.#limiter.once('wrong share', (suppressed) => {
        this.#deps.logger.warn({ suppressed }, 'a device computed a wrong share; it was not sent');
      });
    }
    if (outcome.kind === 'rejected') {
      this.#deps.logger.debug({ code: outcome.code, text: outcome.text }, 'the pool rejected a share');
    }
  }

  async #inOrder(change: () => Promise<void>): Promise<MiningStatus> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => undefined);
    await done;
    return this.status();
  }
}

/** Throws PoolUrlError at the first start when an upstream is none. */
export const createMinerAgent = (deps: MinerAgentDeps, options: MinerAgentOptions): MinerAgent =>
  new Agent(deps, options);
