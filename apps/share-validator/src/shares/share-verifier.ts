/** The native verifier as this service needs it: an interface, so that the rest can be tested without it. */
export interface VerifierJob {
  readonly coinbasePrefix: Buffer;
  readonly coinbaseSuffix: Buffer;
  /** 32 bytes per level, internal order. */
  readonly merkleBranch: Buffer;
  readonly prevHash: Buffer;
  readonly bits: number;
  /** 32 bytes, little-endian. */
  readonly networkTarget: Buffer;
}

export interface ShareVerifier {
  addJob(jobKey: number, job: VerifierJob): void;
  removeJob(jobKey: number): void;
  /** Judges in place, with the jobs as they are at the call. */
  verifyBatch(batch: Buffer): Promise<{ readonly candidates: number }>;
}
