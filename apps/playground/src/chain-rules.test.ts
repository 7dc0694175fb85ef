import type { BlockTemplateReply, ChainEntry, FullNode } from './bcoin.ts';
import { createEasingWatch, followHashPower } from './chain-rules.ts';
import { LIMIT_BITS, allowedBits } from './difficulty.ts';

const HARD = 0x1d00ffff;

/** A chain of hard blocks every ten seconds; `verify` asks for the target as bcoin's does. */
const fakeNode = (tipTime: number) => {
  const entries: ChainEntry[] = [];
  for (let height = 0; height <= 20; height++) {
    entries.push({ hash: `h${height}`, height, time: tipTime - (20 - height) * 10, bits: HARD });
  }
  const tip = entries[20] as ChainEntry;
  const state = { refreshed: 0, templateBits: HARD };
  const chain = {
    tip,
    height: 20,
    getPrevious: async (entry: ChainEntry) => entries[entry.height - 1] ?? null,
    getTarget: async () => 0,
    verify: async (block: { bits: number; time: number }, prev: ChainEntry) =>
      (await node.chain.getTarget(block.time, prev)) === block.bits,
  };
  const rpc = {
    refreshBlock: () => void (state.refreshed += 1),
    createTemplate: async (): Promise<BlockTemplateReply> => ({
      mintime: 1,
      bits: state.templateBits.toString(16).padStart(8, '0'),
    }),
  };
  const node = { chain, rpc, on: () => undefined } as unknown as FullNode;
  followHashPower(node);
  const verify = (bits: number, time: number) =>
    (node.chain.verify as (...args: unknown[]) => Promise<boolean>)({ bits, time }, tip, 0);
  return { node, tip, state, verify };
};

describe('playground chain rules', () => {
  it('gives a miner the eased target and takes blocks of the harder ones', async () => {
    const { node, tip, verify } = fakeNode(1_800_000_000);
    const now = tip.time + 85;
    const eased = await node.chain.getTarget(now, tip);
    const base = await node.chain.getTarget(tip.time, tip);
    const ladder = allowedBits(base, 85);
    expect(ladder).toHaveLength(3);
    expect(eased).toBe(ladder[2]);
    for (const bits of ladder) expect(await verify(bits, now)).toBe(true);
    expect(await verify(ladder[2] ?? 0, tip.time + 79)).toBe(false);
    expect(await verify(LIMIT_BITS, now)).toBe(false);
    expect(await verify(base, tip.time)).toBe(true);
  });

  it('keeps two verifications apart', async () => {
    const { tip, verify, node } = fakeNode(1_800_000_000);
    const base = await node.chain.getTarget(tip.time, tip);
    const [hard, eased, wrong] = await Promise.all([
      verify(base, tip.time + 70),
      verify(allowedBits(base, 70)[1] ?? 0, tip.time + 70),
      verify(LIMIT_BITS, tip.time + 70),
    ]);
    expect([hard, eased, wrong]).toEqual([true, true, false]);
  });

  it('tells miners from which time on an eased target holds', async () => {
    const { node, tip, state } = fakeNode(1_800_000_000);
    expect((await node.rpc.createTemplate(0, false, [])).mintime).toBe(1);
    const base = await node.chain.getTarget(tip.time, tip);
    state.templateBits = allowedBits(base, 100)[2] ?? 0;
    expect((await node.rpc.createTemplate(0, false, [])).mintime).toBe(tip.time + 80);
  });

  it('renews the template once for each easing step', async () => {
    const { node, tip, state } = fakeNode(1_800_000_000);
    const clock = { now: tip.time };
    const watch = createEasingWatch(node, () => clock.now);
    for (clock.now = tip.time; clock.now < tip.time + 100; clock.now += 5) await watch();
    expect(state.refreshed).toBe(2);
  });
});
