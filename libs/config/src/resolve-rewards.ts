/** How a pool shares what it earns: scheme, window, fee, who has a part of the fee, and what pays shares. */
import { type Coin, parseAddress } from '@otedama/chain-params';
import { toAtomic } from './amount.ts';
import type { ResolveContext } from './context.ts';
import { exclusive } from './exclusive.ts';
import type { BankrollConfig, PoolConfig, RewardSplit, RewardWindow } from './model.ts';
import type { Path } from './problem.ts';
import type { RawPoolEntry } from './schema.ts';

const DEFAULT_WINDOW: RewardWindow = { kind: 'work', networkBlocks: 2 };
const DEFAULT_FEE_BASIS_POINTS = 100;
const DEFAULT_RUIN_PROBABILITY = 0.001;
/** Each is credited with every block. */
const MAX_SPLITS = 32;

export type ResolvedRewards = Pick<
  PoolConfig,
  'scheme' | 'window' | 'feeBasisPoints' | 'splits' | 'bankroll'
>;

const resolveScheme = (
  context: ResolveContext,
  path: Path,
  pool: RawPoolEntry,
  coin: Coin | undefined,
): PoolConfig['scheme'] => {
  const own = [...path, 'scheme'];
  const older = [...path, 'rewards', 'system'];
  const scheme = exclusive(context, [own, older], pool.scheme, pool.rewards?.system) ?? 'pplns';
  if (scheme === 'fpps' && coin?.family === 'ethash') {
    const at = pool.scheme === undefined ? older : own;
    context.report.problem(
      at,
      `cannot be fpps: ${coin.name}'s nodes do not tell a block's fees before it is found`,
      ['pps'],
    );
  }
  return scheme;
};

const resolveSplits = (
  context: ResolveContext,
  path: Path,
  { splits = [] }: RawPoolEntry,
  coin: Coin | undefined,
  feeBasisPoints: number,
): RewardSplit[] => {
  const list = [...path, 'splits'];
  if (splits.length > MAX_SPLITS) context.report.problem(list, `lists more than ${MAX_SPLITS} recipients`);
  const seen = new Set<string>();
  const resolved = splits.slice(0, MAX_SPLITS).flatMap((split, index): RewardSplit[] => {
    const own = [...list, index];
    const { address: given, basis_points: basisPoints } = split;
    if (given === undefined) context.report.problem([...own, 'address'], 'is required');
    if (basisPoints === undefined) context.report.problem([...own, 'basis_points'], 'is required');
    if (given === undefined || basisPoints === undefined || coin === undefined) return [];
    const address = parseAddress(coin, given);
    if (!address.ok) {
      const where = `${coin.name} ${coin.network}`;
      context.report.problem([...own, 'address'], `not an address of ${where}: ${address.reason}`);
      return [];
    }
    if (seen.has(address.canonical)) context.report.problem([...own, 'address'], 'is listed before');
    seen.add(address.canonical);
    return [{ address: address.canonical, basisPoints }];
  });
  const sum = resolved.reduce((total, { basisPoints }) => total + basisPoints, 0);
  if (sum > feeBasisPoints) {
    context.report.problem(list, `give away ${sum} basis points, and the fee has ${feeBasisPoints}`);
  }
  return resolved;
};

const resolveBankroll = (
  context: ResolveContext,
  path: Path,
  { bankroll = {} }: RawPoolEntry,
  coin: Coin | undefined,
): BankrollConfig => {
  const { ruin_probability: ruinProbability = DEFAULT_RUIN_PROBABILITY, floor } = bankroll;
  const at = [...path, 'bankroll', 'floor'];
  const floorAtomic = floor === undefined || coin === undefined ? 0n : toAtomic(context, at, floor, coin);
  return { ruinProbability, floorAtomic };
};

export const resolveRewards = (
  context: ResolveContext,
  path: Path,
  pool: RawPoolEntry,
  coin: Coin | undefined,
): ResolvedRewards => {
  const scheme = resolveScheme(context, path, pool, coin);
  const windows: readonly [Path, Path] = [
    [...path, 'window'],
    [...path, 'rewards', 'window'],
  ];
  const feeBasisPoints = pool.fee_percentage ?? DEFAULT_FEE_BASIS_POINTS;
  const splits = resolveSplits(context, path, pool, coin, feeBasisPoints);
  const kept = splits.reduce((left, { basisPoints }) => left - basisPoints, feeBasisPoints);
  if ((scheme === 'pps' || scheme === 'fpps') && kept <= 0) {
    context.report.warn(
      [...path, 'fee_percentage'],
      `leaves the operator nothing: ${scheme} then ends in ruin with any bankroll`,
    );
  }
  return {
    scheme,
    window: exclusive(context, windows, pool.window, pool.rewards?.window) ?? DEFAULT_WINDOW,
    feeBasisPoints,
    splits,
    bankroll: resolveBankroll(context, path, pool, coin),
  };
};
