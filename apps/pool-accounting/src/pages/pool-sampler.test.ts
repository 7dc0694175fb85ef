import type { TemplateUpdate } from '@otedama/contracts';
import { poolConfig } from '../testing/pool-config.ts';
import { PoolSampler } from './pool-sampler.ts';

const NOW = 1_700_000_040_000;
const MINUTE_MS = 60_000;

const createBench = () => {
  const taken: { readonly works: Record<string, bigint>; readonly atMs: number }[] = [];
  const hear = new Map<string, (update: TemplateUpdate) => void>();
  let isBroken = false;
  const sampler = new PoolSampler(
    {
      ledger: {
        async samplePools(works, atMs) {
          if (isBroken) throw new Error('no database');
          taken.push({ works: Object.fromEntries(works), atMs });
        },
      },
      templates: {
        subscribe(subject, onEvent) {
          hear.set(subject, onEvent);
          return { unsubscribe: () => void hear.delete(subject) };
        },
      },
    },
    [poolConfig()],
  );
  return { sampler, taken, hear, breakDown: (broken: boolean) => void (isBroken = broken) };
};

const update = (networkTarget: bigint) => ({ poolId: 'main', networkTarget }) as TemplateUpdate;

it('takes a sample of all pools each ten minutes, with what their last templates say', async () => {
  const { sampler, taken, hear } = createBench();
  sampler.start();
  hear.get('template.main')?.(update(2n ** 240n - 1n));
  hear.get('template.main')?.({ poolId: 'main', stopped: true, reason: 'no daemon' });
  for (let minute = 0; minute <= 20; minute++) await sampler.take(NOW + minute * MINUTE_MS + 500);
  expect(taken).toEqual(
    [0, 10, 20].map((minute) => ({
      works: { main: 2n ** 16n },
      atMs: Math.floor(NOW / MINUTE_MS + minute) * MINUTE_MS,
    })),
  );
  sampler.stop();
  expect(hear.size).toBe(0);
});

it('takes one at the next chance when it failed, and when the clock was set back', async () => {
  const { sampler, taken, breakDown } = createBench();
  breakDown(true);
  await expect(sampler.take(NOW)).rejects.toThrow('no database');
  breakDown(false);
  await sampler.take(NOW + 500);
  await sampler.take(NOW - 60 * MINUTE_MS);
  expect(taken.map(({ works }) => works)).toEqual([{}, {}]);
});
