/**
 * Whom the coinbases of a pool are to pay, as accounting told it last. Without news the last list stays good: the pool
 * goes on and says so. Without any list the pool's own output takes all, and the ledger owes it to the miners.
 */
import {
  type Clock,
  findPayeeFault,
  type Logger,
  type PayeeBus,
  type PayeeSnapshot,
  payeesSubject,
  type Subscription,
} from '@otedama/contracts';

export interface PayeeWatchDeps {
  readonly bus: Pick<PayeeBus, 'subscribe'>;
  readonly blocks: OwnBlocks;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The pool's own blocks, as far as this process has had them. */
export interface OwnBlocks {
  /** Those that the block log does not have yet. */
  pending(poolId: string): number;
  /** Position of the newest in the block log. */
  loggedTo(poolId: string): bigint;
}

/** Accounting tells them anew at least every half minute. */
export const OLD_AFTER_MS = 120_000;
/** The first list follows the first template within a second or two: that there is none yet is no news. */
const STARTUP_MS = 15_000;

export type PayeeState = 'current' | 'old' | 'none';

export interface PayeeWatch {
  /** `onFirst` is called when there are payees where there were none. */
  start(onFirst: () => void): void;
  stop(): void;
  /** For a job that is made now. */
  current(): PayeeSnapshot | undefined;
  state(): PayeeState;
}

const SAYINGS: Readonly<Record<PayeeState, string>> = {
  current: 'payees of the coinbase are known',
  old: 'accounting tells no new payees: the coinbase goes on paying the last ones',
  none: 'no payees are known: the whole coinbase goes to the pool, and the books owe it to the miners',
};

/** A block of ours that accounting had not booked yet may have paid the carries that it told. */
const withoutDoubtful = (snapshot: PayeeSnapshot, blocks: OwnBlocks): PayeeSnapshot => {
  const { poolId, blocksTo } = snapshot;
  const isCertain = blocks.pending(poolId) === 0 && blocksTo >= blocks.loggedTo(poolId);
  return isCertain ? snapshot : { ...snapshot, carriesOn: undefined };
};

export const createPayeeWatch = (
  { bus, blocks, clock, logger }: PayeeWatchDeps,
  poolId: string,
): PayeeWatch => {
  let subscription: Subscription | undefined;
  let last: PayeeSnapshot | undefined;
  let said: PayeeState | undefined;
  let startedMs = 0;

  const state = (): PayeeState => {
    if (last === undefined) return 'none';
    return clock() - last.takenAtMs > OLD_AFTER_MS ? 'old' : 'current';
  };
  const say = (now: PayeeState): void => {
    if (now === said || (now === 'none' && clock() - startedMs < STARTUP_MS)) return;
    said = now;
    logger[now === 'current' ? 'info' : 'warn']({ poolId, takenAtMs: last?.takenAtMs }, SAYINGS[now]);
  };

  return {
    start(onFirst) {
      startedMs = clock();
      subscription = bus.subscribe(payeesSubject(poolId), (snapshot) => {
        const fault = findPayeeFault(snapshot);
        if (fault !== undefined)
          return logger.error({ poolId, fault }, 'payees that no books can have: not used');
        const isFirst = last === undefined;
        last = snapshot;
        return isFirst ? onFirst() : undefined;
      });
    },
    stop: () => subscription?.unsubscribe(),
    current() {
      say(state());
      return last && withoutDoubtful(last, blocks);
    },
    state,
  };
};
