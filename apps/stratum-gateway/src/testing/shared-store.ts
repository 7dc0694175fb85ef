/** What gateways of a fleet share, in the memory of a test: blocks with their holders, tickets with theirs. */
import type { SessionTicket, SessionTickets, TicketKey } from '@otedama/shared-state';
import type { ExtranonceBlocks } from '../leases/blocks.ts';
import type { SharedSessions } from '../leases/lease-spaces.ts';

interface Kept {
  readonly ticket: SessionTicket;
  readonly holder: string;
  readonly untilMs: number;
}

export interface SharedStoreOptions {
  readonly clock: () => number;
  readonly ttlMs: number;
  readonly blockSize: number;
  readonly blockCount: number;
}

export class SharedStore {
  readonly #options: SharedStoreOptions;
  readonly #holders = new Map<number, Set<string>>();
  readonly #kept = new Map<string, Kept>();
  readonly #listeners = new Map<string, (key: TicketKey) => void>();
  readonly #blockListeners = new Map<string, () => void>();
  /** Blocks can be neither claimed nor joined. */
  isAway = false;

  constructor(options: SharedStoreOptions) {
    this.#options = options;
  }

  of(holder: string): SharedSessions {
    return { blocksOf: () => this.blocks(holder), tickets: this.tickets(holder) };
  }

  /** What a gateway that died held, when its time is over. */
  expire(holder: string): void {
    for (const [block, holders] of this.#holders) {
      holders.delete(holder);
      if (holders.size === 0) this.#holders.delete(block);
    }
  }

  /** As when a gateway was cut off for too long. */
  takeAway(holder: string): void {
    for (const holders of this.#holders.values()) if (holders.delete(holder)) holders.add('thief');
    this.#blockListeners.get(holder)?.();
  }

  holdersOf(block: number): readonly string[] {
    return [...(this.#holders.get(block) ?? [])];
  }

  blocks(holder: string): ExtranonceBlocks {
    const { blockSize, blockCount } = this.#options;
    const hold = (block: number): void => {
      if (this.isAway) throw new Error('the store is away');
      this.#holders.set(block, (this.#holders.get(block) ?? new Set()).add(holder));
    };
    return {
      blockSize,
      claim: async () => {
        for (let block = 0; block < blockCount; block++) {
          if (this.#holders.has(block)) continue;
          hold(block);
          return block;
        }
        throw new Error('no block is free');
      },
      join: async (block) => hold(block),
      leave: (block) => {
        const holders = this.#holders.get(block);
        holders?.delete(holder);
        if (holders?.size === 0) this.#holders.delete(block);
      },
      isShared: async (block) => (this.#holders.get(block)?.size ?? 0) > 1,
      onLost: (listener) => {
        this.#blockListeners.set(holder, listener);
        return { unsubscribe: () => this.#blockListeners.delete(holder) };
      },
    };
  }

  tickets(holder: string): SessionTickets {
    const nameOf = ({ poolId, sessionId }: TicketKey): string => `${poolId}/${sessionId}`;
    const alive = (key: TicketKey): Kept | undefined => {
      const kept = this.#kept.get(nameOf(key));
      return kept !== undefined && kept.untilMs > this.#options.clock() ? kept : undefined;
    };
    const mine = (): readonly Kept[] => [...this.#kept.values()].filter((kept) => kept.holder === holder);
    return {
      get size() {
        return mine().length;
      },
      dropped: 0,
      put: (ticket) => {
        const kept = alive(ticket);
        if (kept !== undefined && kept.holder !== holder) return this.#listeners.get(holder)?.(ticket);
        const untilMs = this.#options.clock() + this.#options.ttlMs;
        this.#kept.set(nameOf(ticket), { ticket, holder, untilMs });
        return undefined;
      },
      take: async (key) => {
        const kept = alive(key);
        if (kept === undefined) return undefined;
        this.#kept.set(nameOf(key), { ...kept, holder });
        if (kept.holder !== holder) this.#listeners.get(kept.holder)?.(key);
        return kept.ticket;
      },
      onLost: (listener) => {
        this.#listeners.set(holder, listener);
        return { unsubscribe: () => this.#listeners.delete(holder) };
      },
      state: () => ({ state: 'up' }),
      close: async () => undefined,
    };
  }
}
