/** Books the log of shares in small transactions and says so after each; for tests that end it in between. */
import { silentLogger } from '@otedama/contracts';
import { type ConnectionOptions, createLedger, createPostgresLog, openDatabase } from '../index.ts';

const connection: ConnectionOptions = JSON.parse(process.argv[2] ?? '{}');
const database = openDatabase(connection, { logger: silentLogger });
const log = createPostgresLog(database.pool, 'SHARES', { logger: silentLogger });
const ledger = createLedger(database.db, { transactionRecords: 50 });
await ledger.bookShares(log, new AbortController().signal, ({ batches }) => console.log(batches));
console.log('end');
await log.close();
await database.close();
