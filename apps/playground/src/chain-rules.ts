/**
 * What the playground changes in bcoin. Always: addresses as Bitcoin Core's regtest writes them, and templates
 * that follow a disconnected tip. In playground mode also: difficulty that follows the hash power, a reward
 * that lasts longer than an hour, coins that mature in minutes. Nothing here may be used on a real network.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Bcoin, Chain, ChainEntry, FullNode } from './bcoin.ts';
import { WINDOW_BLOCKS, allowedBits, easingStartsAt, nextBits } from './difficulty.ts';

const HALVING_INTERVAL = 210_000;
const COINBASE_MATURITY = 10;

/** bcoin invented address prefixes of its own for regtest; every other tool knows these. */
export const useCoreAddresses = ({ network }: Bcoin): void => {
  network.keyPrefix.privkey = 0xef;
  network.addressPrefix.pubkeyhash = 0x6f;
  network.addressPrefix.scripthash = 0xc4;
  network.addressPrefix.bech32 = 'bcrt';
};

/**
 * bcoin renews its template when a block connects, but not when one is taken back, and it insists on asking
 * its peers then: this node has none and wants none.
 */
export const followDisconnects = (node: FullNode): void => {
  node.pool.forceSync = () => undefined;
  const refresh = (): void => node.rpc.refreshBlock();
  node.on('disconnect', refresh);
  node.on('reorganize', refresh);
  node.on('reset', refresh);
};

export const usePlaygroundMoney = ({ network, consensus }: Bcoin): void => {
  network.halvingInterval = HALVING_INTERVAL;
  consensus.COINBASE_MATURITY = COINBASE_MATURITY;
};

const recentBlocks = async (chain: Chain, tip: ChainEntry): Promise<ChainEntry[]> => {
  const recent: ChainEntry[] = [];
  let entry: ChainEntry | null = tip;
  while (entry !== null && entry.height > 0 && recent.length <= WINDOW_BLOCKS) {
    recent.push(entry);
    entry = await chain.getPrevious(entry);
  }
  return recent.toReversed();
};

/** Replaces the node's target rule by that of `difficulty.ts`. */
export const followHashPower = (node: FullNode): void => {
  const { chain, rpc } = node;
  // bcoin asks for one target per block; the one that the block under verification claims is given if it is
  // among the allowed ones.
  const claimed = new AsyncLocalStorage<number>();
  const verify = chain.verify.bind(chain);
  chain.verify = (block, prev, flags) => claimed.run(block.bits, () => verify(block, prev, flags));
  chain.getTarget = async (time, prev) => {
    if (prev === null) return nextBits([]);
    const allowed = allowedBits(nextBits(await recentBlocks(chain, prev)), time - prev.time);
    const claim = claimed.getStore();
    return claim !== undefined && allowed.includes(claim) ? claim : (allowed.at(-1) ?? nextBits([]));
  };
  const createTemplate = rpc.createTemplate.bind(rpc);
  rpc.createTemplate = async (...args) => {
    const tip = chain.tip;
    const template = await createTemplate(...args);
    const bits = nextBits(await recentBlocks(chain, tip));
    // An eased target is valid from its step on, so miners must not set the time back before that.
    const step = allowedBits(bits, Number.MAX_SAFE_INTEGER).indexOf(Number.parseInt(template.bits, 16));
    if (step > 0) template.mintime = Math.max(template.mintime, tip.time + easingStartsAt(step));
    return template;
  };
};

/** Offers the eased target to waiting miners as soon as a step is reached; call it every few seconds. */
export const createEasingWatch = (node: FullNode, nowS: () => number): (() => Promise<void>) => {
  let offered = { hash: '', bits: 0 };
  return async () => {
    const tip = node.chain.tip;
    const bits = await node.chain.getTarget(nowS(), tip);
    if (tip.hash === offered.hash && bits !== offered.bits) node.rpc.refreshBlock();
    offered = { hash: tip.hash, bits };
  };
};
