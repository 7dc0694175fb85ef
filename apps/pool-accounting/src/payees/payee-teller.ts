/**
 * Tells the validators whom the coinbases of a pool are to pay: on every new tip at once, every few seconds while
 * shares come, and now and then without. Only who keeps the books does.
 */
import {
  BLOCKS_LOG,
  type DurableLog,
  isStopped,
  type Logger,
  MAX_PAYEES,
  type PayeeBus,
  type PayeeSnapshot,
  payeesSubject,
  type Subscription,
  type TemplateBus,
  type TemplateUpdate,
  templateSubject,
} from '@otedama/contracts';
import { workOfTarget } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import type { Ledger } from '@otedama/ledger';

export interface PayeeTellerDeps {
  readonly ledger: Pick<Ledger, 'payees' | 'position'>;
  readonly blocks: Pick<DurableLog, 'read'>;
  /** Where the tips are heard from, and what a block takes now. */
  readonly templates: Pick<TemplateBus, 'subscribe'>;
  readonly payees: Pick<PayeeBus, 'publish'>;
  readonly clock: () => number;
  readonly logger: Logger;
}

/** A window moves little in so short a time. */
const INTERVAL_MS = 5_000;
/** So that reading large windows stays a small part of the work. */
const REST_FACTOR = 20;
/** Without any change, so that a validator can tell silence from an absence. */
const KEEP_ALIVE_MS = 30_000;
/**
 * A block of ours that has become the tip is in the log of blocks within moments. Carries are told for a tip only when
 * this much later nobody has said that it is ours and is not booked.
 */
const SETTLED_MS = 5_000;

interface Tip {
  /** Internal order. */
  readonly hash: Uint8Array;
  readonly networkWork: bigint;
  readonly heardMs: number;
}

interface Told {
  readonly tip: Tip;
  readonly isSettled: boolean;
  readonly shares: bigint;
  readonly blocks: bigint;
  readonly atMs: number;
  readonly tookMs: number;
}

interface Watched {
  readonly pool: PoolConfig;
  tip: Tip | undefined;
  told: Told | undefined;
}

interface Booked {
  readonly shares: bigint;
  readonly blocks: bigint;
  /** There is no entry in the log of blocks behind it. */
  readonly isAll: boolean;
}

const isSameTip = (a: Tip, b: Tip | undefined): boolean =>
  b !== undefined && Buffer.compare(a.hash, b.hash) === 0;

const tipOf = (update: TemplateUpdate, known: Tip | undefined, nowMs: number): Tip | undefined => {
  if (isStopped(update) || update.family !== 'bitcoin') return known;
  const hash = Buffer.from(update.prevHash);
  const heardMs = known !== undefined && hash.equals(known.hash) ? known.heardMs : nowMs;
  return { hash, networkWork: workOfTarget(update.networkTarget), heardMs };
};

/** What has changed since it was told last is worth telling, each change at its own pace. */
const isDue = (
  told: Told | undefined,
  tip: Tip,
  isSettled: boolean,
  booked: Booked,
  nowMs: number,
): boolean => {
  if (told === undefined || !isSameTip(told.tip, tip)) return true;
  if (told.isSettled !== isSettled || told.blocks !== booked.blocks) return true;
  const sinceMs = nowMs - told.atMs;
  // A clock that was set back must not silence it.
  if (sinceMs < 0 || sinceMs >= Math.max(KEEP_ALIVE_MS, told.tookMs * REST_FACTOR)) return true;
  return told.shares !== booked.shares && sinceMs >= Math.max(INTERVAL_MS, told.tookMs * REST_FACTOR);
};

export class PayeeTeller {
  readonly #deps: PayeeTellerDeps;
  readonly #watched: readonly Watched[];
  #subscriptions: readonly Subscription[] = [];

  constructor(deps: PayeeTellerDeps, pools: readonly PoolConfig[]) {
    this.#deps = deps;
    this.#watched = pools
      .filter(({ coinbasePayout }) => coinbasePayout !== undefined)
      .map((pool) => ({ pool, tip: undefined, told: undefined }));
  }

  /** `wake` is called when there is a new tip. */
  start(wake: () => void): void {
    const { templates, clock } = this.#deps;
    this.#subscriptions = this.#watched.map((watched) =>
      templates.subscribe(templateSubject(watched.pool.id), (update) => {
        const { tip } = watched;
        watched.tip = tipOf(update, tip, clock());
        if (watched.tip !== undefined && !isSameTip(watched.tip, tip)) wake();
      }),
    );
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  /** Where the books have just been brought up to date, in a round that began at `roundMs`. */
  async tell(roundMs: number): Promise<void> {
    if (this.#watched.length === 0) return;
    const booked = await this.#booked();
    for (const watched of this.#watched) await this.#tellPool(watched, booked, roundMs);
  }

  async #booked(): Promise<Booked> {
    const { ledger, blocks } = this.#deps;
    const position = await ledger.position(BLOCKS_LOG);
    const behind = await blocks.read(position, 1);
    return { shares: await ledger.position('SHARES'), blocks: position, isAll: behind.length === 0 };
  }

  async #tellPool(watched: Watched, booked: Booked, roundMs: number): Promise<void> {
    const { ledger, payees, clock, logger } = this.#deps;
    const { pool, tip } = watched;
    if (tip === undefined) return;
    const isSettled = booked.isAll && roundMs - tip.heardMs >= SETTLED_MS;
    const beganMs = clock();
    if (!isDue(watched.told, tip, isSettled, booked, beganMs)) return;
    const request = { pool: pool.id, coin: pool.coin.id, networkWork: tip.networkWork, nowMs: beganMs };
    const report = await ledger.payees({ ...request, limit: MAX_PAYEES / 2 });
    if (report === undefined) return;
    const snapshot: PayeeSnapshot = {
      poolId: pool.id,
      takenAtMs: beganMs,
      blocksTo: booked.blocks,
      carriesOn: isSettled ? tip.hash : undefined,
      ...report,
    };
    payees.publish(payeesSubject(pool.id), snapshot);
    const told = { tip, isSettled, shares: booked.shares, blocks: booked.blocks, atMs: beganMs };
    watched.told = { ...told, tookMs: clock() - beganMs };
    logger.debug({ pool: pool.id, payees: report.payees.length, isSettled }, 'payees told');
  }
}
