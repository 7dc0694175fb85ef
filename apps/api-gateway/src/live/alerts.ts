/**
 * What people should know, made from what services say anyway, pure: the alerts so far and the figures of now give
 * the alerts of now. A trouble keeps its id, and its row says when it ended; what merely happened has no end.
 */
import type {
  AccountingHealth,
  AlertKind,
  AlertSeverity,
  ApiStatus,
  BlockSummary,
  LiveAlert,
  WorkerSummary,
} from '@otedama/contracts';

export type Alerts = Readonly<Record<string, LiveAlert>>;

const SEVERITIES: Readonly<Record<AlertKind, AlertSeverity>> = {
  'block-found': 'info',
  'block-orphaned': 'warning',
  'worker-offline': 'warning',
  'worker-online': 'info',
  'daemon-lost': 'warning',
  'pool-stopped': 'critical',
  'books-degraded': 'warning',
  'payouts-degraded': 'warning',
  'pps-breaker-open': 'critical',
};

/** Of one topic; the oldest go. */
const MAX_ALERTS = 64;
/** What happened before is history, and is in the lists. */
const RECENT_MS = 60 * 60_000;
const MAX_DETAIL_LENGTH = 300;

type Facts = Omit<LiveAlert, 'kind' | 'severity' | 'atMs' | 'endedAtMs'>;

export const alert = (kind: AlertKind, atMs: number, facts: Facts): LiveAlert => ({
  kind,
  severity: SEVERITIES[kind],
  atMs,
  ...facts,
  ...(facts.detail === undefined ? {} : { detail: facts.detail.slice(0, MAX_DETAIL_LENGTH) }),
});

const newest = (alerts: Alerts): Alerts =>
  Object.fromEntries(
    Object.entries(alerts)
      .toSorted(([, a], [, b]) => b.atMs - a.atMs)
      .slice(0, MAX_ALERTS),
  );

export const blockKey = ({ coin, hash }: { readonly coin: string; readonly hash: string }): string =>
  `${coin}/${hash}`;

export const foundAlert = (
  block: Omit<Facts, 'daemon' | 'detail'> & { readonly foundAtMs: number },
): LiveAlert => {
  const { foundAtMs, ...facts } = block;
  return alert('block-found', foundAtMs, facts);
};

/** `alerts`: of the last hour's blocks. */
export function blockAlerts(before: Alerts, blocks: readonly BlockSummary[], nowMs: number): Alerts {
  const alerts: Record<string, LiveAlert> = { ...before };
  for (const block of blocks) {
    const { poolId, coin, height, hash, foundAtMs, state } = block;
    if (foundAtMs < nowMs - RECENT_MS && !Object.hasOwn(before, `block-found ${blockKey(block)}`)) continue;
    const facts = { poolId, coin, height, hash };
    if (state !== 'rejected') {
      alerts[`block-found ${blockKey(block)}`] ??= foundAlert({ ...facts, worker: block.finder, foundAtMs });
    }
    if (state === 'orphaned') {
      alerts[`block-orphaned ${blockKey(block)}`] ??= alert('block-orphaned', nowMs, facts);
    }
  }
  return newest(alerts);
}

/** What is wrong now, by the id of the trouble. */
type Troubles = ReadonlyMap<string, readonly [AlertKind, Facts]>;

function troublesOf(status: ApiStatus, health: AccountingHealth | undefined): Troubles {
  const troubles = new Map<string, readonly [AlertKind, Facts]>();
  for (const { poolId, height, daemons } of status.validator.pools) {
    if (height === undefined) troubles.set(`pool-stopped ${poolId}`, ['pool-stopped', { poolId }]);
    for (const { name, instance, state, detail } of daemons) {
      if (state === 'up') continue;
      const daemon = instance === undefined ? name : `${name} (${instance})`;
      const facts = { poolId, daemon, detail: detail === undefined ? state : `${state}: ${detail}` };
      troubles.set(`daemon-lost ${poolId} ${daemon}`, ['daemon-lost', facts]);
    }
  }
  for (const { id: poolId, bankroll } of status.pools) {
    if (bankroll?.pays === false)
      troubles.set(`pps-breaker-open ${poolId}`, ['pps-breaker-open', { poolId }]);
  }
  for (const part of ['books', 'payouts'] as const) {
    const state = health?.[part];
    if (state === undefined || state.state === 'up') continue;
    troubles.set(`${part}-degraded`, [`${part}-degraded`, { detail: state.reason }]);
  }
  return troubles;
}

/** Where a service is silent, its troubles stay as they were last seen. */
const isKnown = ({ kind }: LiveAlert, status: ApiStatus, health: AccountingHealth | undefined): boolean => {
  if (kind === 'daemon-lost' || kind === 'pool-stopped') return !status.unavailable.includes('validator');
  if (kind === 'pps-breaker-open') return !status.unavailable.includes('accounting');
  return health !== undefined;
};

/** `alerts:operator`. A trouble that comes back begins again. */
export function operatorAlerts(
  before: Alerts,
  status: ApiStatus,
  health: AccountingHealth | undefined,
  nowMs: number,
): Alerts {
  const troubles = troublesOf(status, health);
  const alerts: Record<string, LiveAlert> = {};
  for (const [id, known] of Object.entries(before)) {
    const isOver = known.endedAtMs !== undefined;
    if (isOver || troubles.has(id) || !isKnown(known, status, health)) alerts[id] = known;
    else alerts[id] = { ...known, endedAtMs: nowMs };
  }
  for (const [id, [kind, facts]] of troubles) {
    const known = alerts[id];
    const isNew = known === undefined || known.endedAtMs !== undefined;
    alerts[id] = alert(kind, isNew ? nowMs : known.atMs, facts);
  }
  return newest(alerts);
}

/** Of one miner: its workers that come and go, as far as the list tells. */
export function workerAlerts(
  before: { readonly workers: Readonly<Record<string, WorkerSummary>>; readonly alerts: Alerts } | undefined,
  workers: Readonly<Record<string, WorkerSummary>>,
  nowMs: number,
): Alerts {
  const alerts: Record<string, LiveAlert> = { ...before?.alerts };
  for (const [key, { online, worker, poolId }] of Object.entries(workers)) {
    const was = before?.workers[key]?.online;
    // What was not there before, or is seen for the first time, has not changed.
    if (was === undefined || was === online) continue;
    const kind = online ? 'worker-online' : 'worker-offline';
    alerts[`${kind} ${key} ${nowMs}`] = alert(kind, nowMs, { poolId, worker });
  }
  return newest(alerts);
}
