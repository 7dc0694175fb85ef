/** The external PostgreSQL: waited for at start, migrated or waited for until it is, and watched while it is used. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseConfig } from '@otedama/config';
import { type Database, MigrationError, migrate, openDatabase, requireSchema } from '@otedama/ledger';
import type { PartState } from '@otedama/observability';
import type { ServiceHost } from '@otedama/service-host';

type Host = Pick<ServiceHost, 'health' | 'logger' | 'signal' | 'onStop'>;

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;
const PROBE_EVERY_MS = 2_000;
/** An answer that takes longer is none: the books stand still meanwhile. */
const PROBE_TIMEOUT_MS = 5_000;

const reasonOf = (error: unknown): string => {
  // Node gives one error for all addresses of a name.
  const shown = error instanceof AggregateError ? error.errors[0] : error;
  return shown instanceof Error ? shown.message : String(shown);
};

/** Asks for nothing in particular, each time after the last answer. */
const probe = async (database: Database, signal: AbortSignal, tell: (now: PartState) => void) => {
  while (!signal.aborted) {
    await delay(PROBE_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const late = delay(PROBE_TIMEOUT_MS, 'late' as const, { ref: false });
      const answer = await Promise.race([database.pool.query('SELECT 1'), late]);
      tell(
        answer === 'late'
          ? { state: 'down', reason: `no answer within ${PROBE_TIMEOUT_MS} ms` }
          : { state: 'up' },
      );
    } catch (error) {
      tell({ state: 'down', reason: reasonOf(error) });
    }
  }
};

/** An older schema may be on its way to this version's, where others migrate; nothing mends a newer one. */
const isFinal = (error: unknown): boolean => error instanceof MigrationError && error.code === 'SCHEMA_NEWER';

/** Resolves when the schema is this version's. Rejects when it is a newer one, or when the service stops. */
export const openLedgerDatabase = async (
  host: Host,
  { url, migrate: isOurs }: { readonly url: string } & Pick<DatabaseConfig, 'migrate'>,
): Promise<Database> => {
  const { health, logger, signal, onStop } = host;
  let state: PartState = { state: 'down', reason: 'not connected yet' };
  const tell = (now: PartState): void => void (state = now);
  health.add('postgres', () => state);
  const database = openDatabase({ url }, { logger });
  onStop('database', () => database.close());
  for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    signal.throwIfAborted();
    try {
      await (isOurs ? migrate(database.pool) : requireSchema(database.pool));
      break;
    } catch (error) {
      if (isFinal(error)) throw error;
      tell({ state: 'down', reason: reasonOf(error) });
      await delay(waitMs, undefined, { signal, ref: false });
    }
  }
  tell({ state: 'up' });
  void probe(database, signal, tell);
  return database;
};
