/** Hashing blobs of sessions, by the native core: a broadcast makes one for every session of the pool. */
import type { CryptonoteTemplate } from '@otedama/contracts';

/** Fields as `TemplateParts` of the native package. */
export interface BlobParts {
  readonly header: Buffer;
  readonly nonceOffset: number;
  readonly minerTxVersion: 1 | 2;
  readonly minerTxPrefix: Buffer;
  readonly minerTxSuffix: Buffer;
  readonly extraNonceBytes: number;
  readonly merkleBranch: Buffer;
  readonly txCount: number;
}

export interface BlobTemplate {
  hashingBlob(extraNonce: Buffer): Buffer;
}

/** `(parts) => new BlobTemplate(parts)` of the native package. */
export type CreateBlobTemplate = (parts: BlobParts) => BlobTemplate;

/** What of a template a blob is made of. */
type Template = Pick<
  CryptonoteTemplate,
  | 'header'
  | 'nonceOffset'
  | 'minerTxVersion'
  | 'minerTxPrefix'
  | 'minerTxSuffix'
  | 'extraNonceBytes'
  | 'merkleBranch'
  | 'txCount'
>;

/** Views, not copies. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Each template is handed over once, and forgotten with it. */
export const createBlobOf = (create: CreateBlobTemplate) => {
  const known = new WeakMap<Template, BlobTemplate>();
  return (template: Template, extraNonce: Uint8Array): Uint8Array => {
    let blobs = known.get(template);
    if (blobs === undefined) {
      const { header, minerTxPrefix, minerTxSuffix, merkleBranch, ...rest } = template;
      const { nonceOffset, minerTxVersion, extraNonceBytes, txCount } = rest;
      blobs = create({
        header: asBuffer(header),
        nonceOffset,
        minerTxVersion,
        minerTxPrefix: asBuffer(minerTxPrefix),
        minerTxSuffix: asBuffer(minerTxSuffix),
        extraNonceBytes,
        merkleBranch: asBuffer(merkleBranch),
        txCount,
      });
      known.set(template, blobs);
    }
    return blobs.hashingBlob(asBuffer(extraNonce));
  };
};
