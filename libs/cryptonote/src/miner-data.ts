/**
 * What `get_miner_data` and the ZMQ topic `json-full-miner_data` tell about the tip: enough to know that work
 * is stale before the next template is there. The transactions and coin supply in it are not read.
 */
import { fromHex } from './bytes.ts';
import { isCount, isHash, isRecord, parseWideDifficulty } from './json.ts';

export interface MinerData {
  /** Of the block to be mined. */
  readonly height: number;
  readonly majorVersion: number;
  readonly prevId: Uint8Array;
  readonly seedHash: Uint8Array;
  readonly difficulty: bigint;
}

export type ParsedMinerData =
  | { readonly ok: true; readonly data: MinerData }
  | { readonly ok: false; readonly reason: string };

const refuse = (reason: string): ParsedMinerData => ({ ok: false, reason: `miner data: ${reason}` });

export const parseMinerData = (value: unknown): ParsedMinerData => {
  if (!isRecord(value)) return refuse('it is not an object');
  // A notification has no status.
  if (value['status'] !== undefined && value['status'] !== 'OK') return refuse('status is not OK');
  const { height, major_version: majorVersion, prev_id: prevId, seed_hash: seedHash } = value;
  if (!isCount(height)) return refuse('height is not a number');
  if (!isCount(majorVersion) || majorVersion > 0xff) return refuse('major_version is not a version');
  if (!isHash(prevId)) return refuse('prev_id is not a hash');
  if (!isHash(seedHash)) return refuse('seed_hash is not a hash');
  const difficulty = parseWideDifficulty(value['difficulty']);
  if (difficulty === undefined) return refuse('difficulty is not a number in hex');
  const data = { height, majorVersion, prevId: fromHex(prevId), seedHash: fromHex(seedHash), difficulty };
  return { ok: true, data };
};
