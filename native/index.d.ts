/// <reference types="node" />

/**
 * scrypt is N=1024, r=1, p=1; etchash is Ethash since ECIP-1099; randomx is rx/0, randomx-v2 rx/2.
 *
 * Three families: sha256d and scrypt hash headers; ethash, etchash and kawpow seal a header hash with a 64-bit
 * nonce over the dataset of an epoch and prove it with a mix; RandomX hashes blobs over the dataset of a seed.
 */
export type Algorithm = 'sha256d' | 'scrypt' | 'ethash' | 'etchash' | 'kawpow' | 'randomx' | 'randomx-v2';

/**
 * Every error has a `code`: INVALID_ARGUMENT, UNKNOWN_ALGORITHM, BACKEND_UNAVAILABLE, SELF_TEST_FAILED,
 * OUT_OF_MEMORY, UNKNOWN_EPOCH, DATASET_FILE, DATASET_CLOSED, CANCELLED, SEARCHER_BUSY, TOO_MANY_JOBS,
 * BRANCH_TOO_LONG, COINBASE_TOO_LONG, TEMPLATE_SHAPE, BLOB_SHAPE, JOB_FAMILY, BATCH_TOO_SHORT, BATCH_MAGIC,
 * BATCH_VERSION, BATCH_LENGTH, BATCH_DETACHED, EXTRANONCE_TOO_LONG, NO_NONCES, WORK_FAMILY, THREAD_COUNT,
 * NO_THREAD, WORKER_PANICKED, SOCKETS_UNAVAILABLE, SOCKETS_CLOSED, SYSTEM, those of the system for sockets (EADDRINUSE, EACCES, ...),
 * INTERNAL (a defect); an argument of a wrong type has the code of Node-API (InvalidArg, NumberExpected, ...).
 */
export interface NativeError extends Error {
  code: string;
}

export interface HeaderJob {
  /** Coinbase before the extranonce, legacy serialisation. */
  coinbasePrefix: Buffer;
  /** Coinbase after the extranonce. */
  coinbaseSuffix: Buffer;
  /** 32 bytes per level, internal order; at most 32 levels. */
  merkleBranch: Buffer;
  /** 32 bytes, internal order. */
  prevHash: Buffer;
  bits: number;
}

/**
 * In a batch the nonce takes the places of nonce and version. A mix that the miner claims stands in the place of
 * the block hash, zeros if there is none; the true mix is written there.
 */
export interface SealJob {
  /** 32 bytes as the protocols show them. */
  headerHash: Buffer;
  blockNumber: number;
}

/**
 * A Monero block template cut around the gap for a session's extra nonce; `describeTemplate` of libs/cryptonote
 * makes one. What is hashed: header, tree root with the miner transaction as leaf 0, varint of txCount.
 */
export interface TemplateParts {
  /** Up to and with the nonce. */
  header: Buffer;
  /** Where the four little-endian bytes of the nonce go, in header and blob. */
  nonceOffset: number;
  minerTxVersion: 1 | 2;
  /** Prefix of the miner transaction before and after the extra nonce, without the RingCT byte; at most 4 MiB. */
  minerTxPrefix: Buffer;
  minerTxSuffix: Buffer;
  /** At most 32. */
  extraNonceBytes: number;
  /** 32 bytes per level, for leaf 0, from the leaf upwards. */
  merkleBranch: Buffer;
  /** With the miner transaction. */
  txCount: number;
}

/**
 * In a batch the extranonce is the extra nonce of the share's session; one of another length is malformed. The
 * block hash, the block's id, is only written for candidates.
 */
export interface TemplateJob extends TemplateParts {
  /** 32 bytes. */
  seed: Buffer;
}

/** What sessions hash. TEMPLATE_SHAPE: the parts do not fit together. */
export declare class BlobTemplate {
  constructor(parts: TemplateParts);
  /** The blob of a session, with the nonce that the header has. Takes a few microseconds. */
  hashingBlob(extraNonce: Buffer): Buffer;
}

