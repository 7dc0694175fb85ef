/** The listener of one pool: its sockets, its work, its batches. */
import { readFileSync } from 'node:fs';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { ClientProxy } from '@nestjs/microservices';
import type { DefenceConfig, ListenAddress, PoolConfig, StratumConfig } from '@otedama/config';
import {
  type Clock,
  type GatewayStatus,
  type Logger,
  type ShareValidation,
  type Subscription,
  type TemplateBus,
  type TemplateUpdate,
  type TraceContext,
  type Tracer,
  isStopped,
  noTracer,
  templateSubject,
} from '@otedama/contracts';
import type { Guest, WorkerRefusal } from '@otedama/edge';
import type { BoundSeries } from '@otedama/observability';
import type { Ban } from '@otedama/shared-state';
import {
  type Arrival,
  type Listener,
  type Pace,
  type PeerSocket,
  type Peers,
  listen,
} from '@otedama/sockets';
import { type Account, type RejectReason, type SessionCore, isUnproven } from '@otedama/stratum';
import type { CreateBlobTemplate } from './blobs.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import { banHits } from './defence/ban-hits.ts';
import type { Door, Doorstep } from './defence/door.ts';
import type { PeerMemory } from './defence/peer-memory.ts';
import type { Referee } from './defence/referee.ts';
import { Seldom } from './defence/seldom.ts';
import {
  type CommonWork,
  type HostedDialect,
  type HostedEvent,
  type HostedNews,
  createDialect,
} from './dialects.ts';
import { GatewayListenError } from './errors.ts';
import type { PoolGauges } from './gauges.ts';
import type { Leases } from './leases/leases.ts';
import { type GatewayLimits, isExpensive } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import { Outbox } from './outbox.ts';
import { PayoutWishes } from './payout-wishes.ts';
import { PoolTraces } from './pool-traces.ts';
import type { ReadingQueue } from './reading-queue.ts';
import { Sessions } from './sessions.ts';
import { ShareLanes } from './share-lanes.ts';
import { type Greeter, createGreeter } from './tls-detection.ts';

export interface PoolGatewayDeps {
  readonly validation: ShareValidation;
  readonly createBlobTemplate: CreateBlobTemplate;
  readonly templates: TemplateBus;
  /** The space of extranonces of so many bytes. */
  readonly leasesOf: (bytes: number) => Leases;
  readonly peers: Peers;
  /** What those who come have of the event loop. */
  readonly pace: Pace;
  readonly door: Door;
  readonly memory: PeerMemory;
  readonly readingQueue: ReadingQueue;
  readonly referee: Referee;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
  /** Who is told of what miners wish about their payouts; absent: nobody. */
  readonly accounting?: Pick<ClientProxy, 'send'>;
}

export interface PoolGatewayOptions {
  readonly pool: PoolConfig;
  readonly stratum: StratumConfig;
  readonly defence: DefenceConfig;
  readonly serverVersion: string;
  readonly limits: GatewayLimits;
  /** Connections that may wait at its port. */
  readonly maxWaiting: number;
}

type PoolStatus = GatewayStatus['pools'][number];

const WORKER_REFUSALS: Readonly<Record<WorkerRefusal, RejectReason>> = {
  pool: 'pool-full',
  workers: 'address-has-workers',
  accounts: 'address-has-accounts',
};

export class PoolGateway {
  readonly #deps: PoolGatewayDeps;
  readonly #options: PoolGatewayOptions;
  readonly #dialect: HostedDialect;
  readonly #sessions: Sessions;
  /** Waiting for room for shares, in that order: a flood must not keep the others waiting for ever. */
  readonly #heldUp = new Set<Connection>();
  readonly #guests = new WeakMap<SessionCore, Guest>();
  readonly #traces: PoolTraces;
  readonly #lanes: ShareLanes;
  readonly #wishes: PayoutWishes;
  readonly #host: ConnectionHost;
  readonly #step: Doorstep;
  readonly #greeter: Greeter;
  readonly #rejects = new Map<string, number>();
  readonly #templateTimes: Readonly<Record<'travelled' | 'broadcast', BoundSeries>>;
  #broadcast = 0;
  #listener: Listener | undefined;
  #stopping = false;
  readonly #emptied = Promise.withResolvers<void>();
  #subscription: Subscription | undefined;
  #bans: Subscription | undefined;
  #ticker: NodeJS.Timeout | undefined;
  /** Since the last news of work. */
  #silentTicks = 0;
  #newsAtMs: number | undefined;

