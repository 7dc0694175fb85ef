/** Extranonces of one length are one space for all pools of the gateway: pools of one length share it. */
import type { Logger } from '@otedama/contracts';
import { MemoryTickets, type SessionTickets } from '@otedama/shared-state';
import type { GatewayLimits } from '../limits.ts';
import { type ExtranonceBlocks, createOwnBlocks } from './blocks.ts';
import { Extranonces } from './extranonces.ts';
import { Leases } from './leases.ts';

/** What the gateways of a fleet share about their sessions. */
export interface SharedSessions {
  /** Blocks of extranonces of so many bytes; asked once for each length. */
  readonly blocksOf: (bytes: number) => ExtranonceBlocks;
  /** Closed by whoever made them, after the gateway has stopped. */
  readonly tickets: SessionTickets;
}

export interface LeaseSpacesDeps {
  readonly monotonicMs: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly logger: Logger;
}

/** For a gateway that is the only one. */
export const ownSessions = (
  { monotonicMs, randomBytes }: LeaseSpacesDeps,
  { resumeTtlMs, maxTickets }: GatewayLimits,
): SharedSessions => ({
  blocksOf: (bytes) => createOwnBlocks({ bytes, randomBytes }),
  tickets: new MemoryTickets({ monotonicMs, ttlMs: resumeTtlMs, maxTickets }),
});

interface Space {
  readonly extranonces: Extranonces;
  readonly leases: Leases;
}

export class LeaseSpaces {
  readonly #deps: LeaseSpacesDeps & SharedSessions;
  readonly #limits: GatewayLimits;
  readonly #spaces = new Map<number, Space>();

  constructor(deps: LeaseSpacesDeps & SharedSessions, limits: GatewayLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  of(bytes: number): Leases {
    const known = this.#spaces.get(bytes);
    if (known !== undefined) return known.leases;
    const { resumeTtlMs, restMarginMs, maxRestingExtranonces, extranonceWaitMs } = this.#limits;
    const extranonces = new Extranonces(
      { ...this.#deps, blocks: this.#deps.blocksOf(bytes) },
      {
        restMs: resumeTtlMs + restMarginMs,
        maxResting: maxRestingExtranonces,
        waitMs: extranonceWaitMs,
      },
    );
    const leases = new Leases({ ...this.#deps, extranonces }, { bytes, limits: this.#limits });
    this.#spaces.set(bytes, { extranonces, leases });
    return leases;
  }

  get blocks(): number {
    return [...this.#spaces.values()].reduce((sum, { extranonces }) => sum + extranonces.blocks, 0);
  }

  /** Leaves blocks that nothing needs any more; to be called now and then. */
  sweep(): void {
    for (const { extranonces } of this.#spaces.values()) extranonces.sweep();
  }
}
