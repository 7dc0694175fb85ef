/** What a stream says to an entry: stored, refused for what it is, or not now. */
import type { AppendResult } from '@otedama/contracts';
import type { Msg } from '@nats-io/transport-node';

export type AckOutcome =
  | { readonly kind: 'stored'; readonly result: AppendResult }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'trouble'; readonly reason: string };

/** Codes of the JetStream API that judge the message and not the moment: too large as a whole, or its header. */
const REFUSALS: ReadonlySet<number> = new Set([10_054, 10_097]);

interface Reply {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

const trouble = (reason: string): AckOutcome => ({ kind: 'trouble', reason });

export const readAck = (message: Msg): AckOutcome => {
  // Nobody listens: the stream is not made yet, has no leader, or JetStream is not ready.
  if (message.data.length === 0) return trouble('no stream takes entries');
  const { seq, duplicate, error } = message.json<Reply>();
  if (error !== undefined) {
    const reason = error.description ?? 'refused without a reason';
    return REFUSALS.has(error.err_code ?? 0) ? { kind: 'refused', reason } : trouble(reason);
  }
  if (seq === undefined || seq <= 0) return trouble('an acknowledgement without a sequence');
  return { kind: 'stored', result: { sequence: BigInt(seq), duplicate: duplicate ?? false } };
};
