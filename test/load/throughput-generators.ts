/**
 * Who sends the shares: simulated miners in this process, or `stratum_load`, a program in C that takes a fifth of
 * the processor for the same and times answers by the kernel's clock.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hash } from '@otedama/native';
import { atRate, closedLoop, withCrowd } from '../../apps/cli/src/bench/crowd.ts';

export interface Load {
  readonly port: number;
  readonly address: string;
  readonly wantsValidShares: boolean;
  readonly connections: number;
  readonly inFlight: number;
  readonly seconds: number;
  /** A share on each answer if left out. */
  readonly sharesPerSecond?: number;
}

export interface Measured {
  readonly sharesPerSecond: number;
  /** Accepted in all, with those of the warm-up. */
  readonly accepted: number;
  readonly rejected: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly p999: number };
}

export type Generator = (load: Load) => Promise<Measured>;

const run = promisify(execFile);

interface StratumLoadReport {
  readonly shares_per_s: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly latency_us: { readonly p50: number; readonly p99: number; readonly p999: number };
}

const stratumLoadArgs = (load: Load): readonly string[] => {
  const { port, connections, inFlight, seconds, address, sharesPerSecond } = load;
  const args = ['--json', '--port', port, '--connections', connections, '--inflight', inFlight];
  args.push('--warmup', 1, '--duration', seconds, '--user', `${address}.w%d`);
  if (load.wantsValidShares) args.push('--valid');
  if (sharesPerSecond !== undefined) args.push('--rate', sharesPerSecond);
  return args.map(String);
};

/** It ends with 4 also when all went well; without a report something did not. */
const reportOf = async (program: string, load: Load): Promise<StratumLoadReport> => {
  const { stdout } = await run(program, stratumLoadArgs(load)).catch((error: { stdout?: string }) => {
    if (!error.stdout) throw error;
    return { stdout: error.stdout };
  });
  return JSON.parse(stdout) as StratumLoadReport;
};

const milliseconds = (microseconds: number): number => Number((microseconds / 1_000).toFixed(3));

export const stratumLoad =
  (program: string): Generator =>
  async (load) => {
    const report = await reportOf(program, load);
    const { p50, p99, p999 } = report.latency_us;
    return {
      sharesPerSecond: report.shares_per_s,
      accepted: report.accepted,
      rejected: report.rejected,
      latencyMs: { p50: milliseconds(p50), p99: milliseconds(p99), p999: milliseconds(p999) },
    };
  };

export const ownMiners: Generator = ({ port, address, connections, inFlight, seconds, sharesPerSecond }) =>
  withCrowd({ port, address, sha256d: (bytes) => hash('sha256d', bytes) }, async (crowd) => {
    await crowd.grow(connections);
    const result =
      sharesPerSecond === undefined
        ? await closedLoop(crowd, { seconds, inFlight, cpuSeconds: () => 0 })
        : await atRate(crowd, sharesPerSecond, seconds);
    return {
      sharesPerSecond: 'acceptedPerSecond' in result ? result.acceptedPerSecond : result.sharesPerSecond,
      accepted: crowd.accepted,
      rejected: Object.values(result.rejects).reduce((sum, count) => sum + count, 0),
      latencyMs: result.latencyMs,
    };
  });
