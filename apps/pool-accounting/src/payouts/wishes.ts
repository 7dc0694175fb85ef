/**
 * What miners wish about their payouts. A signed message proves who wishes; a login does not, so what it asks for is
 * kept near the default, where nobody can put off somebody else's payouts for long.
 */
import { type Coin, parseAddress } from '@otedama/chain-params';
import type { PayoutConfig, PoolConfig } from '@otedama/config';
import type { Clock, PayoutWishReply, PayoutWishRequest } from '@otedama/contracts';
import type { PayoutOutbox } from '@otedama/ledger';
import { checkSignature, parseWish, toAtomic } from '@otedama/payouts';

export interface PayoutWishes {
  payoutWish(request: PayoutWishRequest): Promise<PayoutWishReply>;
}

export interface WishDeps {
  readonly outbox: Pick<PayoutOutbox, 'storeWish'>;
  readonly clock: Clock;
}

/** Clocks are off, and people paste slowly; whoever hears a message later has nothing of it. */
const MESSAGE_LIFE_MS = 15 * 60_000;
/** What a login can wish for at most, in minimums of the pool. */
const LOGIN_MINIMUMS = 10n;

interface PaidChain {
  readonly pool: string;
  readonly coin: Coin;
  readonly payouts: PayoutConfig;
}

const refuse = (reason: string): PayoutWishReply => ({ ok: false, reason });

const chainsOf = (pools: readonly PoolConfig[]): PaidChain[] =>
  pools.flatMap((pool) =>
    [pool, ...pool.mergedChains].flatMap(({ coin, payouts }) =>
      payouts === undefined ? [] : [{ pool: pool.id, coin, payouts }],
    ),
  );

const judgeAmount = (
  { coin, payouts }: PaidChain,
  minimum: string,
): { readonly atomic: bigint } | { readonly reason: string } => {
  const atomic = toAtomic(minimum, coin.decimals);
  if (atomic === undefined) return { reason: `${coin.symbol} has ${coin.decimals} decimals` };
  if (atomic > 0n && atomic >= payouts.lowestMinimumAtomic) return { atomic };
  return { reason: `the least that can be wished here is ${payouts.lowestMinimumAtomic} ${coin.atomicUnit}` };
};

class WishBook implements PayoutWishes {
  readonly #deps: WishDeps;
  readonly #pools: readonly PoolConfig[];
  readonly #chains: readonly PaidChain[];

  constructor(deps: WishDeps, pools: readonly PoolConfig[]) {
    this.#deps = deps;
    this.#pools = pools;
    this.#chains = chainsOf(pools);
  }

  async payoutWish(request: PayoutWishRequest): Promise<PayoutWishReply> {
    return request.kind === 'login' ? this.#atLogin(request) : this.#signed(request);
  }

  async #atLogin(request: Extract<PayoutWishRequest, { kind: 'login' }>): Promise<PayoutWishReply> {
    const own = this.#pools.find(({ id }) => id === request.poolId)?.coin.id;
    const chain = this.#chains.find(({ pool, coin }) => pool === request.poolId && coin.id === own);
    if (chain === undefined) return refuse('this pool pays nobody');
    const judged = judgeAmount(chain, request.minimum);
    if ('reason' in judged) return refuse(judged.reason);
    const most = LOGIN_MINIMUMS * chain.payouts.minimumAtomic;
    const minimumAtomic = judged.atomic < most ? judged.atomic : most;
    return this.#store(chain, request.address, { minimumAtomic });
  }

  async #signed(request: Extract<PayoutWishRequest, { kind: 'signed' }>): Promise<PayoutWishReply> {
    const { message, signature } = request;
    const wish = parseWish(message);
    if (wish === undefined)
      return refuse('the message is not one about payouts; see the documentation of the API');
    const chain = this.#chains.find(({ pool, coin }) => pool === wish.pool && coin.id === wish.coin);
    if (chain === undefined) return refuse(`pool ${wish.pool} pays nobody in ${wish.coin}`);
    if (wish.address !== request.address) return refuse('the message names another address');
    if (Math.abs(this.#deps.clock() - wish.atMs) > MESSAGE_LIFE_MS) {
      return refuse('the time in the message is more than 15 minutes from now');
    }
    const check = checkSignature(chain.coin, wish.address, message, signature);
    if (!check.ok) return refuse(check.reason);
    const judged = judgeAmount(chain, wish.minimum);
    if ('reason' in judged) return refuse(judged.reason);
    return this.#store(chain, wish.address, { minimumAtomic: judged.atomic, signedAtMs: wish.atMs });
  }

  async #store(
    { pool, coin }: PaidChain,
    spelling: string,
    wish: { readonly minimumAtomic: bigint; readonly signedAtMs?: number },
  ): Promise<PayoutWishReply> {
    const parsed = parseAddress(coin, spelling);
    if (!parsed.ok) return refuse(parsed.reason);
    const address = parsed.canonical;
    const { outbox, clock } = this.#deps;
    const isTaken = await outbox.storeWish({ pool, coin: coin.id }, { address, ...wish }, clock());
    if (!isTaken) {
      return refuse('a signed message as new as this was taken before; a login changes nothing after one');
    }
    return { ok: true, poolId: pool, coin: coin.id, address, minimumAtomic: wish.minimumAtomic.toString() };
  }
}

export const createPayoutWishes = (deps: WishDeps, pools: readonly PoolConfig[]): PayoutWishes =>
  new WishBook(deps, pools);
