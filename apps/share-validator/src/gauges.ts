/** What stands at the moment: read when somebody asks, and never kept up to date for it. */
import type { DaemonState } from '@otedama/daemon-rpc';
import { type PoolGauge, readPools } from '@otedama/observability';
import { Gauge, type Registry } from 'prom-client';

export interface WorkInHand {
  readonly height: number;
  readonly networkDifficulty: number;
  /** Of the template that it is made of. */
  readonly ageSeconds: number;
}

/** Of one pool. */
export interface PoolGauges {
  readonly poolId: string;
  /** Undefined while mining is stopped, and before it began. */
  readonly work: () => WorkInHand | undefined;
  readonly liveJobs: () => number;
  /** By coin: the pool's own, and those of chains mined below it. */
  readonly daemons: () => readonly { readonly coin: string; readonly states: readonly DaemonState[] }[];
}

/** What stands for the whole process. */
export interface ProcessGauges {
  readonly batchesUnderWay: () => number;
  readonly candidatesWaiting: () => number;
}

const DAEMON_STATES: readonly DaemonState[] = ['up', 'syncing', 'stale', 'down'];

const registerWork = (registers: Registry[], pools: readonly PoolGauges[]): void => {
  const hasWork: PoolGauge = new Gauge({
    name: 'otedama_validator_has_work',
    help: '1 while there is a job to mine, 0 while no daemon gives one.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(hasWork, pools, ({ work }) => (work() === undefined ? 0 : 1)),
  });
  const height: PoolGauge = new Gauge({
    name: 'otedama_validator_height',
    help: 'Height of the block that is mined.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(height, pools, ({ work }) => work()?.height),
  });
  const difficulty: PoolGauge = new Gauge({
    name: 'otedama_validator_network_difficulty',
    help: 'Difficulty of the network for that block.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(difficulty, pools, ({ work }) => work()?.networkDifficulty),
  });
  const age: PoolGauge = new Gauge({
    name: 'otedama_validator_template_age_seconds',
    help: 'Since the daemon gave the template that is mined; a new one comes every half minute at least.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(age, pools, ({ work }) => work()?.ageSeconds),
  });
};

const registerDaemons = (registers: Registry[], pools: readonly PoolGauges[]): void => {
  const daemons: Gauge<'pool' | 'coin' | 'state'> = new Gauge({
    name: 'otedama_validator_daemons',
    help: 'Coin daemons by state: up, syncing, stale (behind its peers), down.',
    labelNames: ['pool', 'coin', 'state'],
    registers,
    collect() {
      for (const pool of pools) {
        for (const { coin, states } of pool.daemons()) {
          for (const state of DAEMON_STATES) {
            const count = states.filter((each) => each === state).length;
            daemons.set({ pool: pool.poolId, coin, state }, count);
          }
        }
      }
    },
  });
};

export const registerValidatorGauges = (
  registry: Registry,
  pools: readonly PoolGauges[],
  { batchesUnderWay, candidatesWaiting }: ProcessGauges,
): void => {
  const registers = [registry];
  registerWork(registers, pools);
  registerDaemons(registers, pools);
  const jobs: PoolGauge = new Gauge({
    name: 'otedama_validator_live_jobs',
    help: 'Jobs whose shares are judged.',
    labelNames: ['pool'],
    registers,
    collect: () => readPools(jobs, pools, ({ liveJobs }) => liveJobs()),
  });
  const batches: Gauge = new Gauge({
    name: 'otedama_validator_batches_under_way',
    help: 'Share batches that are judged or wait for the log; at 1024 others are refused.',
    registers,
    collect: () => batches.set(batchesUnderWay()),
  });
  const candidates: Gauge = new Gauge({
    name: 'otedama_validator_candidates_waiting',
    help: 'Block candidates that wait for a place on the block path; only a test network has so many.',
    registers,
    collect: () => candidates.set(candidatesWaiting()),
  });
};
