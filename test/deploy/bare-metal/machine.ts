/**
 * A machine for the installation: namespaces of ours in which nothing outside can be written (namespace.sh), with the real
 * tools of Debian and a systemctl that stands in for systemd.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, type Scratch, eventually, scratchDirectory } from '@otedama/test-harness';

const HERE = join(REPOSITORY, 'test/deploy/bare-metal');
const NAMESPACES = ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];
const COMMAND_MS = 180_000;

export interface Done {
  readonly status: number | null;
  readonly output: string;
}

/** Whether this machine lets us make one: `unshare` needs root. */
export const canIsolate = (): string | undefined =>
  process.getuid?.() === 0 && spawnSync('unshare', [...NAMESPACES, 'true']).status === 0 ? 'root' : undefined;

const innerPid = (outer: number): number =>
  Number(readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').trim().split(' ')[0]);

export class Machine implements AsyncDisposable {
  readonly #scratch: Scratch;
  readonly #keeper: ChildProcess;
  #pid = 0;

  constructor() {
    this.#scratch = scratchDirectory('bare-metal');
    chmodSync(this.#scratch.path, 0o755);
    const bin = join(this.#scratch.path, 'srv/bin');
    mkdirSync(bin, { recursive: true });
    copyFileSync(join(HERE, 'systemctl.mjs'), join(bin, 'systemctl'));
    const args = [...NAMESPACES, 'sh', join(HERE, 'namespace.sh'), this.#scratch.path];
    this.#keeper = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** Of the folder that the machine sees as /srv. */
  get srv(): string {
    return join(this.#scratch.path, 'srv');
  }

  async start(): Promise<void> {
    let said = '';
    this.#keeper.stdout?.on('data', (chunk) => (said += String(chunk)));
    await eventually('the machine', () => said.includes('ready'));
    this.#pid = innerPid(this.#keeper.pid ?? 0);
  }

  run(script: string, stdin = ''): Done {
    const done = spawnSync(
      'nsenter',
      ['--target', String(this.#pid), '--mount', '--pid', '--ipc', '--uts', 'sh', '-c', script],
      {
        encoding: 'utf8',
        input: stdin,
        timeout: COMMAND_MS,
        env: { PATH: '/srv/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      },
    );
    return { status: done.status, output: done.stdout + done.stderr };
  }

  /** What it prints; a failure is one of the test. */
  ask(script: string): string {
    const { status, output } = this.run(script);
    if (status !== 0) throw new Error(`${script}: ${output}`);
    return output.trim();
  }

  write(file: string, text: string): void {
    const { status, output } = this.run(
      `mkdir -p "$(dirname ${file})" && cat >${file} && chmod 0644 ${file}`,
      text,
    );
    if (status !== 0) throw new Error(output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#keeper.once('exit', resolve));
    this.#keeper.stdin?.end();
    if (this.#keeper.exitCode === null) await ended;
    this.#scratch.remove();
  }
}
