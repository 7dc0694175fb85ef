/**
 * What fixes the price of the shares of a batch, in pools that pay by share: the facts of the newest job that an
 * accepted share of it names, and the pool's terms. The validator writes it behind the account table when it makes
 * the batch durable; a gateway knows nothing of money. So the log of shares alone tells what each share was worth
 * when it was accepted (docs/adr/0012).
 *
 * 56 bytes, little-endian: 0 u8 scheme (1 pps, 2 fpps) · 1 u8 zero · 2 u16 fee, basis points · 4 u32 height ·
 * 8 u128 network work · 24 u128 subsidy · 40 u128 fees of the job's block
 */
export const WORTH_BYTES = 56;

export interface ShareWorth {
  readonly scheme: 'pps' | 'fpps';
  readonly feeBasisPoints: number;
  readonly height: number;
  /** Expected hashes of a block. */
  readonly networkWork: bigint;
  readonly subsidyAtomic: bigint;
  readonly feesAtomic: bigint;
}

const AT = { scheme: 0, fee: 2, height: 4, networkWork: 8, subsidy: 24, fees: 40 } as const;
const SCHEMES = ['pps', 'fpps'] as const;
const LOW = (1n << 64n) - 1n;

export const encodeWorth = (worth: ShareWorth): Buffer => {
  const bytes = Buffer.alloc(WORTH_BYTES);
  const writeU128 = (value: bigint, at: number): void => {
    bytes.writeBigUInt64LE(value & LOW, at);
    bytes.writeBigUInt64LE(value >> 64n, at + 8);
  };
  bytes[AT.scheme] = 1 + SCHEMES.indexOf(worth.scheme);
  bytes.writeUInt16LE(worth.feeBasisPoints, AT.fee);
  bytes.writeUInt32LE(worth.height, AT.height);
  writeU128(worth.networkWork, AT.networkWork);
  writeU128(worth.subsidyAtomic, AT.subsidy);
  writeU128(worth.feesAtomic, AT.fees);
  return bytes;
};

/** Undefined for what is not of this version. */
export const decodeWorth = (bytes: Buffer): ShareWorth | undefined => {
  const scheme = SCHEMES[(bytes[AT.scheme] ?? 0) - 1];
  if (bytes.length !== WORTH_BYTES || scheme === undefined) return undefined;
  const readU128 = (at: number): bigint => bytes.readBigUInt64LE(at) | (bytes.readBigUInt64LE(at + 8) << 64n);
  return {
    scheme,
    feeBasisPoints: bytes.readUInt16LE(AT.fee),
    height: bytes.readUInt32LE(AT.height),
    networkWork: readU128(AT.networkWork),
    subsidyAtomic: readU128(AT.subsidy),
    feesAtomic: readU128(AT.fees),
  };
};