  constructor(deps: PoolGatewayDeps, options: PoolGatewayOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#dialect = createDialect({
      ...options,
      refusesWorker: (session, account) => this.#refusesWorker(session, account),
      createBlobTemplate: deps.createBlobTemplate,
    });
    const { resumes, extranonce1Bytes } = this.#dialect;
    this.#sessions = new Sessions(
      { ...deps, leases: deps.leasesOf(extranonce1Bytes) },
      { poolId: options.pool.id, resumes, limits: options.limits },
    );
    this.#traces = new PoolTraces(deps.tracer ?? noTracer, options.pool.id);
    this.#lanes = new ShareLanes(
      { ...deps, traces: this.#traces, onRelief: () => this.#relieve() },
      { poolId: options.pool.id, limits: options.limits },
      options.pool.coin.algorithm,
    );
    this.#templateTimes = this.#beginMetrics();
    this.#wishes = new PayoutWishes(deps.accounting, options.pool.id, deps.logger);
    this.#host = this.#createHost();
    this.#step = this.#doorstep();
    this.#greeter = this.#createGreeter();
  }

  get #poolId(): string {
    return this.#options.pool.id;
  }

  /** The address with the real port when 0 was asked for. */
  async start(): Promise<ListenAddress> {
    const { host, port } = this.#options.pool.stratum.listen;
    const listener = await this.#listen({ host, port });
    this.#listener = listener;
    this.#bans = this.#deps.referee.onBan((ban) => this.#expel(ban));
    this.#subscription = this.#deps.templates.subscribe(templateSubject(this.#poolId), (update, trace) =>
      this.#onTemplate(update, trace),
    );
    this.#ticker = setInterval(() => {
      void this.#tell({ kind: 'tick' });
      this.#watchPeers();
      this.#sessions.refreshSome();
      this.#watchWork();
    }, this.#options.limits.tickMs);
    return { host, port: listener.port };
  }

  /**
   * Accepts nobody and moves the miners to other gateways, spread over at most `moveMs`, each after it has been
   * answered; 0 for a gateway that is the only one. Then answers what is in flight, and says goodbye.
   */
  async stop(moveMs: number): Promise<void> {
    const { drainDeadlineMs, byeMs } = this.#options.limits;
    this.#stopping = true;
    this.#listener?.close();
    if (moveMs > 0) await this.#moveMiners(moveMs);
    this.#subscription?.unsubscribe();
    this.#bans?.unsubscribe();
    clearInterval(this.#ticker);
    for (const connection of this.#sessions.all()) connection.stopReading();
    await this.#lanes.drain(drainDeadlineMs);
    for (const connection of this.#sessions.all()) connection.end();
    if (this.#sessions.size > 0) await Promise.race([this.#emptied.promise, pause(byeMs)]);
    for (const connection of this.#sessions.all()) connection.hangUp();
    this.#greeter.close();
  }

  /** A few are moved quickly; thousands at once would be a storm for the gateways they come to. */
  async #moveMiners(atMostMs: number): Promise<void> {
    const connections = this.#sessions.all();
    const eachMs = Math.min(atMostMs / Math.max(connections.length, 1), this.#options.limits.moveEachMs);
    const beganMs = performance.now();
    for (const [at, connection] of connections.entries()) {
      const waitMs = beganMs + at * eachMs - performance.now();
      if (waitMs > 0) await pause(waitMs);
      connection.moveOn();
    }
  }

  status(): PoolStatus {
    const { jobHeight, stoppedReason } = this.#dialect;
    return {
      poolId: this.#poolId,
      sessions: this.#sessions.size,
      workers: this.#sessions.workers,
      ...(jobHeight === undefined ? {} : { jobHeight }),
      ...(stoppedReason === undefined ? {} : { stoppedReason }),
      rejectedByReason: Object.fromEntries(this.#rejects),
    };
  }

  gauges(): PoolGauges {
    return {
      poolId: this.#poolId,
      sessions: () => this.#sessions.size,
      workers: () => this.#sessions.workers,
      heldUp: () => this.#heldUp.size,
      batchesInFlight: () => this.#lanes.batchesInFlight,
      batchesWaiting: () => this.#lanes.batchesWaiting,
      hasWork: () => this.#dialect.jobHeight !== undefined && this.#dialect.stoppedReason === undefined,
      jobHeight: () => this.#dialect.jobHeight,
      workAgeSeconds: () =>
        this.#newsAtMs === undefined ? undefined : (this.#deps.monotonicMs() - this.#newsAtMs) / 1000,
    };
  }

  /** Connections whose turn has not come. */
  get waiting(): number {
    return this.#listener?.waiting ?? 0;
  }

  /** Another gateway has taken one of the sessions. */
  lose(sessionId: string): void {
    this.#sessions.lose(sessionId);
  }

  /** What has not happened yet is shown as zero, not as absent. */
  #beginMetrics(): Readonly<Record<'travelled' | 'broadcast', BoundSeries>> {
    const { batchRetries, batchesGivenUp, broadcastsOvertaken, slowed, templateStages } = this.#deps.metrics;
    const pool = this.#poolId;
    for (const counter of [batchRetries, batchesGivenUp, broadcastsOvertaken, slowed])
      counter.inc({ pool }, 0);
    return {
      travelled: templateStages.bind({ pool, stage: 'travelled' }),
      broadcast: templateStages.bind({ pool, stage: 'broadcast' }),
    };
  }

  #expel(ban: Ban): void {
    const isHit = banHits(ban);
    for (const connection of this.#sessions.all()) if (isHit(connection)) connection.expel(ban);
  }

  #createGreeter(): Greeter {
    const { door } = this.#deps;
    const step = this.#step;
    const { pool, limits } = this.#options;
    const { tls, allowPlain } = pool.stratum;
    const secure =
      tls === undefined
        ? undefined
        : { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile), allowPlain };
    return createGreeter(
      { tls: secure, handshakeTimeoutMs: limits.handshakeTimeoutMs },
      {
        accept: (peer, guest, unread) => this.#accept(peer, guest, unread),
        refuse: (peer, reason, address) => door.refuse(peer, step, reason, address),
        note: (reason, address) => door.note(step, reason, address),
      },
    );
  }

  async #listen(address: ListenAddress): Promise<Listener> {
    const { stratum, limits, maxWaiting } = this.#options;
    const options = {
      ...address,
      backlog: limits.listenBacklog,
      reusePort: stratum.reusePort,
      maxWaiting,
    };
    try {
      return await listen(options, this.#deps.pace, (arrival) => this.#enter(arrival));
    } catch (error) {
      throw new GatewayListenError(this.#poolId, address, error as Error);
    }
  }

  #enter(arrival: Arrival): void {
    const peer = this.#deps.peers.take(arrival);
    if (peer === undefined) return;
    this.#deps.door.enter(peer, this.#step, (guest, unread) => this.#greeter.greet(peer, guest, unread));
  }

  /** On a port for TLS nobody could read what is said before the handshake. */
  #doorstep(): Doorstep {
    const { wording } = this.#dialect.open(this.#deps.clock()).core;
    const isPlain = this.#options.pool.stratum.tls === undefined;
    return {
      poolId: this.#poolId,
      say: (reason) => (isPlain ? wording.refused('null', reason) : undefined),
    };
  }

  #createHost(): ConnectionHost {
    const { validation, clock, logger, metrics, monotonicMs } = this.#deps;
    const unjudged = new Seldom(monotonicMs, this.#options.limits.refusalReportMs);
    const isDear = isExpensive(this.#options.pool.coin.algorithm);
    return {
      poolId: this.#poolId,
      open: (nowMs) => this.#dialect.open(nowMs),
      lanes: this.#lanes,
      clock,
      monotonicMs,
      logger,
      metrics,
      shares: metrics.shares.of(this.#poolId),
      memory: this.#deps.memory,
      readingQueue: this.#deps.readingQueue,
      defence: this.#options.defence,
      limits: this.#options.limits,
      outbox: new Outbox(() => this.#deps.peers.commit()),
      lease: (connection, sessionId) => void this.#sessions.lease(connection, sessionId),
      onChange: (connection) => this.#sessions.keep(connection),
      transactions: (jobKey) => validation.transactions(this.#poolId, jobKey),
      adopt: (template) => validation.adopt({ ...template, poolId: this.#poolId }),
      onUnjudged: (error) =>
        unjudged.tell((times) =>
          logger.warn({ poolId: this.#poolId, times, error }, 'templates of miners could not be judged'),
        ),
      onWorker: () => this.#sessions.addWorker(),
      onPayoutWish: ({ address }, minimum) => this.#wishes.tell(address, minimum),
      onReject: (reason) => {
        // The reasons are a closed set of the protocol.
        this.#rejects.set(reason, (this.#rejects.get(reason) ?? 0) + 1);
      },
      standingOf: ({ address, origins }) =>
        // Who has no budgets is not banned for its shares either.
        origins && this.#deps.referee.enter({ poolId: this.#poolId, address, isExpensive: isDear }),
      onHeldUp: (connection) => this.#heldUp.add(connection),
      onGone: (connection) => {
        this.#heldUp.delete(connection);
        this.#sessions.gone(connection);
        if (this.#stopping && this.#sessions.size === 0) this.#emptied.resolve();
      },
    };
  }

  #accept(peer: PeerSocket, guest: Guest, unread: Buffer): void {
    if (this.#stopping) {
      guest.leave();
      peer.destroy();
      return;
    }
    const connection = new Connection(peer, guest, this.#host);
    this.#guests.set(connection.session.core, guest);
    this.#sessions.add(connection);
    connection.begin(unread);
  }

  #refusesWorker(session: SessionCore, account: Account): RejectReason | undefined {
    const guest = this.#guests.get(session);
    if (guest === undefined) return undefined;
    const refusal = guest.refusesWorker(account.address);
    if (refusal !== undefined) return WORKER_REFUSALS[refusal];
    return this.#deps.referee.refusesWorker(this.#poolId, guest.address, account);
  }

  #watchPeers(): void {
    const nowMs = this.#deps.monotonicMs();
    for (const connection of this.#sessions.all()) connection.watch(nowMs);
  }

  #relieve(): void {
    for (const connection of this.#heldUp) {
      if (this.#lanes.isSaturated(isUnproven(connection.session.core))) continue;
      this.#heldUp.delete(connection);
      connection.resume();
    }
  }

  /** Counted in ticks: the clock of the system can jump. */
  #watchWork(): void {
    const { tickMs, silentWorkMs } = this.#options.limits;
    const { jobHeight, stoppedReason } = this.#dialect;
    this.#silentTicks += 1;
    if (jobHeight === undefined || stoppedReason !== undefined) return;
    if (this.#silentTicks * tickMs < silentWorkMs) return;
    this.#deps.logger.error({ poolId: this.#poolId }, 'no news of work for too long: mining stopped');
    void this.#tell(this.#dialect.stop('nobody has given out work for two minutes'));
  }

  #onTemplate(update: TemplateUpdate, trace: TraceContext | undefined): void {
    const { clock, monotonicMs } = this.#deps;
    const receivedAtMs = monotonicMs();
    // The first one was kept for who comes later, and says nothing of the way here.
    if (this.#newsAtMs !== undefined && !isStopped(update)) {
      this.#templateTimes.travelled.observe((clock() - update.createdAtMs) / 1000);
    }
    this.#newsAtMs = receivedAtMs;
    this.#silentTicks = 0;
    if (isStopped(update)) {
      void this.#tell(this.#dialect.stop(update.reason));
      return;
    }
    const sent = this.#traces.take(update, trace);
    void this.#broadcastWork(this.#dialect.take(update), receivedAtMs).then(() => sent(this.#sessions.size));
  }

  async #broadcastWork(news: HostedNews, receivedAtMs: number): Promise<void> {
    const { metrics, monotonicMs } = this.#deps;
    if (await this.#tell(news.event, news.common)) {
      news.reachedAll();
      this.#templateTimes.broadcast.observe((monotonicMs() - receivedAtMs) / 1000);
    } else metrics.broadcastsOvertaken.inc({ pool: this.#poolId });
  }

  /** One event to all sessions of this moment, in slices. False: it was work, and newer work has taken its place. */
  async #tell(event: HostedEvent, common?: CommonWork): Promise<boolean> {
    const isWork = event.kind !== 'tick';
    if (isWork) this.#broadcast += 1;
    const mine = this.#broadcast;
    const { outbox } = this.#host;
    let sliceEndMs = performance.now() + this.#options.limits.broadcastSliceMs;
    for (const connection of this.#sessions.all()) {
      if (common === undefined || !connection.follow(common)) {
        connection.event(event);
        // Written by the dozen, for the time of a slice is mostly that of its writes.
        connection.flush();
      }
      if (performance.now() < sliceEndMs) continue;
      outbox.commit();
      await turn();
      if (isWork && mine !== this.#broadcast) return false;
      sliceEndMs = performance.now() + this.#options.limits.broadcastSliceMs;
    }
    outbox.commit();
    return true;
  }
}
