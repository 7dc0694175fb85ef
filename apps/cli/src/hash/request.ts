/** What `otedama hash` is asked, from the command line or from a line of JSON. Pure: nothing is hashed here. */
import type { Algorithm } from '@otedama/native';

export type HashRequest =
  | { readonly family: 'header'; readonly algorithm: 'sha256d' | 'scrypt'; readonly header: Buffer }
  | {
      readonly family: 'seal';
      readonly algorithm: 'ethash' | 'etchash' | 'kawpow';
      readonly headerHash: Buffer;
      readonly block: number;
      readonly nonce: bigint;
    }
  | {
      readonly family: 'blob';
      readonly algorithm: 'randomx' | 'randomx-v2';
      readonly blob: Buffer;
      readonly seed: Buffer;
    };

/** The fields of a request before they are looked at; from JSON they can be anything. */
export interface HashFields {
  readonly input?: unknown;
  readonly nonce?: unknown;
  readonly block?: unknown;
  readonly seed?: unknown;
  readonly v2?: unknown;
}

/** What is wrong with a request, for people. */
export class RequestError extends Error {}

export const hashAlgorithms = ['sha256d', 'scrypt', 'ethash', 'etchash', 'kawpow', 'randomx'] as const;
export type HashAlgorithm = (typeof hashAlgorithms)[number];
export const isHashAlgorithm = (text: string): text is HashAlgorithm =>
  (hashAlgorithms as readonly string[]).includes(text);

const HEADER_BYTES = 80;
const HEADER_HASH_BYTES = 32;
/** Longer than any coin's hashing blob; RandomX itself takes any length. */
const MAX_BLOB_BYTES = 1 << 20;
/** RandomX's own limit. */
const MAX_SEED_BYTES = 60;
/** Ethereum Classic's activation of ECIP-1099; before it Etchash is Ethash. */
const ETCHASH_ACTIVATION = 11_700_000;

const show = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 40);

const bytesOf = (name: string, value: unknown): Buffer => {
  if (value === undefined) throw new RequestError(`${name} is missing`);
  if (typeof value !== 'string' || !/^(0x)?[0-9a-f]*$/i.test(value))
    throw new RequestError(`${name} must be hex digits, not ${show(value)}`);
  const digits = value.replace(/^0x/i, '');
  if (digits.length % 2 !== 0) throw new RequestError(`${name} has an odd number of hex digits`);
  return Buffer.from(digits, 'hex');
};

const exactly = (name: string, value: unknown, length: number): Buffer => {
  const bytes = bytesOf(name, value);
  if (bytes.length !== length)
    throw new RequestError(`${name} must have ${length} bytes, got ${bytes.length}`);
  return bytes;
};

const atMost = (name: string, value: unknown, length: number): Buffer => {
  const bytes = bytesOf(name, value);
  if (bytes.length > length)
    throw new RequestError(`${name} has at most ${length} bytes, got ${bytes.length}`);
  return bytes;
};

const nonceOf = (value: unknown): bigint => {
  if (value === undefined) throw new RequestError('nonce is missing');
  if (typeof value !== 'string' || !/^(0x)?[0-9a-f]{1,16}$/i.test(value))
    throw new RequestError(`nonce must be 1 to 16 hex digits, not ${show(value)}`);
  return BigInt(`0x${value.replace(/^0x/i, '')}`);
};

const blockOf = (value: unknown): number => {
  if (value === undefined) throw new RequestError('block is missing');
  const block = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof block !== 'number' || !Number.isInteger(block) || block < 0 || block > 0xffff_ffff)
    throw new RequestError(`block must be a number from 0 to 4294967295, not ${show(value)}`);
  return block;
};

const variantOf = (value: unknown): Extract<Algorithm, 'randomx' | 'randomx-v2'> => {
  if (value !== undefined && typeof value !== 'boolean')
    throw new RequestError(`v2 must be true or false, not ${show(value)}`);
  return value === true ? 'randomx-v2' : 'randomx';
};

/** @throws {RequestError} what is missing or malformed */
export const parseHashRequest = (algorithm: HashAlgorithm, fields: HashFields): HashRequest => {
  switch (algorithm) {
    case 'sha256d':
    case 'scrypt':
      return { family: 'header', algorithm, header: exactly('input', fields.input, HEADER_BYTES) };
    case 'ethash':
    case 'etchash':
    case 'kawpow': {
      const block = blockOf(fields.block);
      return {
        family: 'seal',
        algorithm: algorithm === 'etchash' && block < ETCHASH_ACTIVATION ? 'ethash' : algorithm,
        headerHash: exactly('input', fields.input, HEADER_HASH_BYTES),
        block,
        nonce: nonceOf(fields.nonce),
      };
    }
    case 'randomx':
      return {
        family: 'blob',
        algorithm: variantOf(fields.v2),
        blob: atMost('input', fields.input, MAX_BLOB_BYTES),
        seed: atMost('seed', fields.seed, MAX_SEED_BYTES),
      };
  }
};

/** @throws {RequestError} when the line is no JSON object */
export const parseHashLine = (line: string): HashFields => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new RequestError('the line is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RequestError('the line is not a JSON object');
  return value;
};