export type JobDescription = (HeaderJob | SealJob | TemplateJob) & {
  /** 32 bytes, little-endian number. */
  networkTarget: Buffer;
};

/** The epoch of a block for Ethash, Etchash and KawPow; a seed of at most 60 bytes for RandomX. */
export type ContextName = { blockNumber: number } | { seed: Buffer };

export interface BatchSummary {
  /** Shares that count for their miner, candidates among them: verdicts 1 to 3. */
  accepted: number;
  /** Verdicts 2 and 3. */
  candidates: number;
  /** Verdicts 4 to 6. */
  rejected: number;
}

/** Judges share batches (layout: libs/contracts) on Node's thread pool. */
export declare class ShareVerifier {
  /**
   * Throws SELF_TEST_FAILED when the processor's backend does not give the known answers. Hashes of milliseconds
   * are spread over `threads` threads, by default one per processor.
   */
  constructor(algorithm: Algorithm, threads?: number);
  /**
   * Builds the light cache that shares of this epoch or seed are judged with, up to some seconds, so that the
   * first share need not wait for it. The last three caches are kept, for all verifiers of the process.
   */
  prepare(context: ContextName, progress?: BuildProgress): Promise<void>;
  /** Adds or replaces a job; at most 4096 are kept. */
  addJob(jobKey: number, job: JobDescription): void;
  /**
   * Judges shares of a RandomX job that have this extra nonce, of 8 bytes, by a template that their miner brought
   * for the job's block; at most 4096 a job, which go with it. Shares of one that is not here are of an unknown
   * job.
   */
  adoptTemplate(jobKey: number, extraNonce: Buffer, template: TemplateParts): void;
  /** Removing an unknown job does nothing. */
  removeJob(jobKey: number): void;
  /**
   * Writes verdict, powHash and blockHash of every record. Judges the bytes and the jobs as they are at the
   * call; the results are in the buffer when the promise resolves. Hashes that were not computed are zero.
   */
  verifyBatch(batch: Buffer): Promise<BatchSummary>;
  get backend(): string;
}

export interface MinerShare {
  workId: number;
  nonce: bigint;
  /** As hashed: a little-endian number, but a big-endian one for Ethash, Etchash and KawPow. */
  powHash: Buffer;
  /** Of Ethash, Etchash and KawPow. */
  mix?: Buffer;
  /** Of headers. */
  rolled?: {
    extranonce2: Buffer;
    nTime: number;
    /** Final header version, rolled inside the mask. */
    version: number;
  };
}

export interface HeaderWork {
  coinbasePrefix: Buffer;
  coinbaseSuffix: Buffer;
  /** With extranonce2 at most 32 bytes. */
  extranonce1: Buffer;
  extranonce2Size: number;
  /** 32 bytes per level, internal order. */
  merkleBranch: Buffer;
  /** 32 bytes, internal order. */
  prevHash: Buffer;
  version: number;
  /** Version bits that may be rolled; 0 for none. */
  versionMask: number;
  nTime: number;
  bits: number;
}

/** The part of the nonce space that the pool has given: from `firstNonce` to before `endNonce`; all of it if left out. */
export interface NonceSpace {
  firstNonce?: bigint;
  endNonce?: bigint;
}

export type SealWork = SealJob & NonceSpace;

export interface BlobJob {
  /** Hashing blob of at most 512 bytes. */
  blob: Buffer;
  /** Where the four little-endian bytes of the nonce go. */
  nonceOffset: number;
  /** 32 bytes. */
  seed: Buffer;
}

export type BlobWork = BlobJob &
  NonceSpace & {
    /** The seed to come, as soon as the chain has it: cache and dataset are built ahead. */
    nextSeed?: Buffer;
  };

