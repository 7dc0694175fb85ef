/** A whole fleet on this machine, started by the command as an operator starts it; any of its processes can be hurt. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Status, statusSchema } from '@otedama/contracts';
import { NODE_FLAGS } from '@otedama/service-host/node-flags';
import { REPOSITORY, freePort, isFree } from './places.ts';
import { TestProcess, eventually } from './process.ts';

export interface FleetOptions {
  /** Reused by a later start, the fleet goes on with what it has. */
  readonly dataDir: string;
  /** YAML without the API; `PORT` stands for the first gateway's port. */
  readonly config: string;
  readonly gateways?: number;
  readonly validators?: number;
  /** Keep the ports of an earlier run. */
  readonly ports?: FleetPorts;
  /** A command that it is started through, such as taskset. */
  readonly through?: readonly string[];
}

export interface FleetPorts {
  readonly api: number;
  /** One for each gateway. */
  readonly stratum: readonly number[];
}

/** As `fleet status --json` shows it. */
export interface FleetProcess {
  readonly name: string;
  readonly state: 'ready' | 'not ready' | 'down';
  readonly pid?: number;
  readonly restarts: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly health?: string;
  readonly reasons: readonly string[];
  readonly log: string;
}

export interface FleetReport {
  readonly supervisor: { readonly pid: number; readonly isRunning: boolean };
  readonly processes: readonly FleetProcess[];
}

const PORTS_PER_GATEWAY = 100;
const START_TIMEOUT_MS = 120_000;
const COMMAND = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');
const run = promisify(execFile);

/** The gateways' ports are a fixed distance apart: with a busy one among them the fleet would wait for it for ever. */
const chooseFleetPorts = async (gateways: number): Promise<FleetPorts> => {
  for (;;) {
    const first = await freePort();
    const isHigh = first + PORTS_PER_GATEWAY * gateways > 65_535;
    const lowest = isHigh ? first - PORTS_PER_GATEWAY * gateways : first;
    const stratum = Array.from({ length: gateways }, (_, index) => lowest + index * PORTS_PER_GATEWAY);
    const free = await Promise.all(stratum.map(isFree));
    if (free.every(Boolean)) return { api: await freePort(), stratum };
  }
};

export class FleetUnderTest implements AsyncDisposable {
  readonly supervisor: TestProcess;
  readonly ports: FleetPorts;
  readonly api: string;
  readonly dataDir: string;

  constructor(supervisor: TestProcess, ports: FleetPorts, dataDir: string) {
    this.supervisor = supervisor;
    this.ports = ports;
    this.api = `http://127.0.0.1:${ports.api}`;
    this.dataDir = dataDir;
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(this.api + path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async status(): Promise<Status> {
    return statusSchema.parse(await this.get('/api/status'));
  }

  async report(): Promise<FleetReport> {
    return JSON.parse(await this.command('status', '--json')) as FleetReport;
  }

  async process(name: string): Promise<FleetProcess> {
    const { processes } = await this.report();
    const found = processes.find((one) => one.name === name);
    if (found === undefined)
      throw new Error(`no ${name} among ${processes.map((one) => one.name).join(', ')}`);
    return found;
  }

  /** SIGKILL, SIGSTOP, SIGCONT: to the process that has this name now. */
  async signal(name: string, signal: NodeJS.Signals): Promise<number> {
    const { pid } = await this.process(name);
    if (pid === undefined) throw new Error(`${name} is down`);
    process.kill(pid, signal);
    return pid;
  }

  /** Until another process of that name is ready. */
  async replaced(name: string, pid: number): Promise<void> {
    await eventually(`${name} runs again`, async () => {
      const now = await this.process(name);
      return now.state === 'ready' && now.pid !== pid;
    });
  }

  async ready(): Promise<void> {
    await eventually('a fleet that is ready', async () =>
      (await this.report()).processes.every(({ state }) => state === 'ready'),
    );
  }

  /** `fleet WORD` for this directory; what it prints. */
  async command(word: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [
      '--no-warnings',
      COMMAND,
      'fleet',
      word,
      '--data-dir',
      this.dataDir,
      ...args,
    ]);
    return stdout;
  }

  /** Drains. */
  stop(): Promise<void> {
    return this.supervisor.stop();
  }

  /** Also what a supervisor that was killed has left. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.supervisor.hasExited) return this.stop();
    await this.command('down').catch(() => undefined);
  }
}

export const startFleet = async (options: FleetOptions): Promise<FleetUnderTest> => {
  const { dataDir, config, gateways = 2, validators = 2 } = options;
  const ports = options.ports ?? (await chooseFleetPorts(gateways));
  const file = join(dataDir, '..', 'fleet.yaml');
  const api = `api: {address: '127.0.0.1:${ports.api}', rate_limit: 1000/s}\n`;
  writeFileSync(file, api + config.replaceAll('PORT', String(ports.stratum[0])));
  const size = ['--gateways', String(gateways), '--validators', String(validators)];
  const args = ['fleet', 'up', '--config', file, '--data-dir', dataDir, ...size];
  const program = [process.execPath, ...NODE_FLAGS, COMMAND, ...args];
  const [command = '', ...rest] = [...(options.through ?? []), ...program];
  const supervisor = new TestProcess('fleet', command, rest);
  const fleet = new FleetUnderTest(supervisor, ports, dataDir);
  try {
    const printed = async (): Promise<true | undefined> =>
      supervisor.output.includes('dashboard  ') ? true : undefined;
    await supervisor.until('a fleet that is ready', printed, START_TIMEOUT_MS);
  } catch (error) {
    await fleet[Symbol.asyncDispose]();
    throw error;
  }
  return fleet;
};
