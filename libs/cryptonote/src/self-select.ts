/**
 * Self-select: the miner brings the template of its own daemon. Checked is what makes its shares count: that
 * it is for the block that the pool is at, with the pool's extra nonce for this session in it, so that nobody
 * else mines it, and that the frame of the block is valid. Whom it pays can be told with the wallet's view
 * key only, and its transactions by a daemon only.
 */
import { type Block, parseBlock } from './block.ts';
import { equalBytes } from './bytes.ts';
import { CryptonoteError } from './errors.ts';
import type { MinerTx } from './miner-tx.ts';
import { type TemplateParts, splitBlock } from './template.ts';
import { type LocatedNonce, findExtraNonce } from './tx-extra.ts';

/** CRYPTONOTE_MINED_MONEY_UNLOCK_WINDOW: consensus wants exactly this lock. */
export const REWARD_LOCK_BLOCKS = 60;
/** Hard forks from which miner transactions have version 2, and outputs only tagged keys. */
const RCT_MINER_TX_FORK = 12;
const TAGGED_KEYS_FORK = 16;

/** Decoded from `block_template`; the claims beside the blob are checked too, a wrong one being a miner's bug. */
export interface MinerTemplate {
  readonly blob: Uint8Array;
  readonly height: number;
  readonly prevId: Uint8Array;
  readonly seedHash: Uint8Array | undefined;
}

/** What the pool's own daemon says, and the extra nonce that this session was told to use. */
export interface MinerTemplateRules {
  readonly height: number;
  readonly prevId: Uint8Array;
  readonly seedHash: Uint8Array;
  readonly majorVersion: number;
  readonly extraNonce: Uint8Array;
}

export type MinerTemplateFault =
  | 'malformed'
  | 'wrong-version'
  | 'wrong-height'
  | 'wrong-previous-block'
  | 'wrong-seed'
  | 'invalid-miner-tx'
  | 'missing-extra-nonce';

export type MinerTemplateVerdict =
  /** `parts` have their gap where the session's extra nonce is; the outputs are for who has the view key. */
  | { readonly ok: true; readonly parts: TemplateParts; readonly minerTx: MinerTx }
  | { readonly ok: false; readonly fault: MinerTemplateFault };

export const judgeMinerTemplate = (
  template: MinerTemplate,
  rules: MinerTemplateRules,
): MinerTemplateVerdict => {
  const block = readBlock(template.blob);
  if (block === undefined) return { ok: false, fault: 'malformed' };
  const fault = findFault(block, template, rules);
  if (fault !== undefined) return { ok: false, fault };
  const nonce = findExtraNonce(block.minerTx.extra);
  if (nonce === undefined || !startsWith(nonce, rules.extraNonce))
    return { ok: false, fault: 'missing-extra-nonce' };
  const offset = block.minerTx.span.extra + nonce.offset;
  return { ok: true, parts: splitBlock(block, offset, rules.extraNonce.length), minerTx: block.minerTx };
};

const readBlock = (blob: Uint8Array): Block | undefined => {
  try {
    return parseBlock(blob);
  } catch (error) {
    if (error instanceof CryptonoteError) return undefined;
    throw error;
  }
};

const findFault = (
  { header, minerTx }: Block,
  claims: MinerTemplate,
  rules: MinerTemplateRules,
): MinerTemplateFault | undefined => {
  // The minor version is a vote, which must not be for an older fork.
  if (header.majorVersion !== rules.majorVersion || header.minorVersion < rules.majorVersion)
    return 'wrong-version';
  if (minerTx.height !== rules.height || claims.height !== rules.height) return 'wrong-height';
  if (!equalBytes(header.prevId, rules.prevId) || !equalBytes(claims.prevId, rules.prevId)) {
    return 'wrong-previous-block';
  }
  if (claims.seedHash !== undefined && !equalBytes(claims.seedHash, rules.seedHash)) return 'wrong-seed';
  return isMinerTxValid(minerTx, rules.majorVersion) ? undefined : 'invalid-miner-tx';
};

const isMinerTxValid = (minerTx: MinerTx, majorVersion: number): boolean =>
  minerTx.unlockHeight === minerTx.height + REWARD_LOCK_BLOCKS &&
  (majorVersion < RCT_MINER_TX_FORK || minerTx.version === 2) &&
  (majorVersion < TAGGED_KEYS_FORK || minerTx.outputs.every(({ viewTag }) => viewTag !== undefined));

/** monerod puts it there alone when asked with `extra_nonce`; a longer field is as unique. */
const startsWith = ({ bytes }: LocatedNonce, extraNonce: Uint8Array): boolean =>
  equalBytes(bytes.subarray(0, extraNonce.length), extraNonce);
