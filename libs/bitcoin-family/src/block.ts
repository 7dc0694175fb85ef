/** A found block in the form that `submitblock` takes. */
import { compactSize, concatBytes, toHex } from './bytes.ts';
import { assertLegacyCoinbase } from './coinbase.ts';
import { assertHeader } from './header.ts';
import type { BlockTemplate } from './template.ts';
import { WITNESS_RESERVED_VALUE } from './witness.ts';

export interface BlockOptions {
  readonly template: Pick<BlockTemplate, 'transactions' | 'witnessCommitment' | 'mweb'>;
  /** As it was hashed. */
  readonly header: Uint8Array;
  /** Legacy form, with the extranonce in it. */
  readonly coinbase: Uint8Array;
}

/** Hex. Transactions go out as the daemon gave them, byte for byte and in its order. */
export const assembleBlock = ({ template, header, coinbase }: BlockOptions): string => {
  assertHeader(header);
  return serializeBlock({ template, header, coinbase });
};

/** The same behind a header of any length: some coins' headers hold more than the 80 bytes. */
export const serializeBlock = ({ template, header, coinbase }: BlockOptions): string => {
  assertLegacyCoinbase(coinbase);
  const { transactions, witnessCommitment, mweb } = template;
  const parts = [
    toHex(header),
    toHex(compactSize(transactions.length + 1)),
    toHex(witnessCommitment === undefined ? coinbase : withWitness(coinbase)),
    ...transactions.map(({ data }) => data),
  ];
  // The byte says that an extension block follows.
  if (mweb !== undefined) parts.push('01', mweb);
  return parts.join('');
};

/** Marker and flag go behind the version, the reserved value (one stack item of 32 bytes) before the lock time. */
const withWitness = (coinbase: Uint8Array): Uint8Array =>
  concatBytes(
    coinbase.subarray(0, 4),
    Uint8Array.of(0x00, 0x01),
    coinbase.subarray(4, -4),
    Uint8Array.of(0x01, WITNESS_RESERVED_VALUE.length),
    WITNESS_RESERVED_VALUE,
    coinbase.subarray(-4),
  );
