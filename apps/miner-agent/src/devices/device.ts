/** What the agent needs of anything that hashes: a processor today, graphics cards and ASICs beside it later. */
import type { ClientShare, ClientWork } from '@otedama/stratum/client';

/** Whether the device searches its present work, and what it has to say about that. */
export interface DeviceReadiness {
  readonly searching: boolean;
  /** Why it does not search, or not at full speed: a sentence for people. */
  readonly reason: string | undefined;
  /** What went wrong without being in the way, for the log. */
  readonly notes: readonly string[];
}

export interface Device {
  readonly id: string;
  readonly kind: 'cpu' | 'gpu' | 'asic';
  readonly name: string;
  /** The kernel in use, for people. */
  readonly backend: string;
  readonly threads: number;
  /** Replaces the work; a share of the work before may still come. */
  setWork(work: ClientWork): void;
  clearWork(): void;
  readiness(): DeviceReadiness;
  /** Since the device was opened; only grows. */
  hashes(): bigint;
  close(): Promise<void>;
}

export type OnShare = (share: ClientShare) => void;

/** Opens the devices of this machine, each self-tested. Throws what keeps them from being used. */
export type OpenDevices = (onShare: OnShare) => readonly Device[];
