/** Runs the checks of the machine and says in the log when the state of a part changes. */
import { statfs } from 'node:fs/promises';
import type { Logger } from '@otedama/contracts';
import type { Health, PartState } from '@otedama/observability';
import type { Registry } from 'prom-client';
import { createClockCheck } from './clock.ts';
import { createDiskCheck } from './disk-space.ts';

export interface WatchDeps {
  readonly health: Health;
  readonly registry: Registry;
  readonly logger: Logger;
}

export interface Watch {
  stop(): void;
}

const TICK_MS = 1_000;
const DISK_EVERY_TICKS = 5;

const freeBytes = async (directory: string): Promise<bigint> => {
  const { bavail, bsize } = await statfs(directory, { bigint: true });
  return bavail * bsize;
};

const tell = (logger: Logger, part: string, now: PartState): void => {
  if (now.state === 'up') logger.info({ part }, 'well again');
  else logger.warn({ part, state: now.state, reason: now.reason }, 'not well');
};

/** Calls back with the parts whose state is another than at the last call. */
export const createChanges = (): ((
  parts: Readonly<Record<string, PartState>>,
) => (readonly [string, PartState])[]) => {
  const before = new Map<string, PartState['state']>();
  return (parts) => {
    const changed = Object.entries(parts).filter(([part, { state }]) => (before.get(part) ?? 'up') !== state);
    for (const [part, { state }] of changed) before.set(part, state);
    return changed;
  };
};

/** `directory` must be there; its file system is the one that is watched. */
export const watchMachine = ({ health, registry, logger }: WatchDeps, directory: string): Watch => {
  const clock = createClockCheck({
    health,
    registry,
    logger,
    wallMs: Date.now,
    monotonicMs: () => performance.now(),
  });
  const disk = createDiskCheck({ health, registry, readFreeBytes: freeBytes }, directory);
  const changes = createChanges();
  let ticks = 0;
  const tick = (): void => {
    clock.tick();
    if (ticks++ % DISK_EVERY_TICKS === 0) void disk.tick();
    for (const [part, state] of changes(health.parts())) tell(logger, part, state);
  };
  const timer = setInterval(tick, TICK_MS).unref();
  void disk.tick();
  return { stop: () => clearInterval(timer) };
};
