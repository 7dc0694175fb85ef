/**
 * What share-validator tells the gateways to mine, for the Bitcoin family: the parts of a block that a
 * miner needs, the coinbase already built around a gap for the extranonce. Subject `template.<pool>`,
 * last value kept, so that a new gateway has work in its first millisecond.
 */
export interface PoolTemplate {
  readonly poolId: string;
  /** u32 that shares name; unique for the pool while any of its jobs can be alive, also across restarts. */
  readonly jobKey: number;
  readonly height: number;
  /** 32 bytes, internal order. */
  readonly prevHash: Uint8Array;
  /** Header version; bits inside `versionMask` are zero (QUIRKS.md of stratum-v1 says why). */
  readonly version: number;
  readonly versionMask: number;
  readonly bits: number;
  readonly networkTarget: bigint;
  /** Seconds since 1970: the time that miners start from, and the range they may use. */
  readonly time: number;
  readonly minTime: number;
  readonly maxTime: number;
  /** Legacy (no witness) serialisation before and after the extranonce. */
  readonly coinbasePrefix: Uint8Array;
  readonly coinbaseSuffix: Uint8Array;
  /** Bytes of extranonce1 and extranonce2 together. */
  readonly extranonceSize: number;
  /** 32 bytes each, internal order, from the leaf upwards. */
  readonly merkleBranch: readonly Uint8Array[];
  /** The previous block changed: older work is stale. */
  readonly cleanJobs: boolean;
  readonly createdAtMs: number;
}

/** Mining on this pool must stop: its daemons are gone, stale or behind their peers. */
export interface TemplateStopped {
  readonly poolId: string;
  readonly stopped: true;
  readonly reason: string;
}

export type TemplateUpdate = PoolTemplate | TemplateStopped;
export const isStopped = (update: TemplateUpdate): update is TemplateStopped => 'stopped' in update;
