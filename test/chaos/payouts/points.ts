/**
 * Where a process that pays out can be killed: before and after each call by which it changes the outbox or asks the
 * wallet for something that changes anything. Between two of these nothing happens that anybody could see.
 */
import { type PayoutOutbox } from '@otedama/ledger';
import { type PayoutWallet, WalletError } from '@otedama/payouts';

const OUTBOX_CALLS = [
  'plan',
  'approve',
  'storeSigned',
  'handOver',
  'observe',
  'storeReplacement',
  'passPlanning',
] as const;
const WALLET_CALLS = ['sign', 'broadcast', 'standing', 'bump'] as const;
/** Where the wallet may do what it was asked for and its answer be lost, or not have heard the question. */
const LOSSY_CALLS: ReadonlySet<string> = new Set(['sign', 'broadcast', 'bump', 'standing']);

type Call = (typeof OUTBOX_CALLS)[number] | (typeof WALLET_CALLS)[number];
export type KillPoint = `before ${Call}` | `after ${Call}`;

export const KILL_POINTS: readonly KillPoint[] = [...OUTBOX_CALLS, ...WALLET_CALLS].flatMap((call) => [
  `before ${call}` as const,
  `after ${call}` as const,
]);

export interface Trouble {
  /** Called at each point in turn; may not return. */
  at(point: KillPoint): void;
  /** Whether the answer of this call is lost. */
  losesAnswer(call: string): boolean;
}

type Anything = (...args: never[]) => unknown;

const lost = (call: string, wallet: string): WalletError =>
  new WalletError(call === 'broadcast' ? 'BROADCAST_UNKNOWN' : 'WALLET_UNREACHABLE', {
    coin: wallet,
    detail: `no answer to ${call}`,
  });

const troubled = <Target extends object>(
  target: Target,
  calls: readonly string[],
  coin: string,
  trouble: Trouble,
): Target =>
  new Proxy(target, {
    get: (object, name, receiver) => {
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value !== 'function') return value;
      const method = (value as Anything).bind(object) as Anything;
      const call = String(name) as Call;
      void receiver;
      if (!calls.includes(call)) return method;
      return async (...args: never[]): Promise<unknown> => {
        trouble.at(`before ${call}`);
        if (LOSSY_CALLS.has(call) && trouble.losesAnswer(call)) throw lost(call, coin);
        const result = await method(...args);
        trouble.at(`after ${call}`);
        if (LOSSY_CALLS.has(call) && trouble.losesAnswer(call)) throw lost(call, coin);
        return result;
      };
    },
  });

export const troubledOutbox = (outbox: PayoutOutbox, trouble: Trouble): PayoutOutbox =>
  troubled(outbox, OUTBOX_CALLS, '', trouble);

export const troubledWallet = (wallet: PayoutWallet, trouble: Trouble): PayoutWallet =>
  troubled(wallet, WALLET_CALLS, wallet.coin, trouble);
