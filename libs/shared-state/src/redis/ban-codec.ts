/** A ban as Redis has it. Its end is told beside it: the clocks of a fleet differ. */
import { parsePrefix } from '@otedama/edge';
import { BAN_REASONS, type BanReason, type BanSubject } from '../bans/ban-list.ts';
import type { HeldBan } from '../bans/held-bans.ts';

export const encodeBan = ({ subject, reason, note, by, sinceMs }: HeldBan): string =>
  JSON.stringify({ subject, reason, note, by, sinceMs });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isReason = (value: unknown): value is BanReason => BAN_REASONS.some((reason) => reason === value);

const isNetwork = (value: unknown): value is string =>
  typeof value === 'string' && parsePrefix(value) !== undefined;

const subjectOf = (value: unknown): BanSubject | undefined => {
  if (!isRecord(value)) return undefined;
  const { kind, network, poolId, account, worker } = value;
  if (kind === 'network') return isNetwork(network) ? { kind, network } : undefined;
  if (typeof poolId !== 'string' || typeof account !== 'string') return undefined;
  if (kind === 'account') return { kind, poolId, account };
  if (kind !== 'miner' || !isNetwork(network)) return undefined;
  if (worker === undefined) return { kind, network, poolId, account };
  return typeof worker === 'string' ? { kind, network, poolId, account, worker } : undefined;
};

/** Undefined for what another version has written and this one does not know. */
export const decodeBan = (json: string, endsAtMs: number): HeldBan | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isRecord(value)) return undefined;
  const { reason, note, by, sinceMs } = value;
  const subject = subjectOf(value.subject);
  if (subject === undefined || !isReason(reason) || typeof sinceMs !== 'number') return undefined;
  if (typeof note !== 'string' || typeof by !== 'string') return undefined;
  return { subject, reason, note, by, sinceMs, endsAtMs };
};
