/**
 * The coinbase transaction around a gap for the extranonce, in legacy serialisation: the form whose hash is
 * the first merkle leaf. `assembleBlock` adds the witness when a block is found.
 */
import { assertAuxCommitment, holdsAuxMagic } from './aux/commitment.ts';
import { compactSize, concatBytes, uint32Le, uint64Le } from './bytes.ts';
import { BitcoinFamilyError } from './errors.ts';

export interface CoinbaseOutput {
  readonly valueAtomic: bigint;
  readonly scriptPubKey: Uint8Array;
}

export interface CoinbaseOptions {
  readonly height: number;
  /** All that the coinbase pays: `coinbaseValueAtomic` of the template. */
  readonly valueAtomic: bigint;
  /** Gets what the extra outputs leave. */
  readonly payoutScript: Uint8Array;
  readonly extraOutputs?: readonly CoinbaseOutput[];
  /** Text of the pool. */
  readonly tag: Uint8Array;
  /** `coinbaseFlags` of the template; left out when there is no room, since BIP22 only asks for it. */
  readonly flags?: Uint8Array;
  /** Bytes of this process and job, so that equal extranonces in two jobs give different coinbases. */
  readonly uniqueTag: Uint8Array;
  /** Bytes of extranonce1 and extranonce2 together. */
  readonly extranonceSize: number;
  readonly witnessCommitment?: Uint8Array | undefined;
  /** The 44 bytes of `buildAuxTree`, where chains are mined below this one. */
  readonly auxCommitment?: Uint8Array | undefined;
}

/** Of a coin whose miners never see the coinbase. */
export type FixedCoinbaseOptions = Omit<CoinbaseOptions, 'extranonceSize'>;

export interface CoinbaseParts {
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
}

/** Consensus limit for the coinbase's script; the lower one of 2 bytes is met by any height and extranonce. */
export const MAX_COINBASE_SCRIPT = 100;
/** The longest push of a single-byte opcode. */
const MAX_PUSH = 75;

const VERSION = 2;
const NULL_OUTPOINT = Uint8Array.of(...new Uint8Array(32), 0xff, 0xff, 0xff, 0xff);

/**
 * BIP54 will require that the coinbase is locked to the height before its own and that the lock counts, so
 * that no two coinbases can ever be equal. It is valid today on every chain of this family (a lock below the
 * block's height is final), so blocks found during an activation are safe without an upgrade.
 */
const SEQUENCE = 0xfffffffe;

export const buildCoinbase = (options: CoinbaseOptions): CoinbaseParts => {
  if (!Number.isInteger(options.extranonceSize) || options.extranonceSize < 1) {
    throw new BitcoinFamilyError('COINBASE_SCRIPT', 'the extranonce has at least one byte');
  }
  return coinbaseParts(options);
};

/** The whole transaction. Without an extranonce only the unique tag keeps two jobs apart, so there must be one. */
export const buildFixedCoinbase = (options: FixedCoinbaseOptions): Uint8Array => {
  if (options.uniqueTag.length === 0) {
    throw new BitcoinFamilyError('COINBASE_SCRIPT', 'a coinbase without extranonce needs a unique tag');
  }
  const { prefix, suffix } = coinbaseParts({ ...options, extranonceSize: 0 });
  return concatBytes(prefix, suffix);
};

const coinbaseParts = (options: CoinbaseOptions): CoinbaseParts => {
  const script = scriptParts(options);
  const size = script.head.length + options.extranonceSize + script.tail.length;
  return {
    prefix: concatBytes(uint32Le(VERSION), compactSize(1), NULL_OUTPOINT, compactSize(size), script.head),
    suffix: concatBytes(
      script.tail,
      uint32Le(SEQUENCE),
      encodeOutputs(options),
      uint32Le(options.height - 1),
    ),
  };
};

/**
 * Everything is pushed as data. Nobody runs this script, but nodes count its signature operations: an
 * extranonce that happened to read as OP_CHECKMULTISIG could carry a full block over the limit.
 */
const scriptParts = (options: CoinbaseOptions): { head: Uint8Array; tail: Uint8Array } => {
  const { height, tag, uniqueTag, extranonceSize, flags, auxCommitment } = options;
  const pushed = uniqueTag.length + extranonceSize;
  const aux = auxCommitment === undefined ? new Uint8Array() : pushCommitment(auxCommitment);
  const head = concatBytes(pushHeight(height), aux, Uint8Array.of(pushed), uniqueTag);
  const room = Math.min(MAX_COINBASE_SCRIPT - head.length - extranonceSize - 1, MAX_PUSH);
  if (pushed > MAX_PUSH || tag.length > room) {
    const excess = Math.max(pushed - MAX_PUSH, tag.length - room);
    throw new BitcoinFamilyError('COINBASE_SCRIPT', `the coinbase script is ${excess} bytes too long`);
  }
  // Nodes of the chains below reject a script that has the mark of merged mining twice.
  if (auxCommitment !== undefined && holdsAuxMagic(tag)) {
    throw new BitcoinFamilyError('COINBASE_SCRIPT', 'the tag holds the mark of merged mining');
  }
  const text = flags !== undefined && tag.length + flags.length <= room ? concatBytes(tag, flags) : tag;
  return { head, tail: text.length === 0 ? text : concatBytes(Uint8Array.of(text.length), text) };
};

const pushCommitment = (commitment: Uint8Array): Uint8Array => {
  assertAuxCommitment(commitment);
  return concatBytes(Uint8Array.of(commitment.length), commitment);
};

/** The fifth byte counts the inputs, of which a coinbase has one; zero there is segwit's marker. */
export const assertLegacyCoinbase = (coinbase: Uint8Array): void => {
  if (coinbase[4] !== 1) {
    throw new BitcoinFamilyError('COINBASE_FORM', 'not a coinbase transaction in legacy form');
  }
};

/** BIP34: the height as a script would push it, in the fewest bytes. */
const pushHeight = (height: number): Uint8Array => {
  if (!Number.isInteger(height) || height < 1 || height >= 500_000_000) {
    throw new BitcoinFamilyError('COINBASE_SCRIPT', `no block has the height ${height}`);
  }
  if (height <= 16) return Uint8Array.of(0x50 + height);
  const digits: number[] = [];
  for (let rest = height; rest > 0; rest >>>= 8) digits.push(rest & 0xff);
  // Script numbers are signed: a top bit that is set needs a zero byte above it.
  if ((digits.at(-1) ?? 0) >= 0x80) digits.push(0);
  return Uint8Array.of(digits.length, ...digits);
};

const encodeOutputs = (options: CoinbaseOptions): Uint8Array => {
  const { extraOutputs = [], payoutScript, valueAtomic, witnessCommitment } = options;
  const payout = extraOutputs.reduce((left, output) => left - output.valueAtomic, valueAtomic);
  if (payout < 0n || extraOutputs.some((output) => output.valueAtomic < 0n)) {
    throw new BitcoinFamilyError('COINBASE_VALUE', 'the outputs pay more than the block is worth');
  }
  const outputs: CoinbaseOutput[] = [{ valueAtomic: payout, scriptPubKey: payoutScript }, ...extraOutputs];
  if (witnessCommitment !== undefined) outputs.push({ valueAtomic: 0n, scriptPubKey: witnessCommitment });
  return concatBytes(compactSize(outputs.length), ...outputs.map(encodeOutput));
};

const encodeOutput = ({ valueAtomic, scriptPubKey }: CoinbaseOutput): Uint8Array =>
  concatBytes(uint64Le(valueAtomic), compactSize(scriptPubKey.length), scriptPubKey);
