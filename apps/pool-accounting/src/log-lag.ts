/**
 * How far what is booked is behind its log, looked at when the metrics are asked for. Without the database nothing is
 * booked, and without the log nothing is heard of its end: what was last known then stands.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { BLOCKS_LOG, type DurableLog, SHARES_LOG } from '@otedama/contracts';
import type { Ledger } from '@otedama/ledger';
import { Gauge, type Registry } from 'prom-client';

const PATIENCE_MS = 1_000;

/** What was last heard, asked for anew unless that is under way; undefined: nothing yet. */
const keepAsking = <Value>(ask: () => Promise<Value>): (() => Promise<Value | undefined>) => {
  let asking: Promise<void> | undefined;
  let heard: Value | undefined;
  const askOnce = async (): Promise<void> => {
    try {
      heard = await ask();
    } catch {
      // Its absence is a part of the health already.
    } finally {
      asking = undefined;
    }
  };
  return async () => {
    const patience = new AbortController();
    asking ??= askOnce();
    const late = delay(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([asking, late]);
    patience.abort();
    return heard;
  };
};

/** Entries that are not booked; undefined before both sides were heard of. */
export type ReadLag = () => Promise<number | undefined>;

export const createLagReader = (
  position: () => Promise<bigint>,
  log: Pick<DurableLog, 'newest'>,
): ReadLag => {
  const readBooked = keepAsking(position);
  const readEnd = keepAsking(() => log.newest());
  return async () => {
    // In this order: a position that was read later than the end could be beyond it.
    const booked = await readBooked();
    const end = await readEnd();
    return booked === undefined || end === undefined ? undefined : Math.max(0, Number(end - booked));
  };
};

export interface LogLagDeps {
  readonly ledger: Pick<Ledger, 'position'>;
  readonly logs: Readonly<Record<'shares' | 'blocks', Pick<DurableLog, 'newest'>>>;
  readonly registry: Registry;
}

export const registerLogLag = ({ ledger, logs, registry }: LogLagDeps): void => {
  const readers = [
    { stream: SHARES_LOG, read: createLagReader(() => ledger.position(SHARES_LOG), logs.shares) },
    { stream: BLOCKS_LOG, read: createLagReader(() => ledger.position(BLOCKS_LOG), logs.blocks) },
  ];
  const gauge: Gauge<'stream'> = new Gauge({
    name: 'otedama_accounting_log_lag_entries',
    help: 'Entries of a log that are not booked yet: batches of shares, blocks.',
    labelNames: ['stream'],
    registers: [registry],
    async collect() {
      const show = async ({ stream, read }: (typeof readers)[number]): Promise<void> => {
        const lag = await read();
        if (lag !== undefined) gauge.set({ stream }, lag);
      };
      await Promise.all(readers.map(show));
    },
  });
};
