/**
 * One process of the fleet: started, started again when it dies, ended in good order. It has its own session and
 * writes into a file: neither a Ctrl-C in our terminal nor our death reaches it, it ends when we say so.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@otedama/contracts';
import { giveWay } from '@otedama/processes';
import type { FleetEntry } from './state.ts';

/** What the supervisor keeps running, however it does that. */
export interface Managed {
  readonly plan: ProcessPlan;
  readonly restarts: number;
  /** Undefined while it is down. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

export interface ProcessPlan extends Omit<FleetEntry, 'identity' | 'restarts'> {
  /** After so long without an end it is killed. */
  readonly stopDeadlineMs: number;
}

export interface ProcessSpec extends ProcessPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Ends with its standard input, and so with us. */
  readonly holdsInput?: boolean;
  /** Miners do not wait for it: it gets less of a processor that others want as well. */
  readonly givesWay?: boolean;
  /** This exit code says that starting again is of no use. */
  readonly fatalExitCode?: number;
}

const RESTART_FIRST_MS = 200;
const RESTART_MAX_MS = 10_000;
/** Who has lived for so long is started again at once. */
const SETTLED_MS = 30_000;
const TAIL_CHARS = 2_000;

/** It gave up, and so does the fleet. */
export class FatalExitError extends Error {
  override readonly name = 'FatalExitError';
  readonly code = 'FLEET_PROCESS';
}

export const logTail = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').slice(-TAIL_CHARS).trim();
  } catch {
    return '';
  }
};

export class ManagedProcess implements Managed {
  readonly plan: ProcessSpec;
  restarts = 0;
  readonly #logger: Logger;
  readonly #onFatal: (error: FatalExitError) => void;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #backoffMs = RESTART_FIRST_MS;

  constructor(
    spec: ProcessSpec,
    deps: { readonly logger: Logger; readonly onFatal: (error: FatalExitError) => void },
  ) {
    this.plan = spec;
    this.#logger = deps.logger;
    this.#onFatal = deps.onFatal;
  }

  pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { command, args, env, log: file, holdsInput = false, givesWay = false } = this.plan;
    // To append: what `rotateLog` cuts off then leaves no hole.
    const log = openSync(file, 'a', 0o600);
    const child = spawn(command, [...args], {
      env: { ...process.env, ...env },
      stdio: [holdsInput ? 'pipe' : 'ignore', log, log],
      detached: true,
    });
    closeSync(log);
    if (givesWay && child.pid !== undefined) void giveWay(child.pid);
    this.#child = child;
    const startedMs = performance.now();
    // Writing to a process that has just died must not end this one.
    child.stdin?.on('error', () => undefined);
    child.once('error', (error) => this.#ended(startedMs, String(error)));
    child.once('exit', (code, signal) => this.#ended(startedMs, signal ?? code ?? 'unknown'));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill(this.plan.stopSignal);
    const timer = new AbortController();
    const late = delay(this.plan.stopDeadlineMs, 'late' as const, { signal: timer.signal }).catch(
      () => 'late',
    );
    if ((await Promise.race([ended, late])) === 'late') {
      this.#logger.error({ process: this.plan.name }, 'it did not end in time and is killed');
      child.kill('SIGKILL');
      await ended;
    }
    timer.abort();
  }

  #ended(startedMs: number, how: NodeJS.Signals | number | string): void {
    if (this.#child === undefined) return;
    this.#child = undefined;
    if (this.#stopping.signal.aborted) return;
    const { name, fatalExitCode, log } = this.plan;
    if (how === fatalExitCode) {
      this.#onFatal(new FatalExitError(`${name} cannot start:\n${logTail(log)}`));
      return;
    }
    if (performance.now() - startedMs > SETTLED_MS) this.#backoffMs = RESTART_FIRST_MS;
    this.#logger.error({ process: name, how, afterMs: this.#backoffMs }, 'it ended; starting it again');
    void this.#startAgain();
  }

  async #startAgain(): Promise<void> {
    const waitMs = this.#backoffMs;
    this.#backoffMs = Math.min(waitMs * 2, RESTART_MAX_MS);
    await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    if (this.#stopping.signal.aborted) return;
    this.restarts += 1;
    this.start();
  }
}
