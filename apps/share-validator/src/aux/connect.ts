/** The chains that a pool mines below its own, from its configuration. */
import type { MergedChainConfig, PoolConfig } from '@otedama/config';
import { canMineBelow, parseAddress } from '@otedama/chain-params';
import type { Clock, Logger } from '@otedama/contracts';
import {
  type AuxDaemon,
  createAuxDaemon,
  createDaemonSet,
  type DaemonSet,
  type Timers,
} from '@otedama/daemon-rpc';
import { PoolSetupError } from '../families/errors.ts';
import type { MergedCoin } from './aux-work.ts';
import { AuxWatcher } from './aux-watcher.ts';
import { createMergedMining, type MergedMining, type MergedMiningDeps } from './merged-mining.ts';

export interface AuxDaemons {
  readonly daemons: DaemonSet;
  /** The same daemons, by what else they can. */
  readonly members: readonly AuxDaemon[];
}

/** Makes the daemons of a chain from its configuration; tests put others in. */
export type ConnectAuxDaemons = (chain: MergedChainConfig) => AuxDaemons;

export interface ConnectMergedDeps extends MergedMiningDeps {
  readonly connectAuxDaemons: ConnectAuxDaemons;
}

const mergedCoin = ({ id, coin: parent }: PoolConfig, { coin }: MergedChainConfig): MergedCoin => {
  if (coin.family === 'bitcoin' && coin.auxPow !== undefined && canMineBelow(coin, parent)) {
    return { ...coin, auxPow: coin.auxPow };
  }
  throw new PoolSetupError(`pool ${id}: ${coin.name} cannot be mined below ${parent.name}`);
};

/** Two coins of one chain id have one slot in every tree. */
const assertDistinct = ({ id }: PoolConfig, coins: readonly MergedCoin[]): void => {
  const names = new Map<number, string>();
  for (const { name, auxPow } of coins) {
    const other = names.get(auxPow.chainId);
    if (other !== undefined) throw new PoolSetupError(`pool ${id}: ${other} and ${name} have one chain id`);
    names.set(auxPow.chainId, name);
  }
};

export const connectMergedMining = (deps: ConnectMergedDeps, pool: PoolConfig): MergedMining => {
  const wanted = pool.mergedChains.map((chain) => ({ chain, coin: mergedCoin(pool, chain) }));
  assertDistinct(
    pool,
    wanted.map(({ coin }) => coin),
  );
  const chains = wanted.map(({ chain, coin }) => {
    const address = parseAddress(coin, chain.payoutAddress);
    if (!address.ok)
      throw new PoolSetupError(`pool ${pool.id}: ${coin.name}: payout address: ${address.reason}`);
    const { daemons, members } = deps.connectAuxDaemons(chain);
    const watcher = new AuxWatcher({ ...deps, daemons, members }, { poolId: pool.id, coin });
    return { coin, daemons, members, watcher };
  });
  return createMergedMining(deps, chains);
};

/** The real thing. Work is asked for every few seconds anyway, so no template is polled for on top. */
export const connectConfiguredAuxDaemons =
  (deps: {
    readonly clock: Clock;
    readonly timers: Timers;
    readonly logger: Logger;
    readonly random: () => number;
  }): ConnectAuxDaemons =>
  ({ coin, payoutAddress, daemons }) => {
    const templateRules = coin.family === 'bitcoin' ? coin.gbtRules : [];
    const members = daemons.map((options) =>
      createAuxDaemon({ ...options, templateRules, payoutAddress }, deps),
    );
    const set = createDaemonSet(deps, { daemons: members, genesisHash: coin.genesisHash, longPoll: false });
    return { daemons: set, members };
  };
