/** What a fleet is doing, for people and for programs. */
import { type ProcessHealth, askHealth } from './health.ts';
import { type FleetEntry, type FleetState, isRunning } from './state.ts';

export interface ProcessReport {
  readonly name: string;
  readonly state: 'ready' | 'not ready' | 'down';
  readonly pid: number | undefined;
  readonly restarts: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly health: string | undefined;
  readonly reasons: readonly string[];
  readonly log: string;
}

export interface FleetReport {
  readonly version: string;
  readonly supervisor: { readonly pid: number; readonly isRunning: boolean };
  readonly api: string | undefined;
  readonly stratum: FleetState['stratum'];
  readonly processes: readonly ProcessReport[];
}

const stateOf = (isThere: boolean, { isReady }: ProcessHealth): ProcessReport['state'] => {
  if (!isThere) return 'down';
  return isReady ? 'ready' : 'not ready';
};

const reportOf = async (entry: FleetEntry): Promise<ProcessReport> => {
  const { name, identity, restarts, ports, health, log } = entry;
  const isThere = identity !== undefined && (await isRunning(identity));
  const asked = isThere ? await askHealth(health) : { isReady: false, reasons: [] };
  return {
    name,
    state: stateOf(isThere, asked),
    pid: isThere ? identity.pid : undefined,
    restarts,
    ports,
    health: health.kind === 'http' ? health.url : undefined,
    reasons: asked.reasons,
    log,
  };
};

export const reportFleet = async (state: FleetState): Promise<FleetReport> => ({
  version: state.version,
  supervisor: { pid: state.supervisor.pid, isRunning: await isRunning(state.supervisor) },
  api: state.api,
  stratum: state.stratum,
  processes: await Promise.all(state.processes.map(reportOf)),
});

const NAME_WIDTH = 20;
const STATE_WIDTH = 10;

const describeProcess = ({ name, state, pid, restarts, ports, reasons }: ProcessReport): string => {
  const shown = [
    pid === undefined ? '' : `pid ${pid}`,
    ...Object.entries(ports).map(([what, port]) => `${what} ${port}`),
    ...(restarts === 0 ? [] : [`started again ${restarts} times`]),
    ...reasons,
  ].filter((part) => part !== '');
  return `${name.padEnd(NAME_WIDTH)}${state.padEnd(STATE_WIDTH)}${shown.join('  ')}`;
};

export const describeFleet = (report: FleetReport): string =>
  [
    `otedama ${report.version}, fleet supervised by process ${report.supervisor.pid}${report.supervisor.isRunning ? '' : ', which is gone'}`,
    ...(report.api === undefined ? [] : [`dashboard  ${report.api}`]),
    ...report.stratum.map(({ poolId, gateway, url }) => `stratum    ${url}  (${poolId}, ${gateway})`),
    ...report.processes.map(describeProcess),
  ].join('\n');
