/** A caller's mistake, never a peer's: what peers send is answered with values. */
export class ChainParamsError extends Error {
  override readonly name = 'ChainParamsError';
  readonly code:
    | 'DIFFICULTY_RANGE'
    | 'HEIGHT_RANGE'
    | 'TARGET_RANGE'
    | 'TARGET_LENGTH'
    | 'WITNESS_PROGRAM'
    | 'WITNESS_UNKNOWN';

  constructor(code: ChainParamsError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
