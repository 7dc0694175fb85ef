/** What the devices of this machine do: whether they mine, on what, and for whom. */
import { join } from 'node:path';
import { type ResolveContext, absolutePath } from './context.ts';
import type { MiningConfig, UpstreamPool } from './model.ts';
import type { Path } from './problem.ts';
import { type ResolvedPools, namesUpstream } from './resolve-pools.ts';

const DEFAULT_PRIORITY = 10;
const UNDRIVEN = [
  ['enable_gpu', 'GPU'],
  ['enable_asic', 'ASIC'],
] as const;

interface RawUpstream {
  readonly url?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

const resolveUpstream = (context: ResolveContext, path: Path, raw: RawUpstream): UpstreamPool => {
  if (raw.url === undefined)
    context.report.problem([...path, 'url'], 'is required', ['stratum+tcp://host:port']);
  if (raw.user === undefined) context.report.problem([...path, 'user'], 'is required beside "url"');
  return { url: raw.url ?? '', user: raw.user ?? '', password: raw.password ?? 'x' };
};

/** Earlier files list only fallbacks; the first of them is then the pool to mine on. */
const resolveUpstreams = (context: ResolveContext): UpstreamPool[] => {
  const { pool } = context.raw;
  if (pool === undefined) return [];
  const backups = (pool.backup_pools ?? []).map((raw, index) =>
    resolveUpstream(context, ['pool', 'backup_pools', index], raw),
  );
  const namesFirst = pool.url !== undefined || pool.user !== undefined || pool.password !== undefined;
  return namesFirst ? [resolveUpstream(context, ['pool'], pool), ...backups] : backups;
};

const warnOfMissingDrivers = (context: ResolveContext): void => {
  for (const [key, kind] of UNDRIVEN) {
    if (context.raw.mining?.[key] !== true) continue;
    context.report.warn(['mining', key], `no driver in this version: ${kind} devices are not used`);
  }
};

/** Mining for oneself goes through our own edge, so that it must be there and speak the algorithm. */
const checkOwnPool = (context: ResolveContext, algorithm: string, { pools, wanted }: ResolvedPools): void => {
  const { raw, report } = context;
  const switchPath: Path = ['mining', raw.mining?.enable === undefined ? 'enable_cpu' : 'enable'];
  if (pools.length === 0) {
    if (!wanted)
      report.problem(switchPath, 'there is nothing to mine on: give pool.url and pool.user, or a pool');
    return;
  }
  if (raw.stratum?.enable === false && raw.mining?.gateways === undefined) {
    report.problem(switchPath, 'mining on the own pool needs stratum.enable, or give pool.url and pool.user');
  }
  if (!pools.some((pool) => pool.coin.algorithm === algorithm)) {
    const offered = [...new Set(pools.map((pool) => pool.coin.algorithm))];
    report.problem(['mining', 'algorithm'], `no pool here takes ${algorithm}`, offered);
  }
};

const resolveDatasetDir = (context: ResolveContext): string => {
  const { raw, defaults } = context;
  const given = raw.app?.data_dir;
  return join(given === undefined ? defaults.dataDir : absolutePath(context, given), 'datasets');
};

export const resolveMining = (context: ResolveContext, resolved: ResolvedPools): MiningConfig => {
  const { raw, report, defaults } = context;
  const { mining } = raw;
  warnOfMissingDrivers(context);
  const upstreams = resolveUpstreams(context);
  const enabled = mining?.enable ?? mining?.enable_cpu ?? (resolved.playground && upstreams.length === 0);
  const cpuEnabled = enabled && (mining?.enable_cpu ?? true);
  const algorithm = mining?.algorithm ?? resolved.pools[0]?.coin.algorithm ?? 'sha256d';
  if (enabled && !cpuEnabled) report.warn(['mining', 'enable_cpu'], 'mining has no device to run on');
  if (enabled && upstreams.length === 0) checkOwnPool(context, algorithm, resolved);
  if (enabled && namesUpstream(raw.pool) && resolved.pools.length > 0) {
    report.warn(
      ['pool'],
      'our own devices mine on the pool of pool.url or pool.backup_pools, not on the one here',
    );
  }
  const threads = mining?.cpu?.threads ?? 0;
  return {
    enabled,
    algorithm,
    cpu: {
      enabled: cpuEnabled,
      threads: threads === 0 ? Math.max(1, defaults.cores - 1) : threads,
      priority: mining?.cpu?.priority ?? DEFAULT_PRIORITY,
    },
    datasetDir: resolveDatasetDir(context),
    upstreams,
    gateways: mining?.gateways ?? [],
  };
};
