/**
 * The miner transaction (coinbase): version 1 before RingCT, version 2 since. Only its frame is decoded; an
 * output's keys are shown as they are, since whom they pay can be told with the wallet's view key only (wallet-view.ts).
 */
import type { ByteReader } from './byte-reader.ts';
import { concatBytes, keccak256 } from './bytes.ts';
import { CryptonoteError } from './errors.ts';
import { HASH_BYTES, MAX_EXTRA_BYTES } from './limits.ts';
import { MAX_U64 } from './varint.ts';

const COINBASE_INPUT = 0xff;
const OUTPUT_TO_KEY = 0x02;
const OUTPUT_TO_TAGGED_KEY = 0x03;
/** RCTTypeNull, the only byte of a version 2 miner transaction after its prefix. */
export const RCT_TYPE_NULL = 0x00;
/** Amount, type and key: no output is shorter. */
const MIN_OUTPUT_BYTES = 1 + 1 + HASH_BYTES;

export interface MinerTxOutput {
  readonly amountAtomic: bigint;
  readonly key: Uint8Array;
  /** Of tagged keys (hard fork 15 and later). */
  readonly viewTag: number | undefined;
}

export interface MinerTx {
  readonly version: 1 | 2;
  /** Height from which the reward can be spent. */
  readonly unlockHeight: number;
  /** Of the block. */
  readonly height: number;
  readonly outputs: readonly MinerTxOutput[];
  readonly rewardAtomic: bigint;
  /** A view into the blob. */
  readonly extra: Uint8Array;
  /** Where it stands in the blob: the prefix is what is hashed, version 2 has one byte more behind it. */
  readonly span: {
    readonly start: number;
    readonly extra: number;
    readonly prefixEnd: number;
    readonly end: number;
  };
}

export const readMinerTx = (reader: ByteReader): MinerTx => {
  const start = reader.offset;
  const version = reader.number(Number.MAX_SAFE_INTEGER, 'transaction version');
  if (version !== 1 && version !== 2) {
    throw new CryptonoteError('TX_VERSION', `miner transaction of unknown version ${version}`);
  }
  const unlockHeight = reader.number(Number.MAX_SAFE_INTEGER, 'unlock time');
  const height = readInput(reader);
  const outputs = readOutputs(reader);
  const rewardAtomic = outputs.reduce((sum, { amountAtomic }) => sum + amountAtomic, 0n);
  if (rewardAtomic > MAX_U64) throw new CryptonoteError('RANGE', 'outputs of the miner transaction overflow');
  const extraBytes = reader.number(MAX_EXTRA_BYTES, 'length of extra');
  const extraStart = reader.offset;
  const extra = reader.take(extraBytes, 'extra');
  const prefixEnd = reader.offset;
  if (version === 2 && reader.byte('RingCT type') !== RCT_TYPE_NULL) {
    throw new CryptonoteError('RCT_TYPE', 'a miner transaction has no RingCT signatures');
  }
  const span = { start, extra: extraStart, prefixEnd, end: reader.offset };
  return { version, unlockHeight, height, outputs, rewardAtomic, extra, span };
};

const readInput = (reader: ByteReader): number => {
  if (reader.varint() !== 1n || reader.byte('input type') !== COINBASE_INPUT) {
    throw new CryptonoteError('TX_INPUT', 'a miner transaction has one input, the block height');
  }
  return reader.number(Number.MAX_SAFE_INTEGER, 'height');
};

const readOutputs = (reader: ByteReader): MinerTxOutput[] => {
  const count = reader.count(MIN_OUTPUT_BYTES, 'outputs');
  if (count === 0) throw new CryptonoteError('TX_OUTPUT', 'a miner transaction pays at least one output');
  return Array.from({ length: count }, () => {
    const amountAtomic = reader.varint();
    const type = reader.byte('output type');
    if (type !== OUTPUT_TO_KEY && type !== OUTPUT_TO_TAGGED_KEY) {
      throw new CryptonoteError('TX_OUTPUT', `output of unknown type ${type} before ${reader.offset}`);
    }
    const key = reader.take(HASH_BYTES, 'output key');
    return {
      amountAtomic,
      key,
      viewTag: type === OUTPUT_TO_TAGGED_KEY ? reader.byte('view tag') : undefined,
    };
  });
};

/** keccak of the RingCT part and 32 zeros for the signatures that a miner transaction does not have. */
const RCT_TAIL = concatBytes(keccak256(Uint8Array.of(RCT_TYPE_NULL)), new Uint8Array(HASH_BYTES));

/** The transaction id from the bytes of the prefix. Version 1 has nothing after it, so that its hash is the id. */
export const hashMinerTx = (version: 1 | 2, prefix: Uint8Array): Uint8Array => {
  const prefixHash = keccak256(prefix);
  return version === 1 ? prefixHash : keccak256(concatBytes(prefixHash, RCT_TAIL));
};
