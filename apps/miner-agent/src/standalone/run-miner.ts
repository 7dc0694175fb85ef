/** `otedama mine`: the agent alone, on somebody's pool, until it is told to stop. */
import type { UpstreamPool } from '@otedama/config';
import { type Logger, silentLogger } from '@otedama/contracts';
import type { Algorithm } from '@otedama/native';
import { Registry } from 'prom-client';
import { type MinerAgent, type MinerAgentDeps, createMinerAgent } from '../agent.ts';
import { createAgentMetrics } from '../metrics.ts';
import { systemDeps } from '../system-deps.ts';
import { every } from '../timers.ts';
import { type Terminal, createLiveLine, describeShares } from './live-line.ts';

export interface MinerOptions {
  readonly algorithm: Algorithm;
  readonly upstreams: readonly UpstreamPool[];
  readonly threads: number;
  /** Nice value of the threads. */
  readonly priority: number;
  /** Where datasets are kept from start to start; absent: nowhere. */
  readonly datasetDirectory?: string | undefined;
  readonly agent: string;
  readonly versionMask: number;
}

export interface MinerIo {
  readonly out: Terminal;
  /** Ends the mining. */
  readonly signal: AbortSignal;
  readonly logger?: Logger;
  /** In place of the machine's own, for tests. */
  readonly deps?: MinerAgentDeps;
}

const SHOW_MS = 1_000;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

export class MinerStartError extends Error {
  override readonly name = 'MinerStartError';
  readonly code = 'MINER_START';
}

const begin = async (agent: MinerAgent): Promise<void> => {
  const { state, reason } = await agent.startMining();
  if (state === 'off' || state === 'stopped') throw new MinerStartError(reason ?? 'the miner does not start');
};

/** Resolves when the signal has ended it; throws PoolUrlError or MinerStartError when it cannot begin. */
export const runMiner = async (options: MinerOptions, io: MinerIo): Promise<void> => {
  const { algorithm, threads, priority, datasetDirectory } = options;
  const shared = { logger: io.logger ?? silentLogger, metrics: createAgentMetrics(new Registry()) };
  const deps = io.deps ?? systemDeps(shared, { algorithm, threads, priority, datasetDirectory });
  const agent = createMinerAgent(deps, { ...options, enabled: true });
  await begin(agent);
  const line = createLiveLine(io.out);
  const show = (): void => line.show(agent.status(), deps.clock());
  show();
  const cancel = every(deps.timers, SHOW_MS, show);
  await aborted(io.signal);
  cancel();
  line.close();
  const { shares } = await agent.stopMining();
  io.out.write(`stopped  ·  ${describeShares(shares)}\n`);
};
