/** Leadership of a pool by a lease of the fleet: sought while there is work to give out, given back without. */
import { createLease, type Lease, type NatsLink } from '@otedama/bus/nats';
import { type Logger, type Subscription, templateSubject } from '@otedama/contracts';
import type { Leadership } from './fellows.ts';

export interface LeaseLeadershipDeps {
  /** Nobody leads before there is a connection. */
  readonly linked: Promise<NatsLink>;
  readonly logger: Logger;
}

export interface LeaseLeadershipOptions {
  readonly poolId: string;
  /** Name of this process, for people. */
  readonly holder: string;
  readonly ttlMs?: number;
}

export interface LeaseLeadership extends Leadership {
  /** Resolves when the lease is given back. */
  stop(): Promise<void>;
}

class PoolLeadership implements LeaseLeadership {
  readonly #deps: LeaseLeadershipDeps;
  readonly #options: LeaseLeadershipOptions;
  readonly #listeners = new Set<() => void>();
  #hasWork = false;
  #lease: Lease | undefined;
  /** The last one that was given back: the next is sought after it. */
  #returned: Promise<void> = Promise.resolve();

  constructor(deps: LeaseLeadershipDeps, options: LeaseLeadershipOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get isLeading(): boolean {
    return this.#lease?.isHeld() ?? false;
  }

  onChange(listener: () => void): Subscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => void this.#listeners.delete(listener) };
  }

  stand(hasWork: boolean): void {
    if (hasWork === this.#hasWork) return;
    this.#hasWork = hasWork;
    if (!hasWork) return this.#giveBack();
    void this.#seekWhenLinked();
  }

  stop(): Promise<void> {
    this.#listeners.clear();
    this.stand(false);
    return this.#returned;
  }

  async #seekWhenLinked(): Promise<void> {
    // Undefined: the service ends without ever having been connected.
    const link = await this.#deps.linked.catch(() => undefined);
    if (link !== undefined && this.#hasWork) this.#lease ??= this.#seek(link);
  }

  #seek(link: NatsLink): Lease {
    const { poolId, holder, ttlMs } = this.#options;
    const tell = (): void => {
      for (const listener of this.#listeners) listener();
    };
    return createLease(
      { link, logger: this.#deps.logger },
      { key: templateSubject(poolId), holder, ...(ttlMs === undefined ? {} : { ttlMs }) },
      { onGain: tell, onLoss: tell },
    );
  }

  #giveBack(): void {
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease === undefined) return;
    const returned = lease.stop().catch((error: unknown) => {
      // It ends by itself, a little later.
      this.#deps.logger.debug({ poolId: this.#options.poolId, error }, 'the leadership was not given back');
    });
    this.#returned = Promise.all([this.#returned, returned]).then(() => undefined);
  }
}

export const createLeaseLeadership = (
  deps: LeaseLeadershipDeps,
  options: LeaseLeadershipOptions,
): LeaseLeadership => new PoolLeadership(deps, options);
