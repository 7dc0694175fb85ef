/** The native verifier as this service needs it: an interface, so that the rest can be tested without it. */
/** What a share of the job completes, by family; `networkTarget` has 32 bytes, little-endian. */
export type VerifierJob = CoinbaseJob | BlobJob | SealJob;

export interface CoinbaseJob {
  readonly coinbasePrefix: Buffer;
  readonly coinbaseSuffix: Buffer;
  /** 32 bytes per level, internal order. */
  readonly merkleBranch: Buffer;
  readonly prevHash: Buffer;
  readonly bits: number;
  readonly networkTarget: Buffer;
}

/** The parts of `libs/cryptonote`, which each share's own extra nonce completes. */
export interface BlobTemplate {
  readonly header: Buffer;
  readonly nonceOffset: number;
  readonly minerTxVersion: 1 | 2;
  readonly minerTxPrefix: Buffer;
  readonly minerTxSuffix: Buffer;
  readonly extraNonceBytes: number;
  readonly merkleBranch: Buffer;
  readonly txCount: number;
}

export interface BlobJob extends BlobTemplate {
  readonly seed: Buffer;
  readonly networkTarget: Buffer;
}

export interface SealJob {
  readonly headerHash: Buffer;
  readonly blockNumber: number;
  readonly networkTarget: Buffer;
}

/** Memory that takes long to build: a light cache of the Ethash family's epochs, or of a RandomX key. */
export type VerifierContext = { readonly blockNumber: number } | { readonly seed: Buffer };

export interface ShareVerifier {
  addJob(jobKey: number, job: VerifierJob): void;
  removeJob(jobKey: number): void;
  /** Shares of the job with this extra nonce are judged by the template; it goes with the job. */
  adoptTemplate(jobKey: number, extraNonce: Buffer, template: BlobTemplate): void;
  /** Builds the context unless it is there; resolves when shares can be judged with it. */
  prepare(context: VerifierContext): Promise<void>;
  /** Judges in place, with the jobs as they are at the call. */
  verifyBatch(batch: Buffer): Promise<{ readonly candidates: number }>;
}
