/** One attack from before it to after it, and what honest people and the process's memory had of it, in figures. */
import { setTimeout as delay } from 'node:timers/promises';
import { attackerAddresses, minerAddress, payoutAddress } from './accounts.ts';
import type { Attack, Fared } from './attack.ts';
import type { Attackers } from './attackers.ts';
import { attacks } from './attacks/index.ts';
import type { HonestPeople, Observed } from './honest.ts';
import type { PoolUnderAttack } from './pool-under-attack.ts';
import { forgetPeak, peakMib, residentMib } from './process-memory.ts';

export interface Plan {
  readonly aloneMs: number;
  readonly attackSeconds: number;
  readonly afterMs: number;
  /** So many times the attackers that the attack has at least. */
  readonly times: number;
}

export interface Memory {
  readonly beforeMib: number;
  /** The most while it lasted. */
  readonly peakMib: number;
  readonly afterMib: number;
}

export interface AttackResult {
  readonly name: string;
  readonly what: string;
  readonly attackers: number;
  readonly seconds: number;
  readonly alone: Observed;
  readonly attacked: Observed;
  readonly after: Observed;
  readonly memory: Memory;
  readonly fared: Fared;
  /** Of the 99th percentiles of an answered share, to that before. */
  readonly p99Ratio: number;
}

export interface Field {
  readonly pool: PoolUnderAttack;
  readonly people: HonestPeople;
  readonly attackers: Attackers;
}

const neighbours = attacks.filter(({ origin }) => origin === 'neighbour');

/** The honest miner whose address or name is used. Another one for each neighbour: bans outlast an attack. */
const victimOf = (attack: Attack): number => Math.max(0, neighbours.indexOf(attack));

const observe = async (people: HonestPeople, during: Promise<unknown>): Promise<Observed> => {
  people.begin();
  await during;
  return people.end();
};

export const assault = async (
  { pool, people, attackers }: Field,
  attack: Attack,
  plan: Plan,
): Promise<AttackResult> => {
  const { ports } = pool.otedama;
  const alone = await observe(people, delay(plan.aloneMs));
  forgetPeak(pool.pid);
  const beforeMib = residentMib(pool.pid);
  const victim = victimOf(attack);
  const crowd = attackerAddresses(attacks.indexOf(attack));
  const addresses = { many: crowd, one: crowd.slice(0, 1), neighbour: [minerAddress(victim)] }[attack.origin];
  const count = attack.attackers * plan.times;
  const fighting = attackers.attack({
    attack: attack.name,
    attackers: count,
    seconds: plan.attackSeconds,
    port: ports[attack.door],
    addresses,
    victim: payoutAddress(victim),
    owner: pool.owner,
  });
  const attacked = await observe(people, fighting);
  const fared = await fighting;
  const peak = peakMib(pool.pid);
  const after = await observe(people, delay(plan.afterMs));
  return {
    name: attack.name,
    what: attack.what,
    attackers: count,
    seconds: plan.attackSeconds,
    alone,
    attacked,
    after,
    memory: { beforeMib, peakMib: peak, afterMib: residentMib(pool.pid) },
    fared,
    p99Ratio: Number((attacked.shares.p99Ms / alone.shares.p99Ms).toFixed(2)),
  };
};
