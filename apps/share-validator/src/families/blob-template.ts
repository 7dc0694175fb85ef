import type { TemplateParts } from '@otedama/cryptonote';
import type { BlobTemplate } from '../shares/share-verifier.ts';
import { asBuffer } from './bytes.ts';

/** What the native verifier needs of a template. */
export const blobTemplateOf = (parts: Pick<TemplateParts, keyof BlobTemplate>): BlobTemplate => ({
  header: asBuffer(parts.header),
  nonceOffset: parts.nonceOffset,
  minerTxVersion: parts.minerTxVersion,
  minerTxPrefix: asBuffer(parts.minerTxPrefix),
  minerTxSuffix: asBuffer(parts.minerTxSuffix),
  extraNonceBytes: parts.extraNonceBytes,
  merkleBranch: asBuffer(parts.merkleBranch),
  txCount: parts.txCount,
});
