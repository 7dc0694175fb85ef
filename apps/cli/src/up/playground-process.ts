/**
 * Keeps the playground node running beside the pool. It ends with this process however this process ends,
 * because it watches its standard input; a node that dies by itself is started again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from '@otedama/contracts';

export interface PlaygroundProcessOptions {
  readonly script: string;
  readonly dataDir: string;
  readonly rpcPort: number;
  readonly apiKey: string;
}

export interface PlaygroundProcess {
  stop(): Promise<void>;
}

const RESTART_DELAY_MS = 2_000;
const STOP_DEADLINE_MS = 8_000;
/** Enough of its last words to see why it died. */
const KEPT_OUTPUT = 4_000;

const launch = ({ script, dataDir, rpcPort, apiKey }: PlaygroundProcessOptions): ChildProcess =>
  spawn(
    process.execPath,
    ['--no-warnings', script, '--data-dir', dataDir, '--rpc-port', String(rpcPort), '--api-key', apiKey],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );

export const startPlaygroundProcess = (
  options: PlaygroundProcessOptions,
  logger: Logger,
): PlaygroundProcess => {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let child = watch();

  function watch(): ChildProcess {
    const started = launch(options);
    let words = '';
    started.stderr?.on('data', (text) => {
      words = (words + String(text)).slice(-KEPT_OUTPUT);
    });
    // A write to a node that just died must not take the pool along.
    started.stdin?.on('error', (error) => logger.debug({ error }, 'playground node closed its input'));
    started.on('error', (error) => logger.error({ error }, 'the playground node cannot be started'));
    started.on('exit', (code, signal) => {
      if (stopping) return;
      logger.error({ code, signal, words }, 'the playground node ended; starting it again');
      timer = setTimeout(() => {
        child = watch();
      }, RESTART_DELAY_MS);
    });
    return started;
  }

  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
      clearTimeout(kill);
    },
  };
};
