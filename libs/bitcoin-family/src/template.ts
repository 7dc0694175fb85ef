/**
 * The answer of getblocktemplate (BIP22, BIP23, BIP145; MWEB for Litecoin), checked and decoded. Keys that we
 * do not use may be there or not; those that we do must be right, because a block is built from them.
 */
import { bitsToTarget } from '@otedama/chain-params';

import { equalBytes, fromDisplay, fromHex } from './bytes.ts';
import { type TemplateRoom, roomOf } from './room.ts';
import { type RawTemplate, type RawTransaction, checkShape } from './template-shape.ts';
import { witnessCommitmentScript } from './witness.ts';

export interface TemplateTransaction {
  /** As the daemon serialises it, witness included, in hex: it goes back to a daemon and nowhere else. */
  readonly data: string;
  /** Internal order; the daemon's word, since Litecoin's last transaction cannot be hashed like others. */
  readonly txid: Uint8Array;
  readonly wtxid: Uint8Array;
  readonly feeAtomic: bigint | undefined;
}

export interface BlockTemplate {
  /** u32. */
  readonly version: number;
  /** Internal order. */
  readonly previousBlockHash: Uint8Array;
  /** In the daemon's order, which must stay: later ones spend earlier ones, and MWEB's comes last. */
  readonly transactions: readonly TemplateTransaction[];
  /** Subsidy and fees: the most that the coinbase may pay. */
  readonly coinbaseValueAtomic: bigint;
  readonly bits: number;
  readonly target: bigint;
  /** Seconds since 1970; never before `minTime`. */
  readonly currentTime: number;
  readonly minTime: number;
  readonly height: number;
  readonly rules: readonly string[];
  /** Output script. Present exactly when the block needs it, its coinbase then has a witness as well. */
  readonly witnessCommitment: Uint8Array | undefined;
  /** Extension block of Litecoin, in hex. */
  readonly mweb: string | undefined;
  readonly longPollId: string | undefined;
  /** Bytes that the daemon would like to see in the coinbase. */
  readonly coinbaseFlags: Uint8Array;
  readonly room: TemplateRoom;
}

export type ParsedTemplate =
  | { readonly ok: true; readonly template: BlockTemplate }
  | { readonly ok: false; readonly reason: string };

/** Rules whose `!` (BIP9: do not mine if you do not know it) we can answer for. */
const KNOWN_RULES: ReadonlySet<string> = new Set(['csv', 'segwit', 'taproot', 'signet', 'mweb', 'testdummy']);

export interface TemplateOptions {
  /** Segregated witness is a fact of the chain since its start, so that daemons do not list it as a rule. */
  readonly segwitAlways?: boolean;
}

/** The one signet challenge that needs no signature: OP_TRUE. */
const OPEN_SIGNET_CHALLENGE = '51';

export const parseBlockTemplate = (value: unknown, options: TemplateOptions = {}): ParsedTemplate => {
  const shape = checkShape(value);
  if (!shape.ok) return { ok: false, reason: `block template: ${shape.reason}` };
  const reason = findMeaningFault(shape.raw);
  if (reason !== undefined) return { ok: false, reason: `block template: ${reason}` };
  const segwit = options.segwitAlways === true || hasRule(shape.raw, 'segwit');
  return { ok: true, template: decodeTemplate(shape.raw, segwit) };
};

const hasRule = (raw: RawTemplate, name: string): boolean =>
  (raw.rules ?? []).some((rule) => rule === name || rule === `!${name}`);

const findMeaningFault = (raw: RawTemplate): string | undefined => {
  const unknown = raw.rules?.find((rule) => rule.startsWith('!') && !KNOWN_RULES.has(rule.slice(1)));
  if (unknown !== undefined) return `it demands the rule ${unknown}, which this version does not know`;
  if (bitsToTarget(Number.parseInt(raw.bits, 16)) === undefined) return 'no hash can meet its bits';
  if (raw.signet_challenge != null && raw.signet_challenge !== OPEN_SIGNET_CHALLENGE) {
    return 'blocks of this signet need a signature that only its operators can make';
  }
  if (hasRule(raw, 'mweb') && raw.mweb == null) return 'MWEB is active but the extension block is missing';
  if (raw.mweb != null && raw.transactions.length === 0) {
    return 'it has an extension block but not the transaction that carries it';
  }
  return undefined;
};

const decodeTransaction = (raw: RawTransaction): TemplateTransaction => {
  const txid = fromDisplay(raw.txid);
  return {
    data: raw.data,
    txid,
    // Daemons from before segwit have no `hash`, and then it is the same.
    wtxid: raw.hash == null ? txid : fromDisplay(raw.hash),
    feeAtomic: raw.fee == null ? undefined : BigInt(raw.fee),
  };
};

const decodeTemplate = (raw: RawTemplate, segwit: boolean): BlockTemplate => {
  const transactions = raw.transactions.map(decodeTransaction);
  const bits = Number.parseInt(raw.bits, 16);
  const minTime = raw.mintime ?? raw.curtime;
  return {
    version: raw.version >>> 0,
    previousBlockHash: fromDisplay(raw.previousblockhash),
    transactions,
    coinbaseValueAtomic: BigInt(raw.coinbasevalue),
    bits,
    target: bitsToTarget(bits) ?? 0n,
    currentTime: Math.max(raw.curtime, minTime),
    minTime,
    height: raw.height,
    rules: raw.rules ?? [],
    witnessCommitment: segwit ? chooseCommitment(raw, transactions) : undefined,
    mweb: raw.mweb ?? undefined,
    longPollId: raw.longpollid ?? undefined,
    coinbaseFlags: fromHex(raw.coinbaseaux?.flags ?? ''),
    room: roomOf(raw),
  };
};

/**
 * Only where segwit is active: some daemons (bcoin on regtest below height 432) offer a commitment before, when
 * a coinbase with a witness is refused. And BIP145 lets them leave it out when it is, to be computed here.
 */
const chooseCommitment = (
  raw: RawTemplate,
  transactions: readonly TemplateTransaction[],
): Uint8Array | undefined => {
  if (raw.default_witness_commitment != null) return fromHex(raw.default_witness_commitment);
  const hasWitness = transactions.some(({ txid, wtxid }) => !equalBytes(txid, wtxid));
  return hasWitness ? witnessCommitmentScript(transactions.map(({ wtxid }) => wtxid)) : undefined;
};
