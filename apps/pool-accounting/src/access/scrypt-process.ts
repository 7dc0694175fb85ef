/**
 * Hashes of passwords in a process of their own, which leaves the processor to others first. Each takes 128 MiB, which
 * the system gives and takes back under a lock of the whole process: in this one, miners' shares would wait for it. The
 * process is started when it is needed, and ended when it has had nothing to do for a while.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { HASH_BYTES, type ScryptCost } from '@otedama/access';

/** Two logins in a row need one start. */
const IDLE_MS = 30_000;

const PROGRAM = `
const { scryptSync } = require('node:crypto');
process.on('message', ({ password, salt, bytes, options }) => {
  process.send(scryptSync(password, Buffer.from(salt, 'base64'), bytes, options).toString('base64'));
});
process.on('disconnect', () => process.exit());
`;

export class ScryptProcessError extends Error {
  override readonly name = 'ScryptProcessError';
  readonly code = 'SCRYPT_PROCESS';
}

/** A sandbox may not allow it; passwords are hashed all the same. */
const yieldToOthers = (pid: number): void => {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // As said.
  }
};

const bytesOf = ({ log2N, r }: ScryptCost): number => 128 * 2 ** log2N * r;

export class ScryptProcess {
  readonly #idleMs: number;
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(idleMs = IDLE_MS) {
    this.#idleMs = idleMs;
  }

  /** Undefined: it is not running. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** One at a time. Rejects with `ScryptProcessError` when the process cannot be started or ends; the next call starts another. */
  async derive(password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
    clearTimeout(this.#idle);
    const child = (this.#child ??= this.#start());
    // Whoever waits for an answer keeps this process alive; an idle child does not.
    child.ref();
    child.channel?.ref();
    try {
      return await ask(child, {
        password,
        salt: salt.toString('base64'),
        bytes: HASH_BYTES,
        options: { N: 2 ** cost.log2N, r: cost.r, p: cost.p, maxmem: 2 * bytesOf(cost) },
      });
    } finally {
      child.unref();
      child.channel?.unref();
      this.#idle = setTimeout(() => this.#end(), this.#idleMs).unref();
    }
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, ['-e', PROGRAM], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // Nothing of ours: neither secrets nor what Node is told to do here.
      env: {},
    });
    child.on('error', () => this.#forget(child));
    child.on('exit', () => this.#forget(child));
    if (child.pid !== undefined) yieldToOthers(child.pid);
    return child;
  }

  #end(): void {
    this.#child?.disconnect();
    this.#child = undefined;
  }

  #forget(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined;
  }
}

const ask = (child: ChildProcess, request: object): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
      outcome();
    };
    const fail = (why: string): void => settle(() => reject(new ScryptProcessError(why)));
    const onMessage = (hash: unknown): void => settle(() => resolve(Buffer.from(String(hash), 'base64')));
    const onExit = (code: number | null, signal: string | null): void =>
      fail(`the process that hashes passwords has ended: ${signal ?? code}`);
    const onError = ({ message }: Error): void =>
      fail(`the process that hashes passwords does not work: ${message}`);
    child.on('message', onMessage).on('exit', onExit).on('error', onError);
    child.send(request, (error) => {
      if (error !== null) fail(`the process that hashes passwords hears nothing: ${error.message}`);
    });
  });
