/**
 * `fleet.json`: which processes the fleet of a directory has. Written by the supervisor whenever one changes, read
 * by `status`, `down` and the next `up`. A process is named by its id, its start and the boot, so that a signal
 * never reaches a stranger that got an old id.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootId, processStartTicks, signalProcess } from '@otedama/processes';
import { z } from 'zod';

/** In this order they are ended: whoever gives work first, whoever keeps it last. */
export const GROUPS = [
  'miner',
  'gateway',
  'validator',
  'books',
  'chain',
  'redis',
  'postgres',
  'nats',
] as const;

const identitySchema = z.object({
  pid: z.number().int().positive(),
  startTicks: z.string(),
  boot: z.string(),
});
export type Identity = z.infer<typeof identitySchema>;

const healthSchema = z.discriminatedUnion('kind', [
  /** Metrics and health of a service, or the like of it. */
  z.object({ kind: z.literal('http'), url: z.string() }),
  z.object({ kind: z.literal('port'), port: z.number().int() }),
  /** It is well as long as it runs. */
  z.object({ kind: z.literal('process') }),
]);
export type HealthPlace = z.infer<typeof healthSchema>;

const entrySchema = z.object({
  name: z.string(),
  group: z.enum(GROUPS),
  /** Absent while it is down. */
  identity: identitySchema.optional(),
  restarts: z.number().int(),
  ports: z.record(z.string(), z.number().int()),
  health: healthSchema,
  stopSignal: z.enum(['SIGTERM', 'SIGINT']),
  log: z.string(),
});
export type FleetEntry = z.infer<typeof entrySchema>;

const stateSchema = z.object({
  version: z.string(),
  supervisor: identitySchema,
  api: z.string().optional(),
  stratum: z.array(z.object({ poolId: z.string(), gateway: z.string(), url: z.string() })),
  processes: z.array(entrySchema),
});
export type FleetState = z.infer<typeof stateSchema>;

const FILE = 'fleet.json';

/** Undefined when there is none, or none that this version understands. */
export const readState = (dir: string): FleetState | undefined => {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(join(dir, FILE), 'utf8')));
  } catch {
    return undefined;
  }
};

/** Whole or not at all, whenever this process is killed. */
export const writeState = (dir: string, state: FleetState): void => {
  const draft = join(dir, `${FILE}.new`);
  writeFileSync(draft, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, join(dir, FILE));
};

export const removeState = (dir: string): void => rmSync(join(dir, FILE), { force: true });

export const identityOf = async (pid: number): Promise<Identity | undefined> => {
  const startTicks = await processStartTicks(pid);
  return startTicks === undefined ? undefined : { pid, startTicks, boot: await bootId() };
};

export const isRunning = async (identity: Identity): Promise<boolean> =>
  identity.boot === (await bootId()) && (await processStartTicks(identity.pid)) === identity.startTicks;

/** False when it is no more. */
export const signalIdentity = async (identity: Identity, signal: NodeJS.Signals): Promise<boolean> =>
  (await isRunning(identity)) && signalProcess(identity.pid, signal);
