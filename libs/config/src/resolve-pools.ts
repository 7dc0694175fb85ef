/**
 * The pools: from the `pools` list, from the one `pool` section, or the playground when there is neither.
 * Money rules live here: a pool has an address on its own chain and a daemon, or it does not start.
 */
import { BITCOIN_PLAYGROUND, type Coin, coins } from '@otedama/chain-params';
import type { ResolveContext } from './context.ts';
import type { DaemonConfig, ListenAddress, PoolConfig } from './model.ts';
import type { Path } from './problem.ts';
import { resolveCoinbasePayout } from './resolve-coinbase-payout.ts';
import { resolveDaemons } from './resolve-daemons.ts';
import { resolveMerged } from './resolve-merged.ts';
import { resolvePayoutAddress } from './resolve-payout-address.ts';
import { resolvePlaygroundNode } from './resolve-playground-node.ts';
import { checkWallets, resolvePayouts } from './resolve-payouts.ts';
import { exclusive } from './exclusive.ts';
import { resolveProfiles } from './resolve-profiles.ts';
import { resolveRewards } from './resolve-rewards.ts';
import { resolveTls } from './resolve-tls.ts';
import { resolveViewKey } from './resolve-view-key.ts';
import type { RawPool, RawPoolEntry } from './schema.ts';

const MAX_PORT = 65_535;
const DEFAULT_TAG = '/Otedama/';
const POOL_LISTEN: ListenAddress = { host: '0.0.0.0', port: 3333 };
/** For one machine: nobody else is meant to reach a chain that is worth nothing. */
const PLAYGROUND_LISTEN: ListenAddress = { host: '127.0.0.1', port: 3333 };

export interface ResolvedPools {
  readonly pools: readonly PoolConfig[];
  readonly playground: boolean;
  /** A pool was meant, whether or not it could be read. */
  readonly wanted: boolean;
}

/** Any of these says that the section means a pool on a real chain. */
const REAL_POOL_KEYS = ['id', 'coin', 'network', 'payout_address', 'daemons', 'merged_mining'] as const;
const UPSTREAM_KEYS = new Set(['url', 'user', 'password', 'backup_pools', 'max_connections']);

export const namesUpstream = (pool: RawPool | undefined): boolean =>
  pool?.url !== undefined || (pool?.backup_pools?.length ?? 0) > 0;

const resolveCoin = (context: ResolveContext, path: Path, pool: RawPoolEntry): Coin | undefined => {
  if (pool.coin === undefined) {
    const ids = [...new Set(coins.map((coin) => coin.id))];
    context.report.problem([...path, 'coin'], 'is required', ids);
    return undefined;
  }
  const network = pool.network ?? 'mainnet';
  const coin = coins.find(({ id, network: name }) => id === pool.coin && name === network);
  if (coin === undefined) {
    const networks = coins.filter(({ id }) => id === pool.coin).map((known) => known.network);
    context.report.problem([...path, 'network'], `${pool.coin} has no network "${network}" here`, networks);
  }
  return coin;
};

/** Port 0 is chosen by the system. */
const withOffset = (context: ResolveContext, listen: ListenAddress): ListenAddress => {
  const port = listen.port === 0 ? 0 : listen.port + (context.raw.stratum?.port_offset ?? 0);
  if (port > MAX_PORT) {
    context.report.problem(['stratum', 'port_offset'], `makes ${port} of port ${listen.port}`);
  }
  return { ...listen, port };
};

const resolveStratum = (
  context: ResolveContext,
  path: Path,
  pool: RawPoolEntry,
  listen: ListenAddress,
): PoolConfig['stratum'] => {
  const section = [...path, 'stratum'];
  const wanted = pool.stratum?.tls === true && context.uses('miners');
  const tls = wanted ? resolveTls(context, [...section, 'tls'], section, pool.stratum) : undefined;
  return { listen: withOffset(context, listen), tls, allowPlain: pool.stratum?.allow_plain ?? false };
};

interface Placed {
  readonly id: string;
  readonly listen: ListenAddress;
  readonly daemons: readonly DaemonConfig[];
}

const resolvePool = (
  context: ResolveContext,
  path: Path,
  pool: RawPoolEntry,
  coin: Coin | undefined,
  placed: Placed,
): PoolConfig | undefined => {
  const payoutAddress = resolvePayoutAddress(context, path, pool.payout_address, coin);
  const rewards = resolveRewards(context, path, pool, coin);
  const coinbaseTag = pool.coinbase_tag ?? DEFAULT_TAG;
  const stratum = resolveStratum(context, path, pool, placed.listen);
  const mergedChains = resolveMerged(context, path, pool, { coin, coinbaseTag });
  const profiles = resolveProfiles(context, path, pool.profiles, coin);
  const coinbasePayout = resolveCoinbasePayout(context, path, pool, { coin, ...rewards });
  if (coin === undefined) return undefined;
  const viewKey = resolveViewKey(context, path, pool, { coin, payoutAddress });
  const { id, daemons } = placed;
  const payouts = resolvePayouts(context, path, pool, { coin, daemons });
  const chain = { coin, payoutAddress, daemons, payouts, coinbasePayout };
  return { id, ...chain, viewKey, ...rewards, coinbaseTag, mergedChains, profiles, stratum };
};