export type MinerWork = (HeaderWork | SealWork | BlobWork) & {
  /** 32 bits; returned with each share. */
  workId: number;
  /** Share target: 32 bytes, little-endian number. */
  target: Buffer;
};

export interface MinerOptions {
  algorithm: Algorithm;
  /** 1 to 1024. */
  threads: number;
  /** 0 (only idle time) to 5 (before everything else); best effort, Linux only. Unchanged when left out. */
  priority?: number;
  /** Where datasets of Ethash, Etchash and KawPow are kept from start to start; nowhere when left out. */
  datasetDirectory?: string;
  backend?: string;
}

export interface MinerReadiness {
  /**
   * waiting: no work, or nothing built for it yet; light: RandomX from its cache, at a fraction of the speed;
   * full: at full speed; failed: it cannot be searched, see `failure`.
   */
  state: 'waiting' | 'light' | 'full' | 'failed';
  /** Why it is not more than it is, where time alone will not help. */
  failure?: string;
  /** What went wrong without being in the way: a damaged dataset file that was built anew. */
  notes: string[];
  /** The dataset being built; `ahead`: for work to come. */
  building?: { ahead: boolean; done: number; total: number };
}

/**
 * Mines on its own threads, which stop when the object is closed or collected. It does not keep the process
 * alive. Shares wait for the JavaScript thread in a bounded queue; while it is full the threads wait too.
 */
export declare class CpuMiner {
  /**
   * Returns when each thread has passed its self test, which takes some milliseconds; searchers over a dataset
   * are tested when it is there.
   */
  constructor(options: MinerOptions, onShare: (share: MinerShare) => void);
  /**
   * Replaces the work of all threads, which take it up within two milliseconds. What the work needs is built in
   * the background. A share of the work before may still arrive.
   */
  setWork(work: MinerWork): void;
  /** Threads sleep until there is work again. */
  clearWork(): void;
  readiness(): MinerReadiness;
  /** Hashes done since the start, per thread. */
  hashes(): bigint[];
  get backend(): string;
  /** Resolves when all threads have ended; work given later is ignored. */
  close(): Promise<void>;
}

/** How far a build is, and a way to end it. Made by the caller and given to what builds. */
export declare class BuildProgress {
  constructor();
  get done(): number;
  /** 0 before the build has begun. */
  get total(): number;
  /** The build rejects with CANCELLED within milliseconds. */
  cancel(): void;
}

export type DatasetOptions = ContextName & {
  /** By default one per processor. */
  threads?: number;
  /** Ethash, Etchash and KawPow: where the dataset is kept from start to start. */
  directory?: string;
};

/** A dataset, held until it is closed or collected. Whoever else asks for the same one shares its memory. */
export declare class Dataset {
  private constructor();
  get bytes(): bigint;
  /** What pages its memory lies on, and how to get larger ones. */
  get pages(): string;
  /** What went wrong without being in the way: a damaged file that was built anew, a dataset that was not saved. */
  get notes(): string[];
  close(): void;
}

/** Seconds to minutes, on threads of its own. Not for sha256d and scrypt, which have none. */
export declare function buildDataset(
  algorithm: Algorithm,
  options: DatasetOptions,
  progress?: BuildProgress,
): Promise<Dataset>;

export type SearchJob = ({ header: Buffer } | SealJob | Omit<BlobJob, 'seed'>) & {
  /** 32 bytes, little-endian number. */
  target: Buffer;
};

export interface Solution {
  nonce: bigint;
  /** As hashed; see MinerShare. */
  hash: Buffer;
  mix?: Buffer;
}

export interface SearchResult {
  /** Nonces tried from the start of the range. */
  tried: bigint;
  /** In ascending order. */
  solutions: Solution[];
}

