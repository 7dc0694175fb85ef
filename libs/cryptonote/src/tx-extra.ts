/**
 * The `extra` of a transaction: tagged fields. Consensus lets any bytes stand there, so reading never fails:
 * from the first field that is unknown or malformed on, everything is kept as one `unknown` field, which is
 * also where monerod stops reading. Serialising what was read gives the same bytes.
 */
import { ByteReader } from './byte-reader.ts';
import { concatBytes } from './bytes.ts';
import { CryptonoteError } from './errors.ts';
import { HASH_BYTES, MAX_EXTRA_NONCE_BYTES, MAX_PADDING_BYTES } from './limits.ts';
import { encodeVarint } from './varint.ts';

export const EXTRA_TAG = {
  padding: 0x00,
  publicKey: 0x01,
  nonce: 0x02,
  mergeMining: 0x03,
  additionalKeys: 0x04,
} as const;

export type ExtraField =
  /** Zeros up to the end; the length counts the tag, itself a zero. */
  | { readonly kind: 'padding'; readonly length: number }
  | { readonly kind: 'public-key'; readonly key: Uint8Array }
  | { readonly kind: 'nonce'; readonly bytes: Uint8Array }
  /** `depth` is whatever the merge-mined chain packs there: a depth once, several numbers for p2pool. */
  | { readonly kind: 'merge-mining'; readonly depth: bigint; readonly root: Uint8Array }
  /** One key per output, flat. */
  | { readonly kind: 'additional-keys'; readonly keys: Uint8Array }
  | { readonly kind: 'unknown'; readonly bytes: Uint8Array };

export const parseTxExtra = (extra: Uint8Array): ExtraField[] => {
  const fields: ExtraField[] = [];
  const reader = new ByteReader(extra);
  while (reader.remaining > 0) {
    const start = reader.offset;
    const field = readField(reader);
    if (field === undefined) {
      fields.push({ kind: 'unknown', bytes: extra.subarray(start) });
      break;
    }
    fields.push(field);
  }
  return fields;
};

const readField = (reader: ByteReader): ExtraField | undefined => {
  try {
    return readKnownField(reader);
  } catch (error) {
    if (error instanceof CryptonoteError) return undefined;
    throw error;
  }
};

const readKnownField = (reader: ByteReader): ExtraField | undefined => {
  switch (reader.byte('extra tag')) {
    case EXTRA_TAG.padding:
      return readPadding(reader);
    case EXTRA_TAG.publicKey:
      return { kind: 'public-key', key: reader.take(HASH_BYTES, 'public key') };
    case EXTRA_TAG.nonce: {
      const length = reader.number(MAX_EXTRA_NONCE_BYTES, 'extra nonce length');
      return { kind: 'nonce', bytes: reader.take(length, 'extra nonce') };
    }
    case EXTRA_TAG.mergeMining:
      return readMergeMining(reader);
    case EXTRA_TAG.additionalKeys: {
      const count = reader.count(HASH_BYTES, 'additional keys');
      return { kind: 'additional-keys', keys: reader.take(HASH_BYTES * count, 'additional keys') };
    }
    default:
      return undefined;
  }
};

const readPadding = (reader: ByteReader): ExtraField | undefined => {
  const rest = reader.take(reader.remaining, 'padding');
  if (rest.length >= MAX_PADDING_BYTES || rest.some((byte) => byte !== 0)) return undefined;
  return { kind: 'padding', length: rest.length + 1 };
};

const readMergeMining = (reader: ByteReader): ExtraField => {
  const body = new ByteReader(reader.take(reader.count(1, 'merge mining tag'), 'merge mining tag'));
  const depth = body.varint();
  const root = body.take(HASH_BYTES, 'merge mining root');
  body.end();
  return { kind: 'merge-mining', depth, root };
};

export const serializeTxExtra = (fields: readonly ExtraField[]): Uint8Array =>
  concatBytes(...fields.map(serializeField));

const serializeField = (field: ExtraField): Uint8Array => {
  switch (field.kind) {
    case 'padding':
      demand(field.length >= 1 && field.length <= MAX_PADDING_BYTES, 'padding has 1 to 255 bytes');
      return new Uint8Array(field.length);
    case 'public-key':
      demand(field.key.length === HASH_BYTES, 'a key has 32 bytes');
      return concatBytes(Uint8Array.of(EXTRA_TAG.publicKey), field.key);
    case 'nonce':
      demand(field.bytes.length <= MAX_EXTRA_NONCE_BYTES, 'a nonce has at most 255 bytes');
      return concatBytes(Uint8Array.of(EXTRA_TAG.nonce), encodeVarint(field.bytes.length), field.bytes);
    case 'merge-mining': {
      demand(field.root.length === HASH_BYTES, 'a root has 32 bytes');
      const body = concatBytes(encodeVarint(field.depth), field.root);
      return concatBytes(Uint8Array.of(EXTRA_TAG.mergeMining), encodeVarint(body.length), body);
    }
    case 'additional-keys': {
      demand(field.keys.length % HASH_BYTES === 0, 'a key has 32 bytes');
      const count = encodeVarint(field.keys.length / HASH_BYTES);
      return concatBytes(Uint8Array.of(EXTRA_TAG.additionalKeys), count, field.keys);
    }
    case 'unknown':
      return field.bytes;
  }
};

const demand = (holds: boolean, message: string): void => {
  if (!holds) throw new CryptonoteError('EXTRA_FIELD', message);
};

export interface LocatedNonce {
  /** Of the first byte after the length, within the extra. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The first nonce field, the only one that monerod and pools look at. */
export const findExtraNonce = (extra: Uint8Array): LocatedNonce | undefined => {
  let end = 0;
  for (const field of parseTxExtra(extra)) {
    // Fields have one spelling, so their lengths add up to where this one ends.
    end += serializeField(field).length;
    if (field.kind === 'nonce') return { offset: end - field.bytes.length, bytes: field.bytes };
  }
  return undefined;
};
