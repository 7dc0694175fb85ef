/** Run as a program by a test: starts the database in the given directory, prints its process id, and is gone. */
import { silentLogger } from '@otedama/contracts';
import { startEmbeddedPostgres } from '../postgres/embedded.ts';

const server = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', logger: silentLogger });
process.stdout.write(`${server.pid()}\n`, () => process.kill(process.pid, 'SIGKILL'));
