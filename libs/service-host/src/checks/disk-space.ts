/** Free space where a service keeps its data. A full disk costs acknowledgements, never blocks: it degrades. */
import type { PartState, Health } from '@otedama/observability';
import { Gauge, type Registry } from 'prom-client';

/** What `statfs` of node:fs/promises gives, as far as it is needed. */
export type ReadFreeBytes = (directory: string) => Promise<bigint>;

export interface DiskCheckDeps {
  readonly health: Health;
  readonly registry: Registry;
  readonly readFreeBytes: ReadFreeBytes;
}

/** A day of write-ahead log and spool on a busy pool: time enough to act. */
const LOW_BYTES = 1n << 30n;

export interface DiskCheck {
  /** To be called every few seconds; never throws. */
  tick(): Promise<void>;
}

const inMebibytes = (bytes: bigint): string => `${bytes >> 20n} MiB`;

export const createDiskCheck = (deps: DiskCheckDeps, directory: string): DiskCheck => {
  const { health, registry, readFreeBytes } = deps;
  const free = new Gauge({
    name: 'otedama_host_disk_free_bytes',
    help: 'Free space of the file system that holds the data directory.',
    registers: [],
  });
  registry.registerMetric(free);
  let state: PartState = { state: 'up' };
  health.add('disk', () => state);
  return {
    async tick() {
      try {
        const bytes = await readFreeBytes(directory);
        free.set(Number(bytes));
        state =
          bytes >= LOW_BYTES
            ? { state: 'up' }
            : { state: 'degraded', reason: `${inMebibytes(bytes)} are free in ${directory}` };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        state = { state: 'degraded', reason: `free space is not known: ${reason}` };
      }
    },
  };
};
