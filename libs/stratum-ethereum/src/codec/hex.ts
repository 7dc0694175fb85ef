/** The forms of hex on these wires. */
import { encodeHex } from '@otedama/stratum';

/** A target as it is shown: 64 digits, the most significant first. */
export const targetHex = (targetLe: Uint8Array): string => encodeHex(targetLe.toReversed());

export const quantity = (value: number): string => value.toString(16);

const QUANTITY = /^(?:0x)?([0-9a-f]{1,64})$/i;

/** A number of up to 32 bytes, with or without `0x` and leading zeros; undefined for anything else. */
export const parseQuantity = (text: unknown): number | undefined => {
  const digits = typeof text === 'string' ? QUANTITY.exec(text)?.[1] : undefined;
  return digits === undefined ? undefined : Number(BigInt(`0x${digits}`));
};
