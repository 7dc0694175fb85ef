/** Notes now and then how many mine at each pool, and what its network expects of a block: for charts. */
import { workOfTarget } from '@otedama/chain-params';
import type { PoolConfig } from '@otedama/config';
import { isStopped, type Subscription, type TemplateBus, templateSubject } from '@otedama/contracts';
import type { Ledger } from '@otedama/ledger';

export interface PoolSamplerDeps {
  readonly ledger: Pick<Ledger, 'samplePools'>;
  /** Where the networks are heard from; undefined: samples do not know them. */
  readonly templates: Pick<TemplateBus, 'subscribe'> | undefined;
}

const INTERVAL_MS = 10 * 60_000;
const MINUTE_MS = 60_000;

export class PoolSampler {
  readonly #deps: PoolSamplerDeps;
  readonly #pools: readonly PoolConfig[];
  readonly #networkWork = new Map<string, bigint>();
  #subscriptions: readonly Subscription[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(deps: PoolSamplerDeps, pools: readonly PoolConfig[]) {
    this.#deps = deps;
    this.#pools = pools;
  }

  start(): void {
    const { templates } = this.#deps;
    if (templates === undefined) return;
    this.#subscriptions = this.#pools.map(({ id }) =>
      templates.subscribe(templateSubject(id), (update) => {
        if (!isStopped(update)) this.#networkWork.set(id, workOfTarget(update.networkTarget));
      }),
    );
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  /** Takes a sample when it is time for one, and at once after a start. */
  async take(nowMs: number): Promise<void> {
    // A clock that was set back must not silence it.
    if (nowMs - this.#lastMs < INTERVAL_MS && nowMs >= this.#lastMs) return;
    await this.#deps.ledger.samplePools(this.#networkWork, Math.floor(nowMs / MINUTE_MS) * MINUTE_MS);
    this.#lastMs = nowMs;
  }
}
