/** Where a message of a consumer stands, as the server writes it into the subject for acknowledgements. */
export interface Delivery {
  readonly sequence: bigint;
  /** The how manieth message of its consumer: a gap is a message that was lost on the way. */
  readonly delivery: number;
  /** Messages after it that the consumer has yet to send. */
  readonly pending: number;
}

/** `$JS.ACK.stream.consumer.deliveries.sequence.delivery.time.pending`, or with a domain and account before. */
const PLAIN_TOKENS = 9;
const PLAIN_AT = 5;
const DOMAIN_AT = 7;

export const positionOf = (ackSubject: string): Delivery | undefined => {
  const tokens = ackSubject.split('.');
  if (tokens.length < PLAIN_TOKENS || tokens[1] !== 'ACK') return undefined;
  const at = tokens.length === PLAIN_TOKENS ? PLAIN_AT : DOMAIN_AT;
  const [sequence = '', delivery = '', , pending = ''] = tokens.slice(at);
  if (![sequence, delivery, pending].every((token) => /^\d+$/.test(token))) return undefined;
  return { sequence: BigInt(sequence), delivery: Number(delivery), pending: Number(pending) };
};
