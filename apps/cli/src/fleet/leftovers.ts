/** Ends the processes of a fleet that has no supervisor any more, in the order in which a supervisor would. */
import { setTimeout as delay } from 'node:timers/promises';
import { type FleetEntry, type FleetState, GROUPS, isRunning, signalIdentity } from './state.ts';

const POLL_MS = 50;
/** A service drains within its own time; a database writes what it has. */
const DEADLINE_MS = 60_000;

const endOne = async ({ identity, stopSignal }: FleetEntry): Promise<boolean> => {
  if (identity === undefined || !(await signalIdentity(identity, stopSignal))) return false;
  // One that is frozen hears a signal only when it goes on.
  await signalIdentity(identity, 'SIGCONT');
  const deadline = performance.now() + DEADLINE_MS;
  while (await isRunning(identity)) {
    if (performance.now() > deadline) await signalIdentity(identity, 'SIGKILL');
    await delay(POLL_MS);
  }
  return true;
};

/** Names of those that were still there. */
export const endLeftovers = async ({ processes }: FleetState): Promise<string[]> => {
  const ended: string[] = [];
  for (const group of GROUPS) {
    const members = processes.filter((entry) => entry.group === group);
    const outcomes = await Promise.all(members.map(endOne));
    ended.push(...members.filter((_, index) => outcomes[index]).map(({ name }) => name));
  }
  return ended;
};
