/** Why a request had no answer, by the same codes in every driver. */
export class NoRespondersError extends Error {
  override readonly name = 'NoRespondersError';
  readonly code = 'NO_RESPONDERS';

  constructor(pattern: string) {
    super(`nobody answers ${pattern}`);
  }
}

export type TransportErrorCode =
  /** No answer within the time; the request may have been carried out. */
  | 'TIMEOUT'
  /** There is no connection, or it was lost before the answer came. */
  | 'DISCONNECTED'
  /** More requests are under way than one client may have. */
  | 'TOO_MANY_REQUESTS'
  /** Larger than the server lets through. */
  | 'PAYLOAD_TOO_LARGE'
  /** Whoever answered could not do it; its own code is in the text. */
  | 'REFUSED';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type BusLimitCode =
  /** More subjects than one process may use. */
  | 'BUS_SUBJECTS'
  /** An event larger than the server lets through. */
  | 'BUS_PAYLOAD';

/** What is asked of a last-value bus would make it grow without end; nothing was published. */
export class BusLimitError extends Error {
  override readonly name = 'BusLimitError';
  readonly code: BusLimitCode;

  constructor(code: BusLimitCode, message: string) {
    super(message);
    this.code = code;
  }
}