/** Searches one range of nonces at a time, on one thread of Node's pool. */
export declare class Searcher {
  /** Throws SELF_TEST_FAILED when the backend does not give the known answers. */
  constructor(algorithm: Algorithm, dataset?: Dataset, backend?: string);
  /** Tries the nonces from `start` to before `end`. */
  search(job: SearchJob, start: bigint, end: bigint): Promise<SearchResult>;
  /** The search under way resolves within two milliseconds with what it has tried. */
  cancel(): void;
  get backend(): string;
}

/** 32 bytes as hashed. sha256d takes any length, scrypt exactly a header of 80 bytes. */
export declare function hash(algorithm: 'sha256d' | 'scrypt', input: Buffer): Buffer;

/**
 * Root over the shares of a share batch (layout: libs/contracts) for the receipts of libs/receipts; null for a batch
 * without shares. On the calling thread: some 0.3 microseconds a share.
 */
export declare function receiptRoot(batch: Buffer): Buffer | null;

/** From the light cache of the block's epoch, which is built if need be. 32 bytes each, as hashed. */
export declare function hashSeal(
  algorithm: 'ethash' | 'etchash' | 'kawpow',
  headerHash: Buffer,
  blockNumber: number,
  nonce: bigint,
): Promise<{ mix: Buffer; hash: Buffer }>;

/** From the cache of the seed (at most 60 bytes), which is built if need be. 32 bytes as hashed. */
export declare function hashBlob(
  algorithm: 'randomx' | 'randomx-v2',
  blob: Buffer,
  seed: Buffer,
): Promise<Buffer>;

/** True where Acceptor and PeerSockets work: on Linux. Elsewhere their constructors throw SOCKETS_UNAVAILABLE. */
export declare function hasNativeSockets(): boolean;

export interface ListenOptions {
  /** An IP address; `::` has IPv4 too. */
  host: string;
  /** 0 for any that is free. */
  port: number;
  /** How many connections may wait in the system. */
  backlog: number;
  /** Several processes share the port, and the system shares the connections out among them. */
  reusePort: boolean;
  /** How many connections may wait here. */
  maxWaiting: number;
}

export interface Connection {
  /** A descriptor: non-blocking, closed on exec, the caller's from now on. */
  socket: number;
  /** In canonical text; IPv4 as such, also where it came over IPv6. */
  address: string;
  port: number;
}

/**
 * A listening socket. In each turn of the event loop in which somebody knocks it accepts some, at most 64, and calls
 * `onWaiting` once. While as many wait as may, or the process is out of descriptors (then for 100 ms), the others
 * stay in the system's backlog. Keeps the process alive until it is closed. Throws what the system says: EADDRINUSE,
 * EACCES, EADDRNOTAVAIL, ...
 */
export declare class Acceptor {
  constructor(options: ListenOptions, onWaiting: () => void);
  get port(): number;
  /** Among them those that have left meanwhile. */
  get waiting(): number;
  /** The oldest; who has left without a byte, or with a reset, is closed and skipped. */
  take(): Connection | undefined;
  /** Resets a connection that was taken and is still the caller's; nothing is sent. */
  static reset(socket: number): void;
  /** No more connections; those that wait are reset. */
  close(): void;
}

/** An event of `PeerSockets.poll`: all that waited to be sent to the peer has gone. */
export declare const DRAINED: number;

/**
 * Many sockets that are read and written in one call for all. Peers are small numbers, each given again when its peer
 * is gone; a number that is nobody's is INVALID_ARGUMENT everywhere. Peers keep the process alive, no peers do not.
 */
