/** Books a log of shares (arguments: connection, its directory) in small transactions and says so after each; for tests that end it in between. */
import { silentLogger } from '@otedama/contracts';
import { createLogReader } from '@otedama/file-log';
import { type ConnectionOptions, createLedger, openDatabase } from '../index.ts';

const connection: ConnectionOptions = JSON.parse(process.argv[2] ?? '{}');
const database = openDatabase(connection, { logger: silentLogger });
const log = createLogReader(process.argv[3] ?? '');
const ledger = createLedger(database.db, { transactionRecords: 50 });
await ledger.bookShares(log, new AbortController().signal, ({ batches }) => console.log(batches));
console.log('end');
await database.close();