const resolveList = (context: ResolveContext, entries: readonly RawPoolEntry[]): PoolConfig[] => {
  const firstWithId = new Map<string, number>();
  const pools = entries.map((entry, index) => {
    const path = ['pools', index];
    if (entry.id === undefined) {
      context.report.problem([...path, 'id'], 'is required: balances belong to it for ever');
    } else if (firstWithId.has(entry.id)) {
      context.report.problem(
        [...path, 'id'],
        `"${entry.id}" is taken by pools[${firstWithId.get(entry.id)}]`,
      );
    } else {
      firstWithId.set(entry.id, index);
    }
    const coin = resolveCoin(context, path, entry);
    const listen = entry.stratum?.address ?? context.raw.stratum?.address ?? POOL_LISTEN;
    const daemons = resolveDaemons(context, path, entry, coin?.family);
    return resolvePool(context, path, entry, coin, { id: entry.id ?? '', listen, daemons });
  });
  checkWallets(
    context,
    pools.map((pool, index) => [['pools', index], pool]),
  );
  return pools.filter((pool) => pool !== undefined);
};

/** The older files name the listener twice, as `pool.address` and as `stratum.address`. */
const sectionListen = (context: ResolveContext, pool: RawPool): ListenAddress | undefined => {
  const own = exclusive(
    context,
    [
      ['pool', 'stratum', 'address'],
      ['pool', 'address'],
    ],
    pool.stratum?.address,
    pool.address,
  );
  return exclusive(
    context,
    [
      ['pool', 'address'],
      ['stratum', 'address'],
    ],
    own,
    context.raw.stratum?.address,
  );
};

/** Without the network in the name, a trial on regtest would leave its balances to the real pool. */
const defaultId = (coin: Coin | undefined): string => {
  if (coin === undefined) return '';
  return coin.network === 'mainnet' ? coin.id : `${coin.id}-${coin.network}`;
};

const resolveSection = (context: ResolveContext, pool: RawPool): ResolvedPools => {
  const coin = resolveCoin(context, ['pool'], pool);
  const placed = {
    id: pool.id ?? defaultId(coin),
    listen: sectionListen(context, pool) ?? POOL_LISTEN,
    daemons: resolveDaemons(context, ['pool'], pool, coin?.family),
  };
  const resolved = resolvePool(context, ['pool'], pool, coin, placed);
  checkWallets(context, [[['pool'], resolved]]);
  return { pools: resolved === undefined ? [] : [resolved], playground: false, wanted: true };
};

const resolvePlayground = (context: ResolveContext, pool: RawPool): ResolvedPools => {
  const coin = BITCOIN_PLAYGROUND;
  const rewards = resolveRewards(context, ['pool'], pool, coin);
  const resolved: PoolConfig = {
    id: 'playground',
    coin,
    ...resolvePlaygroundNode(context),
    ...rewards,
    coinbasePayout: resolveCoinbasePayout(context, ['pool'], pool, { coin, ...rewards }),
    coinbaseTag: pool.coinbase_tag ?? DEFAULT_TAG,
    mergedChains: [],
    profiles: resolveProfiles(context, ['pool'], pool.profiles, coin),
    stratum: resolveStratum(context, ['pool'], pool, sectionListen(context, pool) ?? PLAYGROUND_LISTEN),
  };
  return { pools: [resolved], playground: true, wanted: true };
};

const checkListAlone = (context: ResolveContext, pool: RawPool | undefined): void => {
  for (const key of Object.keys(pool ?? {})) {
    if (UPSTREAM_KEYS.has(key)) continue;
    context.report.problem(['pool', key], 'cannot stand beside "pools"; move it into an entry there');
  }
};

const NONE: ResolvedPools = { pools: [], playground: false, wanted: false };

export const resolvePools = (context: ResolveContext): ResolvedPools => {
  const { pool, pools } = context.raw;
  if (pools !== undefined) {
    checkListAlone(context, pool);
    if (pools.length === 0) context.report.problem(['pools'], 'lists no pool; remove the key to have none');
    return { pools: resolveList(context, pools), playground: false, wanted: true };
  }
  // A refused key still says what was meant: no playground starts beside a half-read pool.
  const meansReal = REAL_POOL_KEYS.some(
    (key) => pool?.[key] !== undefined || context.report.isBroken(['pool', key]),
  );
  if (context.report.isBroken(['pools']) || context.report.isBroken(['pool']))
    return { ...NONE, wanted: true };
  if (pool?.enable === false) return NONE;
  if (pool !== undefined && meansReal) return resolveSection(context, pool);
  if (namesUpstream(pool) && pool?.enable !== true) return NONE;
  return resolvePlayground(context, pool ?? {});
};
