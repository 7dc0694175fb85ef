/** From block to block another kind of call is done by the daemon, and nobody hears of it. */
import type { SpoilingProxy } from '@otedama/test-harness';
import type { SeededRandom } from '../seeded-random.ts';

export interface Swallower {
  readonly swallowed: Readonly<Record<string, number>>;
  chooseNext(): void;
}

export const createSwallower = (
  proxy: SpoilingProxy,
  methods: readonly string[],
  random: SeededRandom,
): Swallower => {
  const swallowed: Record<string, number> = {};
  let isSpoiled = false;
  return {
    swallowed,
    chooseNext: () => {
      const wasSpoiled = isSpoiled;
      isSpoiled = random.next() < 0.35;
      // A change of mind ends all connections: not at each block.
      if (!isSpoiled && !wasSpoiled) return;
      if (!isSpoiled) return proxy.spoil(undefined);
      const method = random.pick(methods);
      const isSilent = random.next() < 0.5;
      proxy.spoil({
        methods: [method],
        afterwards: true,
        answer: (response) => {
          swallowed[method] = (swallowed[method] ?? 0) + 1;
          if (!isSilent) response.destroy();
        },
      });
    },
  };
};
