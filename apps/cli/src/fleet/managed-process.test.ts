import { existsSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { type Scratch, eventually, scratchDirectory } from '@otedama/test-harness';
import { endLeftovers } from './leftovers.ts';
import { type FatalExitError, ManagedProcess, type ProcessSpec } from './managed-process.ts';
import { type FleetEntry, identityOf, isRunning, readState, signalIdentity, writeState } from './state.ts';

let scratch: Scratch;
let managed: ManagedProcess | undefined;

beforeEach(() => {
  scratch = scratchDirectory('managed');
});
afterEach(async () => {
  await managed?.stop();
  managed = undefined;
  scratch.remove();
});

const start = (script: string, more: Partial<ProcessSpec> = {}): { fatal: FatalExitError[] } => {
  const fatal: FatalExitError[] = [];
  const spec: ProcessSpec = {
    name: 'program',
    group: 'books',
    command: process.execPath,
    args: ['-e', script],
    env: {},
    ports: {},
    health: { kind: 'process' },
    stopSignal: 'SIGTERM',
    stopDeadlineMs: 30_000,
    log: join(scratch.path, 'program.log'),
    ...more,
  };
  managed = new ManagedProcess(spec, { logger: silentLogger, onFatal: (error) => fatal.push(error) });
  managed.start();
  return { fatal };
};

const said = (text: string): Promise<boolean> =>
  eventually(`"${text}"`, () => readFileSync(join(scratch.path, 'program.log'), 'utf8').includes(text));

const WAIT = "console.log('waiting'); setInterval(() => {}, 1000);";
const DEAF = `process.on('SIGTERM', () => {}); ${WAIT}`;

describe('a process of the fleet', () => {
  it('is started again when it dies, and not when it was told to stop', async () => {
    start(WAIT);
    await said('waiting');
    const first = managed?.pid() ?? 0;
    process.kill(first, 'SIGKILL');
    await eventually('another one', () => managed?.pid() !== undefined && managed.pid() !== first);
    expect(managed?.restarts).toBe(1);
    await managed?.stop();
    expect(managed?.pid()).toBeUndefined();
  });

  it('is given up when it says that starting again is of no use', async () => {
    const { fatal } = start("console.error('no such setting'); process.exit(2);", { fatalExitCode: 2 });
    await eventually('the end', () => fatal.length === 1);
    expect(fatal[0]?.message).toContain('no such setting');
    expect(managed?.restarts).toBe(0);
  });

  it('gives way to others, as does what it starts, when miners do not wait for it', async () => {
    const script = "require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' })";
    start(`const { pid } = ${script}; console.log('child', pid); setInterval(() => {}, 1000);`, {
      givesWay: true,
    });
    await said('child');
    const child = Number(/child (\d+)/.exec(readFileSync(join(scratch.path, 'program.log'), 'utf8'))?.[1]);
    const own = managed?.pid() ?? 0;
    for (const pid of [own, child]) {
      expect(getPriority(pid)).toBe(constants.priority.PRIORITY_BELOW_NORMAL);
    }
    process.kill(child, 'SIGKILL');
    const session = (): string => readFileSync(`/proc/${own}/autogroup`, 'latin1');
    if (!existsSync(`/proc/${own}/autogroup`) || session() === '') return;
    await eventually('a session that gives way', () => session().includes('nice 10'));
  });

  it('is killed when it does not end in time', async () => {
    start(DEAF, { stopDeadlineMs: 100 });
    await said('waiting');
    await managed?.stop();
    expect(managed?.pid()).toBeUndefined();
  });
});

describe('what is written of a fleet', () => {
  const entry = async (identity: FleetEntry['identity']): Promise<FleetEntry> => ({
    name: 'program',
    group: 'books',
    ...(identity === undefined ? {} : { identity }),
    restarts: 0,
    ports: { api: 1 },
    health: { kind: 'process' },
    stopSignal: 'SIGTERM',
    log: join(scratch.path, 'program.log'),
  });

  it('comes back as it was, and is nothing when it is broken', async () => {
    const supervisor = await identityOf(process.pid);
    if (supervisor === undefined) throw new Error('this process runs');
    const state = { version: '1', supervisor, stratum: [], processes: [await entry(supervisor)] };
    writeState(scratch.path, state);
    expect(readState(scratch.path)).toEqual(state);
    expect(readState('/nowhere')).toBeUndefined();
  });

  it('never leads a signal to a stranger with an old process id', async () => {
    start(WAIT);
    await said('waiting');
    const identity = await identityOf(managed?.pid() ?? 0);
    if (identity === undefined) throw new Error('it runs');
    for (const stranger of [
      { ...identity, startTicks: '1' },
      { ...identity, boot: '00000000' },
    ]) {
      expect(await isRunning(stranger)).toBe(false);
      expect(await signalIdentity(stranger, 'SIGKILL')).toBe(false);
    }
    expect(await isRunning(identity)).toBe(true);
  });

  it('is enough to end what nobody supervises any more, frozen or not', async () => {
    start(WAIT);
    await said('waiting');
    const pid = managed?.pid() ?? 0;
    const identity = await identityOf(pid);
    if (identity === undefined) throw new Error('it runs');
    process.kill(pid, 'SIGSTOP');
    // It would be started again by who started it.
    const stopped = managed?.stop();
    const state = { version: '1', supervisor: identity, stratum: [], processes: [await entry(identity)] };
    expect(await endLeftovers(state)).toEqual(['program']);
    await stopped;
    expect(await endLeftovers(state)).toEqual([]);
  });
});
