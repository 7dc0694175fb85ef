/** A caller's mistake. What a daemon or a miner sent is answered with values instead. */
export class BitcoinFamilyError extends Error {
  override readonly name = 'BitcoinFamilyError';
  readonly code:
    | 'COINBASE_SCRIPT'
    | 'COINBASE_VALUE'
    | 'COINBASE_FORM'
    | 'HEADER_LENGTH'
    | 'HASH_FORM'
    | 'AUX_CHAINS'
    | 'NONCE_RANGE';

  constructor(code: BitcoinFamilyError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
