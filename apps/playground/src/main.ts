/**
 * The playground process. Prints one JSON line when it serves, and lives as long as its standard input is
 * open: a parent that dies, however it dies, takes it along.
 */
import { USAGE, parseOptions } from './options.ts';
import { startPlayground } from './playground.ts';

/** Long polls keep their connections open; after this long the process ends without them. */
const STOP_DEADLINE_MS = 5_000;

const say = (error: unknown): void => {
  process.stderr.write(`playground: ${error instanceof Error ? error.message : String(error)}\n`);
};

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    process.stderr.write(`playground: ${options}\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const node = await startPlayground(options, say);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
    node.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        say(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  // Ctrl-C goes to every process of a terminal; a parent that still drains its pool decides by closing stdin.
  process.on('SIGINT', process.stdin.isTTY ? stop : () => undefined);
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
  process.stdout.write(`${JSON.stringify({ ready: true, rpcUrl: node.rpcUrl, height: node.height })}\n`);
};

main().catch((error: unknown) => {
  say(error);
  process.exit(1);
});
