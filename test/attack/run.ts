/**
 * Attacks on a pool, one after the other, each on a pool of its own, as JSON: what honest miners, newcomers and
 * readers of the API noticed before, during and after, what the process held in memory, and how the attackers fared.
 *
 *   node test/attack/run.ts [--attacks slow-lines,giant-lines] [--seconds 30] [--times 5]
 *
 * `--times` multiplies the attackers. Where there are only two cores attackers, miners and pool share them: the ratio
 * then says as much of the machine as of the pool.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { printReport } from '../load/report.ts';
import type { Attack } from './attack.ts';
import { Attackers } from './attackers.ts';
import { attacks } from './attacks/index.ts';
import { type AttackResult, assault } from './assault.ts';
import { HonestPeople } from './honest.ts';
import { PoolUnderAttack } from './pool-under-attack.ts';

const { values } = parseArgs({
  options: {
    attacks: { type: 'string', default: attacks.map(({ name }) => name).join(',') },
    seconds: { type: 'string', default: '30' },
    times: { type: 'string', default: '5' },
  },
});
/** The compilers of hot code are at work for so long. */
const WARM_UP_MS = 10_000;
const seconds = Number(values.seconds);
const plan = {
  aloneMs: seconds * 500,
  attackSeconds: seconds,
  afterMs: seconds * 500,
  times: Number(values.times),
};

const chosen = values.attacks.split(',').map((wanted): Attack => {
  const attack = attacks.find(({ name }) => name === wanted);
  if (attack === undefined) throw new Error(`no such attack: ${wanted}`);
  return attack;
});

const play = async (attack: Attack): Promise<AttackResult> => {
  await using pool = await PoolUnderAttack.start();
  await using attackers = await Attackers.start();
  const { ports } = pool.otedama;
  const people = await HonestPeople.start(ports);
  try {
    people.begin();
    await delay(WARM_UP_MS);
    await people.end();
    return await assault({ pool, people, attackers }, attack, plan);
  } finally {
    await people.stop();
  }
};

const results: AttackResult[] = [];
for (const attack of chosen) {
  console.error(`${attack.name}: ${attack.what}`);
  results.push(await play(attack));
}
printReport({ results });
process.exit();
