/** Between the agent's words for work, shares and readiness and those of the native miner. */
import { targetToLe } from '@otedama/chain-params';
import type { MinerReadiness, MinerShare, MinerWork } from '@otedama/native';
import type { ClientShare, ClientTask, ClientWork } from '@otedama/stratum/client';
import type { DeviceReadiness } from './device.ts';

type NativeTask = MinerWork extends infer Work ? Omit<Work, 'workId' | 'target'> : never;

const nativeTask = (task: ClientTask): NativeTask => {
  switch (task.kind) {
    case 'coinbase':
      return {
        coinbasePrefix: Buffer.from(task.coinbasePrefix),
        coinbaseSuffix: Buffer.from(task.coinbaseSuffix),
        extranonce1: Buffer.from(task.extranonce1),
        extranonce2Size: task.extranonce2Size,
        merkleBranch: Buffer.concat(task.merkleBranch),
        prevHash: Buffer.from(task.prevHash),
        version: task.version,
        versionMask: task.versionMask,
        nTime: task.nTime,
        bits: task.bits,
      };
    case 'seal':
      return {
        headerHash: Buffer.from(task.headerHash),
        blockNumber: task.blockNumber,
        firstNonce: task.firstNonce,
        endNonce: task.endNonce,
      };
    case 'blob':
      return {
        blob: Buffer.from(task.blob),
        nonceOffset: task.nonceOffset,
        seed: Buffer.from(task.seed),
        firstNonce: task.firstNonce,
        endNonce: task.endNonce,
        ...(task.nextSeed === undefined ? {} : { nextSeed: Buffer.from(task.nextSeed) }),
      };
  }
};

export const toNativeWork = ({ workId, target, task }: ClientWork): MinerWork =>
  ({ workId, target: Buffer.from(targetToLe(target)), ...nativeTask(task) }) as MinerWork;

export const toClientShare = ({ workId, nonce, powHash, mix, rolled }: MinerShare): ClientShare => ({
  workId,
  nonce,
  hash: powHash,
  ...(mix === undefined ? {} : { mix }),
  ...(rolled === undefined ? {} : { rolled }),
});

/** A light cache has no progress of its own: it is there within seconds. */
const describeBuilding = (building: MinerReadiness['building']): string => {
  if (building === undefined || building.total === 0) return 'preparing the cache';
  return `preparing the dataset, ${Math.floor((100 * building.done) / building.total)} %`;
};

export const describeReadiness = ({ state, failure, notes, building }: MinerReadiness): DeviceReadiness => {
  switch (state) {
    case 'full':
      return { searching: true, reason: undefined, notes };
    case 'light': {
      const why = failure === undefined ? describeBuilding(building) : `no dataset, ${failure}`;
      return { searching: true, reason: `at a fraction of the speed: ${why}`, notes };
    }
    case 'waiting':
      return { searching: false, reason: describeBuilding(building), notes };
    case 'failed':
      return {
        searching: false,
        reason: `what this algorithm needs cannot be prepared: ${failure ?? 'unknown'}`,
        notes,
      };
  }
};