export declare class PeerSockets {
  /**
   * `onEvents` is called once in each turn of the event loop in which `poll` has something to tell. What one poll leaves
   * is told in the next turn.
   */
  constructor(onEvents: () => void);
  /**
   * Takes over a descriptor of `Acceptor.take` or of `detach`; when it throws, the descriptor is still the caller's.
   * Sets TCP_NODELAY and keep-alive (after 60 s). The peer begins paused.
   */
  add(socket: number): number;
  /** It is not read: neither bytes nor its end are told. */
  pause(peer: number): void;
  resume(peer: number): void;
  /**
   * Fills `events` with pairs of a peer and what happened to it, in turn among those that have something, and returns
   * how many pairs. n > 0: it sent n bytes, at most 16384, in `data` behind those of the pairs before; 0: it sends no
   * more; DRAINED; any other: it is broken, -errno, told once, also of a paused one whose write failed. `events` needs
   * room for two pairs, `data` for 16384 bytes.
   */
  poll(events: Int32Array, data: Uint8Array): number;
  /**
   * Sends to the n-th peer the bytes from the end before to its own. What the system does not take waits here and goes
   * when it can; `queued[n]` says how much waits for the peer then. More than 16 MiB break it (ENOBUFS). Who is broken
   * or was ended gets nothing. Throws INVALID_ARGUMENT before anything is sent.
   */
  send(peers: Int32Array, ends: Uint32Array, data: Uint8Array, queued: Uint32Array): void;
  queuedBytes(peer: number): number;
  /** All that the system has taken for it. */
  sentBytes(peer: number): number;
  /** Nothing more is sent; the peer is told so behind what waits. It can still be read. */
  end(peer: number): void;
  /** At once, what waits is lost; with `reset` its system is told so. Nothing more is told of it. */
  close(peer: number, reset: boolean): void;
  /**
   * Gives the descriptor back, with what of its bytes `poll` did not give out still in it. INVALID_ARGUMENT where
   * something waits to be sent, and for a peer that was ended or is broken.
   */
  detach(peer: number): number;
  /** Closes all. A peer can be added no more (SOCKETS_CLOSED). */
  dispose(): void;
}

export interface CpuFeatures {
  arch: string;
  features: string[];
  /** Usable backends, the preferred one first. */
  backends: Record<Algorithm, string[]>;
  selected: Record<Algorithm, string>;
}

export declare function cpuFeatures(): CpuFeatures;

/** One capability of the machine. */
export interface DoctorFinding {
  /** Stable: cpu, cpu-governor, msr, memory, huge-pages-2m, ... */
  id: string;
  title: string;
  state: 'ok' | 'degraded' | 'unavailable' | 'unknown';
  /** What was read, in one sentence. */
  cause: string;
  /** What the state costs or gives. */
  effect: string;
  /** Lines for a root shell, or to do where no command exists; empty if there is nothing to do. */
  remedy: string[];
}

/** What the machine lets Otedama use. Changes nothing; tries small allocations and loads drivers. */
export declare function doctor(): Promise<DoctorFinding[]>;

/**
 * verify: each thread judges batches of its own; batch: all threads judge one batch at a time, and how soon it is
 * judged; switch: new work for threads that are mining, and how soon they hash it.
 */
export type BenchMode = 'search' | 'verify' | 'batch' | 'switch';

export interface BenchOptions {
  algorithm: Algorithm;
  mode: BenchMode;
  threads: number;
  seconds: number;
  backend?: string;
  /** The epoch of Ethash, Etchash and KawPow follows from it; 0 when left out. */
  blockNumber?: number;
  /** Of mode batch: 1 to 65535. */
  batchShares?: number;
}

export interface BenchResult {
  algorithm: Algorithm;
  backend: string;
  mode: BenchMode;
  threads: number;
  seconds: number;
  hashes: bigint;
  hashesPerSecond: number;
  /** Results of the timed run were equal to the plain reference implementation's. */
  checked: boolean;
  /**
   * Of batch: from the call to the verdicts. Of switch, whose hashes are first nonces: from setting the work to a
   * thread's first nonce of it.
   */
  latencyMs?: { median: number; p99: number; worst: number };
}

/**
 * A search of Ethash, Etchash or KawPow needs the block's dataset; RandomX without one is searched from the cache.
 * Light caches are built if need be, outside the measured time.
 */
export declare function benchmark(options: BenchOptions, dataset?: Dataset): Promise<BenchResult>;
