/**
 * Every attack for a moment on a running pool, with what holds however slow the machine is: no honest share is lost or
 * refused, whoever comes gets in, memory is bounded, and no answer tells more than it should. How long honest people
 * wait is measured by `run.ts`, which gives each attack its time.
 */
import type { WorkerSummary } from '@otedama/contracts';
import { eventually, pause } from '@otedama/test-harness';
import { attacks } from './attacks/index.ts';
import { type AttackResult, assault } from './assault.ts';
import { Attackers } from './attackers.ts';
import { HonestPeople, type Observed } from './honest.ts';
import { PoolUnderAttack } from './pool-under-attack.ts';

const START_MS = 60_000;
const ATTACK_MS = 60_000;
const PLAN = { aloneMs: 300, attackSeconds: 2.5, afterMs: 500, times: 1 };
/** Garbage of tens of thousands of connections, until it is collected; what attackers make it keep is far less. */
const MAX_GROWTH_MIB = 250;

const faultsOf = ({ shares, newcomers, reads, viewers, health }: Observed) => ({
  shares: shares.faults,
  newcomers: newcomers.faults,
  reads: reads.faults,
  viewers: viewers.faults,
  health: health.faults,
});

const NO_FAULTS = { shares: {}, newcomers: {}, reads: {}, viewers: {}, health: {} };

const say = ({ name, attacked, memory, fared }: AttackResult): void => {
  const { connections, turnedAway, cutOff, standing } = fared;
  process.stdout.write(
    `${name}: ${attacked.shares.count} honest shares in ${attacked.shares.p50Ms} ms (p99 ${attacked.shares.p99Ms}); ` +
      `${memory.beforeMib} MiB, ${memory.peakMib} at most, ${memory.afterMib} after; ${connections} connections, ` +
      `${turnedAway} turned away, ${cutOff} cut off, ${standing} standing ${JSON.stringify(fared.counts)}\n`,
  );
};

describe('a pool under attack', () => {
  let pool: PoolUnderAttack;
  let people: HonestPeople;
  let attackers: Attackers;

  beforeAll(async () => {
    pool = await PoolUnderAttack.start();
    attackers = await Attackers.start();
    people = await HonestPeople.start(pool.otedama.ports);
  }, START_MS);
  afterAll(async () => {
    try {
      await people.stop();
      await attackers[Symbol.asyncDispose]();
    } finally {
      await pool[Symbol.asyncDispose]();
    }
  }, START_MS);

  it.each(attacks.map((attack) => [attack.name, attack] as const))(
    'bears %s',
    async (_name, attack) => {
      const result = await assault({ pool, people, attackers }, attack, PLAN);
      say(result);
      const { attacked, after, fared, memory } = result;
      expect(fared.wrongs).toEqual([]);
      expect(attack.judge?.(fared) ?? []).toEqual([]);
      expect(faultsOf(attacked)).toEqual(NO_FAULTS);
      expect(faultsOf(after)).toEqual(NO_FAULTS);
      expect(attacked.sentAway + after.sentAway).toBe(0);
      // A time in which nothing honest was under way has shown nothing.
      expect(attacked.shares.count).toBeGreaterThan(5);
      expect(fared.connections).toBeGreaterThan(0);
      expect(fared.standing).toBeLessThanOrEqual(attack.mayStand ?? fared.connections);
      expect(memory.peakMib - memory.beforeMib).toBeLessThan(attack.maxGrowthMib ?? MAX_GROWTH_MIB);
      expect(pool.otedama.process.hasExited).toBe(false);
    },
    ATTACK_MS,
  );

  it(
    'has booked each share that it acknowledged, and nothing else for them',
    async () => {
      await people.stop();
      for (const [account, accepted] of people.accepted) {
        await eventually(`${accepted} shares of ${account} are booked`, async () => {
          // Who asks more often is over the budget of its address before the books are late.
          await pause(250);
          const path = `/api/workers?address=${account}&limit=1000`;
          const { items } = await pool.otedama.get<{ items: WorkerSummary[] }>(path);
          return items.find(({ worker }) => worker === 'honest')?.shares.accepted === accepted;
        });
      }
    },
    ATTACK_MS,
  );
});
