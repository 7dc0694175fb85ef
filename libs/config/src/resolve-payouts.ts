/**
 * Whom a pool pays, when, and out of which wallet. A wallet belongs to one chain of one pool: two that pay out of it
 * would not know what the other has signed.
 */
import type { Coin, CoinId } from '@otedama/chain-params';
import { toAtomic } from './amount.ts';
import { absolutePath, type ResolveContext } from './context.ts';
import type { DaemonConfig, PayoutConfig, PoolConfig, WalletConfig } from './model.ts';
import { formatPath, type Path } from './problem.ts';
import { LOGIN_KEYS, resolveLogin } from './resolve-daemons.ts';
import type { RawPayouts, RawPoolEntry, RawWallet } from './schema.ts';
import type { Decimal } from './values.ts';

interface CoinDefaults {
  /** In coins; small enough to be reached, and well above what an output costs. */
  readonly minimum: Decimal;
  readonly confirmations: number;
}

const coinsOf = (units: string, fraction = ''): Decimal => ({ units, fraction });

const DEFAULTS: Readonly<Record<CoinId, CoinDefaults>> = {
  bitcoin: { minimum: coinsOf('0', '001'), confirmations: 3 },
  'bitcoin-cash': { minimum: coinsOf('0', '01'), confirmations: 6 },
  litecoin: { minimum: coinsOf('0', '05'), confirmations: 6 },
  dogecoin: { minimum: coinsOf('40'), confirmations: 20 },
  ravencoin: { minimum: coinsOf('20'), confirmations: 60 },
  monero: { minimum: coinsOf('0', '05'), confirmations: 10 },
  'ethereum-classic': { minimum: coinsOf('0', '1'), confirmations: 100 },
};

const INTERVAL_MS = 3_600_000;
const BUMP_AFTER_MS = 2 * 3_600_000;
const MAX_FEE_BASIS_POINTS = 500;
const MAX_PAYEES = 500;

/** Without a wallet these say that one is missing; the rest only spells out what goes without saying. */
const WANTING_KEYS = [
  'enable',
  'minimum',
  'lowest_minimum',
  'approve_above',
  'batch_limit',
  'daily_limit',
] as const;

interface PaidChain {
  readonly coin: Coin;
  readonly daemons: readonly DaemonConfig[];
}

/** Each kind of wallet has keys that mean nothing to the others. */
const checkKeys = (context: ResolveContext, path: Path, wallet: RawWallet, { name, family }: Coin): void => {
  const isBitcoins = family === 'bitcoin' || family === 'kawpow';
  if (wallet.name !== undefined && !isBitcoins) {
    context.report.problem([...path, 'name'], `means nothing to a wallet of ${name}`);
  }
  if (wallet.key_file !== undefined && family !== 'ethash') {
    context.report.problem([...path, 'key_file'], `means nothing to a wallet of ${name}`);
  }
  if (wallet.key_file === undefined && family === 'ethash') {
    context.report.problem([...path, 'key_file'], 'is required: payouts are signed here');
  }
  if (wallet.url === undefined && family === 'cryptonote') {
    context.report.problem([...path, 'url'], 'is required: that of monero-wallet-rpc', ['http://host:port']);
  }
};

/** Where to ask, and as whom: what is not said is that of the first daemon. */
const resolveAccess = (
  context: ResolveContext,
  path: Path,
  wallet: RawWallet,
  { coin, daemons }: PaidChain,
): Pick<WalletConfig, 'url' | 'user' | 'password'> => {
  const [first] = daemons;
  const hasLogin = LOGIN_KEYS.some((key) => wallet[key] !== undefined);
  if (wallet.url === undefined && !hasLogin && first !== undefined) {
    return { url: first.url, user: first.user, password: first.password };
  }
  return {
    url: wallet.url ?? first?.url ?? '',
    ...resolveLogin(context, path, wallet, { family: coin.family, part: 'wallets' }),
  };
};

