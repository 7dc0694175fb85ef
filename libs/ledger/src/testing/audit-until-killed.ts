/** Takes the log AUDIT into the chain and says so after each transaction; for tests that end it in between. */
import { silentLogger } from '@otedama/contracts';
import { type ConnectionOptions, createAuditBook, createPostgresLog, openDatabase } from '../index.ts';

const connection: ConnectionOptions = JSON.parse(process.argv[2] ?? '{}');
const database = openDatabase(connection, { logger: silentLogger });
const log = createPostgresLog(database.pool, 'AUDIT', { logger: silentLogger });
await createAuditBook(database.db).take(log, new AbortController().signal, {
  clock: Date.now,
  onTaken: ({ entries }) => console.log(entries),
});
console.log('end');
await log.close();
await database.close();
