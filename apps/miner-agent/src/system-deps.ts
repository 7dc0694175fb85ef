/** What an agent on a real machine runs on. */
import { hash, hashBlob, hashSeal } from '@otedama/native';
import type { Logger } from '@otedama/contracts';
import type { MinerAgentDeps } from './agent.ts';
import { type CpuDeviceOptions, openCpuDevice } from './devices/cpu-device.ts';
import type { AgentMetrics } from './metrics.ts';
import { createDial } from './pool/endpoint.ts';
import { systemTimers } from './timers.ts';

/** `cpu` absent: no device at all. */
export const systemDeps = (
  { logger, metrics }: { readonly logger: Logger; readonly metrics: AgentMetrics },
  cpu: CpuDeviceOptions | undefined,
): MinerAgentDeps => ({
  openDevices: (onShare) => (cpu === undefined ? [] : [openCpuDevice(cpu, onShare)]),
  dial: createDial(),
  hashes: { header: hash, seal: hashSeal, blob: hashBlob },
  clock: Date.now,
  timers: systemTimers,
  random: Math.random,
  logger,
  metrics,
});
