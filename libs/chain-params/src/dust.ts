/** The least that is worth an output. Source: `GetDustThreshold` in `policy/policy.cpp` of Bitcoin Core. */
import type { BitcoinCoin } from './coin.ts';

/** Of an output beside its script: value and length. */
const OUTPUT_HEAD_BYTES = 9;
/** Of the input that spends it later: with a signature and a key in it, or with a quarter of them as witness. */
const SPEND_BYTES = 148;
const WITNESS_SPEND_BYTES = 67;

const OP_1 = 0x51;
const OP_16 = 0x60;

/** BIP141: a version and one push of 2 to 40 bytes. */
const isWitnessProgram = (script: Uint8Array): boolean => {
  const [version = 0xff, push = 0] = script;
  const isVersion = version === 0 || (version >= OP_1 && version <= OP_16);
  return isVersion && push >= 2 && push <= 40 && script.length === push + 2;
};

export const dustLimitAtomic = ({ dust }: Pick<BitcoinCoin, 'dust'>, script: Uint8Array): bigint => {
  if (dust.kind === 'sum') return dust.atomic;
  const spend = isWitnessProgram(script) ? WITNESS_SPEND_BYTES : SPEND_BYTES;
  return (BigInt(OUTPUT_HEAD_BYTES + script.length + spend) * dust.atomicPerKilobyte) / 1_000n;
};