const resolveWallet = (
  context: ResolveContext,
  path: Path,
  wallet: RawWallet,
  chain: PaidChain,
): WalletConfig => {
  checkKeys(context, path, wallet, chain.coin);
  const { name, key_file: keyFile } = wallet;
  return {
    ...resolveAccess(context, path, wallet, chain),
    name,
    keyFile: keyFile === undefined ? undefined : absolutePath(context, keyFile),
  };
};

const resolveMinimums = (
  context: ResolveContext,
  path: Path,
  raw: RawPayouts,
  coin: Coin,
): Pick<PayoutConfig, 'minimumAtomic' | 'lowestMinimumAtomic'> => {
  const minimum = raw.minimum ?? DEFAULTS[coin.id].minimum;
  const minimumAtomic = toAtomic(context, [...path, 'minimum'], minimum, coin);
  const lowestPath = [...path, 'lowest_minimum'];
  const lowestMinimumAtomic =
    raw.lowest_minimum === undefined
      ? minimumAtomic / 10n
      : toAtomic(context, lowestPath, raw.lowest_minimum, coin);
  if (lowestMinimumAtomic > minimumAtomic) context.report.problem(lowestPath, 'is above minimum');
  return { minimumAtomic, lowestMinimumAtomic };
};

const resolveLimits = (context: ResolveContext, path: Path, raw: RawPayouts, coin: Coin) => {
  const limit = (key: 'approve_above' | 'batch_limit' | 'daily_limit'): bigint | undefined => {
    const given = raw[key];
    return given === undefined ? undefined : toAtomic(context, [...path, key], given, coin);
  };
  return {
    approveAboveAtomic: limit('approve_above'),
    batchLimitAtomic: limit('batch_limit'),
    dailyLimitAtomic: limit('daily_limit'),
  };
};

export const resolvePayouts = (
  context: ResolveContext,
  pool: Path,
  { wallet, payouts = {} }: Pick<RawPoolEntry, 'wallet' | 'payouts'>,
  chain: PaidChain,
): PayoutConfig | undefined => {
  const path = [...pool, 'payouts'];
  if (wallet === undefined) {
    if (payouts.enable !== false && WANTING_KEYS.some((key) => payouts[key] !== undefined)) {
      context.report.problem(path, 'needs a "wallet" beside it');
    }
    return undefined;
  }
  const { coin } = chain;
  const resolved: PayoutConfig = {
    wallet: resolveWallet(context, [...pool, 'wallet'], wallet, chain),
    ...resolveMinimums(context, path, payouts, coin),
    ...resolveLimits(context, path, payouts, coin),
    intervalMs: payouts.interval ?? INTERVAL_MS,
    feeRule: payouts.fee ?? 'pool',
    maxFeeBasisPoints: payouts.max_fee ?? MAX_FEE_BASIS_POINTS,
    maxPayees: payouts.max_payees ?? MAX_PAYEES,
    confirmations: payouts.confirmations ?? DEFAULTS[coin.id].confirmations,
    bumpAfterMs: payouts.bump_after ?? BUMP_AFTER_MS,
  };
  return payouts.enable === false ? undefined : resolved;
};

const identityOf = ({ url, name, keyFile }: WalletConfig): string =>
  JSON.stringify(keyFile === undefined ? [url, name ?? ''] : [keyFile]);

/** Over all pools and the chains below them. */
export const checkWallets = (
  context: ResolveContext,
  pools: readonly (readonly [Path, PoolConfig | undefined])[],
): void => {
  const seen = new Map<string, Path>();
  const chains = pools.flatMap(([path, pool]) => [
    [path, pool?.payouts] as const,
    ...(pool?.mergedChains ?? []).map(
      ({ payouts }, index) => [[...path, 'merged_mining', index], payouts] as const,
    ),
  ]);
  for (const [path, payouts] of chains) {
    if (payouts === undefined) continue;
    const identity = identityOf(payouts.wallet);
    const own = [...path, 'wallet'];
    const first = seen.get(identity);
    if (first === undefined) seen.set(identity, own);
    else {
      const message = `is ${formatPath(first)} again: of two that pay out of one, neither knows what the other signs`;
      context.report.problem(own, message);
    }
  }
};
