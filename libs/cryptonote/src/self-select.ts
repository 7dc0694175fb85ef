/**
 * Self-select: the miner brings the template of its own daemon. Checked is all that its bytes can show: that it
 * is for the block that the pool is at, that it pays the pool's wallet and nobody else, that the extra nonce of
 * this session is in it, so that nobody else mines it, and that the frame of the block is valid. Whether its
 * transactions exist and are valid, and whether they pay the fees that it claims, only a daemon that has them
 * can say.
 */
import { type Block, parseBlock } from './block.ts';
import { equalBytes } from './bytes.ts';
import { CryptonoteError } from './errors.ts';
import type { MinerTx } from './miner-tx.ts';
import { type TemplateParts, splitBlock } from './template.ts';
import { findExtraNonce } from './tx-extra.ts';
import { type WalletView, paysWallet } from './wallet-view.ts';

/** CRYPTONOTE_MINED_MONEY_UNLOCK_WINDOW: consensus wants exactly this lock. */
export const REWARD_LOCK_BLOCKS = 60;
/** Hard forks from which miner transactions have version 2, and outputs only tagged keys. */
const RCT_MINER_TX_FORK = 12;
const TAGGED_KEYS_FORK = 16;
/**
 * Consensus wants a time after the median of 60 blocks, which lies an hour back, and at most two hours ahead.
 * Daemons with a clock are seconds apart.
 */
export const MAX_TIME_APART_SECONDS = 30 * 60;

/** What the pool's own daemon says, and the extra nonce that this session was told to use. */
export interface MinerTemplateRules {
  readonly height: number;
  readonly prevId: Uint8Array;
  readonly majorVersion: number;
  /** Seconds since 1970, of the pool's template. */
  readonly timestamp: number;
  readonly extraNonce: Uint8Array;
  /** A miner may claim less than a block earns, and would be paid for burning the rest. */
  readonly leastRewardAtomic: bigint;
  readonly payee: WalletView;
}

export type MinerTemplateFault =
  | 'malformed'
  | 'wrong-version'
  | 'wrong-height'
  | 'wrong-previous-block'
  | 'wrong-time'
  | 'invalid-miner-tx'
  | 'reward-too-small'
  | 'missing-extra-nonce'
  | 'wrong-payee';

export type MinerTemplateVerdict =
  /** `parts` have their gap where the session's extra nonce is. */
  | { readonly ok: true; readonly parts: TemplateParts; readonly minerTx: MinerTx }
  | { readonly ok: false; readonly fault: MinerTemplateFault };

/** The curve comes last: it costs a hundred times what the rest does. */
export const judgeMinerTemplate = (blob: Uint8Array, rules: MinerTemplateRules): MinerTemplateVerdict => {
  const block = readBlock(blob);
  if (block === undefined) return { ok: false, fault: 'malformed' };
  const fault = findFault(block, rules);
  if (fault !== undefined) return { ok: false, fault };
  const { minerTx } = block;
  const nonce = findExtraNonce(minerTx.extra);
  if (nonce === undefined || !equalBytes(nonce.bytes, rules.extraNonce)) {
    return { ok: false, fault: 'missing-extra-nonce' };
  }
  if (!paysWallet(minerTx, rules.payee)) return { ok: false, fault: 'wrong-payee' };
  const offset = minerTx.span.extra + nonce.offset;
  return { ok: true, parts: splitBlock(block, offset, rules.extraNonce.length), minerTx };
};

const readBlock = (blob: Uint8Array): Block | undefined => {
  try {
    return parseBlock(blob);
  } catch (error) {
    if (error instanceof CryptonoteError) return undefined;
    throw error;
  }
};

const findFault = ({ header, minerTx }: Block, rules: MinerTemplateRules): MinerTemplateFault | undefined => {
  // The minor version is a vote, which must not be for an older fork.
  if (header.majorVersion !== rules.majorVersion || header.minorVersion < rules.majorVersion)
    return 'wrong-version';
  if (minerTx.height !== rules.height) return 'wrong-height';
  if (!equalBytes(header.prevId, rules.prevId)) return 'wrong-previous-block';
  if (Math.abs(header.timestamp - rules.timestamp) > MAX_TIME_APART_SECONDS) return 'wrong-time';
  if (!isMinerTxValid(minerTx, rules.majorVersion)) return 'invalid-miner-tx';
  return minerTx.rewardAtomic < rules.leastRewardAtomic ? 'reward-too-small' : undefined;
};

/** Daemons have made miner transactions with a single output since fork 4. */
const isMinerTxValid = (minerTx: MinerTx, majorVersion: number): boolean =>
  minerTx.unlockHeight === minerTx.height + REWARD_LOCK_BLOCKS &&
  minerTx.outputs.length === 1 &&
  (majorVersion < RCT_MINER_TX_FORK || minerTx.version === 2) &&
  (majorVersion < TAGGED_KEYS_FORK || minerTx.outputs.every(({ viewTag }) => viewTag !== undefined));
