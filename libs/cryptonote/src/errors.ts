/**
 * The one exception of this library. Blobs come from daemons and, in self-select, from miners: a decoder
 * throws this and nothing else, whatever the bytes are. The doors for miners turn it into a value.
 */
export type CryptonoteErrorCode =
  | 'TRUNCATED'
  | 'TRAILING_BYTES'
  | 'TOO_LONG'
  | 'VARINT'
  | 'RANGE'
  | 'TX_VERSION'
  | 'TX_INPUT'
  | 'TX_OUTPUT'
  | 'RCT_TYPE'
  | 'EXTRA_FIELD'
  | 'RESERVED_SPACE'
  | 'EXTRA_NONCE_LENGTH'
  | 'NONCE_LENGTH'
  | 'HASH_LENGTH'
  | 'HEX'
  | 'LEAVES'
  | 'HEIGHT_RANGE'
  | 'DIFFICULTY_RANGE';

export class CryptonoteError extends Error {
  override readonly name = 'CryptonoteError';
  readonly code: CryptonoteErrorCode;

  constructor(code: CryptonoteErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
