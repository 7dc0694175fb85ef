/**
 * A password as it is kept: `scrypt$17$8$1$SALT$HASH`, with its own cost, so that the cost can grow and old records
 * still be checked. The hashing itself is asynchronous and is done by whoever holds the records.
 */
export interface ScryptCost {
  /** log2 of N. */
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and about half a second for each try. */
export const SCRYPT_COST: ScryptCost = { log2N: 17, r: 8, p: 1 };
export const SALT_BYTES = 16;
export const HASH_BYTES = 32;

export interface PasswordRecord {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

export const encodePasswordRecord = ({ cost, salt, hash }: PasswordRecord): string =>
  ['scrypt', cost.log2N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');

const RECORD = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/;

export const decodePasswordRecord = (text: string): PasswordRecord | undefined => {
  const [, log2N, r, p, salt = '', hash = ''] = RECORD.exec(text) ?? [];
  if (log2N === undefined) return undefined;
  return {
    cost: { log2N: Number(log2N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
};
