/**
 * A program under test: started, waited for, its output kept within a bound and shown when something fails,
 * and ended with the test whatever happens.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessOptions {
  readonly cwd?: string;
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
}

const POLL_MS = 25;
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_CHARS = 65_536;
const SHOWN_CHARS = 4_096;

export const pause = (ms: number): Promise<void> => delay(ms);

/** Waits for a condition; `broken` ends the wait early with a reason. */
const waitFor = async <T>(
  what: string,
  probe: () => Promise<T | undefined>,
  timeoutMs: number,
  broken: () => string | undefined,
): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    const reason = broken();
    if (reason !== undefined) throw new Error(`waiting for ${what}: ${reason}`);
    if (performance.now() > deadline) throw new Error(`waiting for ${what}: not within ${timeoutMs} ms`);
    await pause(POLL_MS);
  }
};

/** Until the condition holds. */
export const eventually = async <T>(
  what: string,
  condition: () => Promise<T | false | undefined> | T | false | undefined,
  timeoutMs: number = READY_TIMEOUT_MS,
): Promise<T> => {
  const probe = async (): Promise<T | undefined> => {
    const found = await condition();
    return found === false ? undefined : found;
  };
  return waitFor(what, probe, timeoutMs, () => undefined);
};

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export class TestProcess implements AsyncDisposable {
  readonly name: string;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #output = '';
  #exit: Exit | undefined;

  constructor(name: string, command: string, args: readonly string[], { cwd, env }: ProcessOptions = {}) {
    this.name = name;
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    alive.add(this.#child);
    const keep = (text: string): void => {
      this.#output = (this.#output + text).slice(-MAX_OUTPUT_CHARS);
    };
    this.#child.stdout?.on('data', (chunk: Buffer) => keep(chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => keep(chunk.toString()));
    // A program that cannot be started at all never exits either.
    const failed = once(this.#child, 'error').then(([error]) => keep(`${String(error)}\n`));
    const closed = once(this.#child, 'close').catch(() => [null, null]);
    this.exited = Promise.race([closed, failed.then(() => [null, null])]).then(([code, signal]) => {
      alive.delete(this.#child);
      this.#exit = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      return this.#exit;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The end of what it wrote, both streams as they came. */
  get output(): string {
    return this.#output;
  }

  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** Waits for as long as the program lives; a failure shows what it wrote. */
  async until<T>(
    what: string,
    probe: () => Promise<T | undefined>,
    timeoutMs: number = READY_TIMEOUT_MS,
  ): Promise<T> {
    try {
      return await waitFor(what, probe, timeoutMs, () => this.#whyDead());
    } catch (error) {
      throw this.#withOutput(error);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Some programs end with their standard input. */
  closeInput(): void {
    this.#child.stdin?.end();
  }

  async kill(): Promise<Exit> {
    this.#child.kill('SIGKILL');
    return this.exited;
  }

  /** In good order; killed when that takes too long, which is an error. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', timeoutMs: number = STOP_TIMEOUT_MS): Promise<void> {
    if (this.hasExited) return;
    this.#child.kill(signal);
    try {
      await eventually(`${this.name} to end on ${signal}`, () => this.hasExited, timeoutMs);
    } catch (error) {
      await this.kill();
      throw this.#withOutput(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasExited) await this.kill();
  }

  #whyDead(): string | undefined {
    return this.#exit && `it ended (${this.#exit.signal ?? `exit code ${this.#exit.code}`})`;
  }

  #withOutput(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    return new Error(`${this.name}: ${message}\n${this.#output.slice(-SHOWN_CHARS)}`, { cause: error });
  }
}
