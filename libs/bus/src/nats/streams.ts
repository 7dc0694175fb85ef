/**
 * The streams of the fleet, as they have to be. Made or brought to this state by whoever holds the credentials
 * of the administrator, at start and as often as one likes; the services find them or wait for them.
 */
import {
  AUDIT_LOG,
  BLOCKS_LOG,
  EXTRANONCE_BUCKET,
  JOBS_LOG,
  LEASES_BUCKET,
  LIVE_LOG,
  LIVE_SUBJECTS,
  PAYEES_STREAM,
  SHARES_LOG,
  TEMPLATES_STREAM,
  appendedSubject,
  keptSubject,
  keySubject,
  logSubject,
  payeesSubject,
  templateSubject,
} from '@otedama/contracts';
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  jetstreamManager,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { LIVE_LIMITS } from '../live-stream.ts';
import type { NatsLink } from './connection.ts';

export interface StreamOptions {
  /** Copies of every entry: 1, or 3 in a cluster of three servers and more. */
  readonly replicas?: 1 | 3;
  /** How long an entry that is sent again is known to be there already; longer than any retry lasts. */
  readonly duplicateWindowMs?: number;
}

type Config = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

const DEFAULT_DUPLICATE_WINDOW_MS = 20 * 60_000;

const logStream = (name: string, { replicas, duplicateWindowMs }: Required<StreamOptions>): Config => ({
  name,
  subjects: [logSubject(name)],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  num_replicas: replicas,
  duplicate_window: nanos(duplicateWindowMs),
  // Full means that nothing more is taken, never that something is forgotten.
  discard: DiscardPolicy.New,
  // Readers are woken without the payload.
  republish: { src: logSubject(name), dest: appendedSubject(name), headers_only: true },
});

/** Longer than shares of a job can come; what is older is of no use to anybody. */
const JOBS_KEPT_MS = 15 * 60_000;
/** Refreshes of some pools with full blocks of two megabytes. */
const JOBS_MAX_BYTES = 1024 * 1024 * 1024;

const jobsStream = (options: Required<StreamOptions>): Config => ({
  ...logStream(JOBS_LOG, options),
  max_age: nanos(JOBS_KEPT_MS),
  duplicate_window: nanos(Math.min(options.duplicateWindowMs, JOBS_KEPT_MS)),
  max_bytes: JOBS_MAX_BYTES,
  discard: DiscardPolicy.Old,
});

/** In files, though nobody misses it: a server that comes back has forgotten the streams that it had in memory. */
const liveStream = (replicas: 1 | 3): Config => ({
  name: LIVE_LOG,
  subjects: [LIVE_SUBJECTS],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  num_replicas: replicas,
  max_age: nanos(LIVE_LIMITS.maxAgeMs),
  max_bytes: LIVE_LIMITS.maxBytes,
  discard: DiscardPolicy.Old,
  republish: { src: LIVE_SUBJECTS, dest: appendedSubject(`${LIVE_LOG}.>`), headers_only: true },
});

/** What it has taken is heard in its order: of two publishers the later one is the later one for all. */
const lastValueStream = (name: string, subject: string, replicas: 1 | 3): Config => ({
  name,
  subjects: [subject],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  num_replicas: replicas,
  max_msgs_per_subject: 1,
  allow_direct: true,
  republish: { src: subject, dest: keptSubject(subject) },
});

/** A stream that clients know as a key-value bucket. */
const bucketStream = (bucket: string, replicas: 1 | 3): Config => ({
  ...lastValueStream(`KV_${bucket}`, keySubject(bucket, '>'), replicas),
  discard: DiscardPolicy.New,
  allow_rollup_hdrs: true,
  deny_delete: true,
});

const isMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

const ensureStream = async (manager: JetStreamManager, config: Config): Promise<void> => {
  try {
    await manager.streams.update(config.name, config);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await manager.streams.add(config);
  }
};

export const ensureStreams = async (link: NatsLink, options: StreamOptions = {}): Promise<void> => {
  const manager = await jetstreamManager(link.connection);
  const full = {
    replicas: options.replicas ?? 1,
    duplicateWindowMs: options.duplicateWindowMs ?? DEFAULT_DUPLICATE_WINDOW_MS,
  };
  for (const name of [SHARES_LOG, BLOCKS_LOG, AUDIT_LOG]) await ensureStream(manager, logStream(name, full));
  await ensureStream(manager, jobsStream(full));
  await ensureStream(manager, liveStream(full.replicas));
  for (const name of [LEASES_BUCKET, EXTRANONCE_BUCKET]) {
    await ensureStream(manager, bucketStream(name, full.replicas));
  }
  await ensureStream(manager, lastValueStream(TEMPLATES_STREAM, templateSubject('>'), full.replicas));
  await ensureStream(manager, lastValueStream(PAYEES_STREAM, payeesSubject('>'), full.replicas));
};
