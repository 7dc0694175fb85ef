/**
 * The `otedama` command: picks the command, turns failures into a sentence and an exit code. Exit codes:
 * 0 done, 1 failed, 2 wrong usage or configuration. No top-level await: the bundle is CommonJS (docs/adr/0001).
 */
import 'reflect-metadata';
import { accessCommand } from './commands/access.ts';
import { auditCommand } from './commands/audit.ts';
import { bansCommand } from './commands/bans.ts';
import { benchCommand } from './commands/bench.ts';
import { configCommand } from './commands/config.ts';
import { doctorCommand } from './commands/doctor.ts';
import { fleetCommand } from './commands/fleet.ts';
import { hashCommand } from './commands/hash.ts';
import { HELP } from './commands/help.ts';
import { ledgerCommand } from './commands/ledger.ts';
import { mineCommand } from './commands/mine.ts';
import { payoutsCommand } from './commands/payouts.ts';
import { serveCommand } from './commands/serve.ts';
import { statusCommand } from './commands/status.ts';
import { upCommand } from './commands/up.ts';
import { CommandFailure, usage } from './failure.ts';
import { VERSION } from '@otedama/observability/version';

export type Command = (args: readonly string[]) => Promise<void>;

const print =
  (text: string): Command =>
  async () => {
    process.stdout.write(`${text}\n`);
  };

const commands: Readonly<Record<string, Command>> = {
  up: upCommand,
  fleet: fleetCommand,
  serve: serveCommand,
  status: statusCommand,
  ledger: ledgerCommand,
  access: accessCommand,
  mine: mineCommand,
  hash: hashCommand,
  payouts: payoutsCommand,
  audit: auditCommand,
  bans: bansCommand,
  config: configCommand,
  bench: benchCommand,
  doctor: doctorCommand,
  help: print(HELP),
  version: print(VERSION),
};

const aliases: Readonly<Record<string, string>> = {
  '--help': 'help',
  '-h': 'help',
  '--version': 'version',
  '-v': 'version',
};

const isUsageError = (error: unknown): error is Error =>
  error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');

const report = (error: unknown): number => {
  if (error instanceof CommandFailure) {
    process.stderr.write(`otedama: ${error.message}\n`);
    return error.exitCode;
  }
  if (isUsageError(error)) {
    process.stderr.write(`otedama: ${error.message}\n`);
    return 2;
  }
  process.stderr.write(
    `otedama: internal error, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 1;
};

const main = async (argv: readonly string[]): Promise<void> => {
  const [word = 'help', ...rest] = argv;
  const name = aliases[word] ?? word;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw usage(`unknown command: ${word}`);
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  await command(rest);
};

main(process.argv.slice(2)).catch((error: unknown) => {
  process.exitCode = report(error);
});
