/** The processor as a device: threads of the native miner. */
import { cpus } from 'node:os';
import type { Algorithm } from '@otedama/chain-params';
import { CpuMiner, type MinerShare } from '@otedama/native';
import type { ClientShare, ClientWork } from '@otedama/stratum-v1/client';
import type { Device, OnShare } from './device.ts';

export interface CpuDeviceOptions {
  readonly algorithm: Algorithm;
  readonly threads: number;
  /** Nice value of the threads, -20 to 19. */
  readonly priority: number;
}

/** Nice values of the native miner's levels 0 to 5. */
const LEVELS = [19, 10, 0, -5, -10, -15];

/** The level nearest to a nice value, the less eager of two. */
export const levelOfNice = (nice: number): number => {
  let best = 0;
  for (const [level, value] of LEVELS.entries()) {
    if (Math.abs(value - nice) < Math.abs((LEVELS[best] ?? 0) - nice)) best = level;
  }
  return best;
};

/** A share of a header: the only work this device is given so far. */
const toClientShare = ({ workId, nonce, rolled }: MinerShare): ClientShare => {
  if (rolled === undefined) throw new Error('a share of header work says what was rolled');
  return { workId, nonce: Number(nonce), ...rolled };
};

class CpuDevice implements Device {
  readonly id = 'cpu';
  readonly kind = 'cpu';
  readonly name: string;
  readonly backend: string;
  readonly threads: number;
  readonly #miner: CpuMiner;

  constructor({ algorithm, threads, priority }: CpuDeviceOptions, onShare: OnShare) {
    this.name = cpus()[0]?.model.trim() || 'CPU';
    this.threads = threads;
    const options = { algorithm, threads, priority: levelOfNice(priority) };
    this.#miner = new CpuMiner(options, (share: MinerShare) => onShare(toClientShare(share)));
    this.backend = this.#miner.backend;
  }

  setWork(work: ClientWork): void {
    this.#miner.setWork({
      workId: work.workId,
      coinbasePrefix: Buffer.from(work.coinbasePrefix),
      coinbaseSuffix: Buffer.from(work.coinbaseSuffix),
      extranonce1: Buffer.from(work.extranonce1),
      extranonce2Size: work.extranonce2Size,
      merkleBranch: Buffer.concat(work.merkleBranch),
      prevHash: Buffer.from(work.prevHash),
      version: work.version,
      versionMask: work.versionMask,
      nTime: work.nTime,
      bits: work.bits,
      target: Buffer.from(work.targetLe),
    });
  }

  clearWork(): void {
    this.#miner.clearWork();
  }

  hashes(): bigint {
    return this.#miner.hashes().reduce((sum, count) => sum + count, 0n);
  }

  close(): Promise<void> {
    return this.#miner.close();
  }
}

export const openCpuDevice = (options: CpuDeviceOptions, onShare: OnShare): Device =>
  new CpuDevice(options, onShare);
