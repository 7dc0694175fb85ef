/** Coins of the wallet as inputs: only those whose weight is known before they are signed. */

export interface WalletCoin {
  /** Display order. */
  readonly txid: string;
  readonly index: number;
  readonly amountAtomic: bigint;
  readonly scriptPubKey: Uint8Array;
  /** What spending it adds to a transaction, with the longest signature. */
  readonly inputWeight: number;
}

/** As `SignedTransaction.spends` names it. */
export const outpointOf = ({ txid, index }: { readonly txid: string; readonly index: number }): string =>
  `${txid}:${index}`;

/** Outpoint, empty script and sequence, outside the witness. */
const BARE_INPUT = 4 * (36 + 1 + 4);
/** Push of a signature of 73 bytes; with the push of a compressed key. */
const SIGNATURE = 1 + 73;
const SIGNATURE_AND_KEY = SIGNATURE + 1 + 33;
/** Each with the number of its stack items. */
const KEY_HASH_WITNESS = 1 + SIGNATURE_AND_KEY;
const TAPROOT_WITNESS = 1 + 1 + 65;
/** Push of a version 0 program in the input's script. */
const NESTED_PROGRAM = 4 * (1 + 22);

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const WEIGHTS: readonly (readonly [script: RegExp, weight: number])[] = [
  [/^0014[0-9a-f]{40}$/, BARE_INPUT + KEY_HASH_WITNESS],
  [/^5120[0-9a-f]{64}$/, BARE_INPUT + TAPROOT_WITNESS],
  [/^76a914[0-9a-f]{40}88ac$/, BARE_INPUT + 4 * SIGNATURE_AND_KEY],
  [/^21[0-9a-f]{66}ac$/, BARE_INPUT + 4 * SIGNATURE],
  [/^41[0-9a-f]{130}ac$/, BARE_INPUT + 4 * SIGNATURE],
];
const NESTED_KEY_HASH = /^0014[0-9a-f]{40}$/;
const SCRIPT_HASH = /^a914[0-9a-f]{40}87$/;

/** Undefined: a script that takes more than one key of this wallet, which is left alone. */
export const inputWeight = (
  scriptPubKey: Uint8Array,
  redeemScript: string | undefined,
): number | undefined => {
  const script = hexOf(scriptPubKey);
  if (SCRIPT_HASH.test(script)) {
    const isNested = redeemScript !== undefined && NESTED_KEY_HASH.test(redeemScript);
    return isNested ? BARE_INPUT + NESTED_PROGRAM + KEY_HASH_WITNESS : undefined;
  }
  return WEIGHTS.find(([pattern]) => pattern.test(script))?.[1];
};
