/** Takes a log AUDIT (arguments: connection, its directory) into the chain and says so after each transaction; for tests that end it in between. */
import { silentLogger } from '@otedama/contracts';
import { createLogReader } from '@otedama/file-log';
import { type ConnectionOptions, createAuditBook, openDatabase } from '../index.ts';

const connection: ConnectionOptions = JSON.parse(process.argv[2] ?? '{}');
const database = openDatabase(connection, { logger: silentLogger });
const log = createLogReader(process.argv[3] ?? '');
await createAuditBook(database.db).take(log, new AbortController().signal, {
  clock: Date.now,
  onTaken: ({ entries }) => console.log(entries),
});
console.log('end');
await database.close();
