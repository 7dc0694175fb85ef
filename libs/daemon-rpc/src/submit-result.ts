/**
 * What a `submitblock` answer means. The words are BIP22's and those of Core, Litecoin and bcoin; here, and
 * only here, a daemon's text decides something. An error that does not say "this block is bad" leaves the
 * outcome unknown: the daemon may have taken the block all the same.
 */
import { cleanText, type DaemonError, type DaemonErrorCode } from './errors.ts';

export type SubmitResult =
  /** `note` is "inconclusive": valid as far as checked, but not on the best chain of this daemon. */
  | { readonly kind: 'accepted'; readonly note?: string }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly code: DaemonErrorCode | 'PARENT_UNKNOWN'; readonly reason: string };

const WORDS: ReadonlyMap<string, SubmitResult> = new Map([
  ['inconclusive', { kind: 'accepted', note: 'inconclusive' }],
  ['duplicate', { kind: 'duplicate' }],
  // Known by its header or stored, not yet fully checked.
  ['duplicate-inconclusive', { kind: 'duplicate' }],
  // The daemon lacks the parent: it may be behind. bcoin keeps such a block and connects it later.
  ['prev-blk-not-found', { kind: 'unknown', code: 'PARENT_UNKNOWN', reason: 'prev-blk-not-found' }],
  ['rejected: bad-prevblk', { kind: 'unknown', code: 'PARENT_UNKNOWN', reason: 'bad-prevblk' }],
]);

/** bcoin says this of blocks that it holds, and of blocks that it knows to be invalid. */
export const AMBIGUOUS_DUPLICATE = 'rejected: duplicate';

export const classifySubmit = (reply: string | null): SubmitResult => {
  if (reply === null) return { kind: 'accepted' };
  const known = WORDS.get(reply);
  if (known !== undefined) return known;
  const reason = cleanText(reply.replace(/^rejected: ?/, ''));
  return { kind: 'rejected', reason: reason === '' ? 'no reason given' : reason };
};

/** RPC_DESERIALIZATION_ERROR: the one error that is a verdict on the block. */
const RPC_DESERIALIZATION_ERROR = -22;

export const classifySubmitError = (error: DaemonError): SubmitResult =>
  error.rpcCode === RPC_DESERIALIZATION_ERROR
    ? { kind: 'rejected', reason: error.detail }
    : { kind: 'unknown', code: error.code, reason: error.detail };
