/** The processor as a device: threads of the native miner. */
import { cpus } from 'node:os';
import { type Algorithm, CpuMiner, type MinerShare } from '@otedama/native';
import type { ClientWork } from '@otedama/stratum/client';
import type { Device, DeviceReadiness, OnShare } from './device.ts';
import { describeReadiness, toClientShare, toNativeWork } from './native-work.ts';

export interface CpuDeviceOptions {
  readonly algorithm: Algorithm;
  readonly threads: number;
  /** Nice value of the threads, -20 to 19. */
  readonly priority: number;
  /** Where datasets of Ethash, Etchash and KawPow are kept from start to start; absent: nowhere. */
  readonly datasetDirectory?: string | undefined;
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

class CpuDevice implements Device {
  readonly id = 'cpu';
  readonly kind = 'cpu';
  readonly name: string;
  readonly backend: string;
  readonly threads: number;
  readonly #miner: CpuMiner;

  constructor({ algorithm, threads, priority, datasetDirectory }: CpuDeviceOptions, onShare: OnShare) {
    this.name = cpus()[0]?.model.trim() || 'CPU';
    this.threads = threads;
    const kept = datasetDirectory === undefined ? {} : { datasetDirectory };
    const options = { algorithm, threads, priority: levelOfNice(priority), ...kept };
    this.#miner = new CpuMiner(options, (share: MinerShare) => onShare(toClientShare(share)));
    this.backend = this.#miner.backend;
  }

  setWork(work: ClientWork): void {
    this.#miner.setWork(toNativeWork(work));
  }

  clearWork(): void {
    this.#miner.clearWork();
  }

  readiness(): DeviceReadiness {
    return describeReadiness(this.#miner.readiness());
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
