/// <reference types="node" />

/** scrypt is N=1024, r=1, p=1. */
export type Algorithm = 'sha256d' | 'scrypt';

/**
 * Every error has a `code`: INVALID_ARGUMENT, UNKNOWN_ALGORITHM, BACKEND_UNAVAILABLE, SELF_TEST_FAILED,
 * OUT_OF_MEMORY, TOO_MANY_JOBS, BRANCH_TOO_LONG, COINBASE_TOO_LONG, BATCH_TOO_SHORT, BATCH_MAGIC,
 * BATCH_VERSION, BATCH_LENGTH, BATCH_DETACHED, EXTRANONCE_TOO_LONG, THREAD_COUNT, NO_THREAD,
 * WORKER_PANICKED, INTERNAL (a defect); an argument of a wrong type has the code of Node-API
 * (InvalidArg, NumberExpected, ...).
 */
export interface NativeError extends Error {
  code: string;
}

export interface JobDescription {
  /** Coinbase before the extranonce, legacy serialisation. */
  coinbasePrefix: Buffer;
  /** Coinbase after the extranonce. */
  coinbaseSuffix: Buffer;
  /** 32 bytes per level, internal order; at most 32 levels. */
  merkleBranch: Buffer;
  /** 32 bytes, internal order. */
  prevHash: Buffer;
  bits: number;
  /** 32 bytes, little-endian number. */
  networkTarget: Buffer;
}

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
  /** Throws SELF_TEST_FAILED when the processor's backend does not give the known answers. */
  constructor(algorithm: Algorithm);
  /** Adds or replaces a job; at most 4096 are kept. */
  addJob(jobKey: number, job: JobDescription): void;
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
  extranonce2: Buffer;
  nTime: number;
  nonce: number;
  /** Final header version, rolled inside the mask. */
  version: number;
  /** As hashed: a little-endian number. */
  powHash: Buffer;
}

export interface MinerWork {
  /** 32 bits; returned with each share. */
  workId: number;
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
  /** Share target: 32 bytes, little-endian number. */
  target: Buffer;
}

export interface MinerOptions {
  algorithm: Algorithm;
  /** 1 to 1024. */
  threads: number;
  /** 0 (only idle time) to 5 (before everything else); best effort, Linux only. Unchanged when left out. */
  priority?: number;
}

/**
 * Mines on its own threads, which stop when the object is closed or collected. It does not keep the process
 * alive. Shares wait for the JavaScript thread in a bounded queue; while it is full the threads wait too.
 */
export declare class CpuMiner {
  /** Returns when each thread has passed its self test, which takes some milliseconds. */
  constructor(options: MinerOptions, onShare: (share: MinerShare) => void);
  /** Replaces the work of all threads. A share of the work before may still arrive. */
  setWork(work: MinerWork): void;
  /** Threads sleep until there is work again. */
  clearWork(): void;
  /** Hashes done since the start, per thread. */
  hashes(): bigint[];
  get backend(): string;
  /** Resolves when all threads have ended; work given later is ignored. */
  close(): Promise<void>;
}

/** 32 bytes as hashed. sha256d takes any length, scrypt exactly a header of 80 bytes. */
export declare function hash(algorithm: Algorithm, input: Buffer): Buffer;

export interface CpuFeatures {
  arch: string;
  features: string[];
  /** Usable backends, the preferred one first. */
  backends: Record<Algorithm, string[]>;
  selected: Record<Algorithm, string>;
}

export declare function cpuFeatures(): CpuFeatures;

export interface BenchOptions {
  algorithm: Algorithm;
  mode: 'search' | 'verify';
  threads: number;
  seconds: number;
  backend?: string;
}

export interface BenchResult {
  algorithm: Algorithm;
  backend: string;
  mode: 'search' | 'verify';
  threads: number;
  seconds: number;
  hashes: bigint;
  hashesPerSecond: number;
  /** Results of the timed run were equal to the plain reference implementation's. */
  checked: boolean;
}

export declare function benchmark(options: BenchOptions): Promise<BenchResult>;
