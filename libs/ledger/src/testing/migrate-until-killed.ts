/** Brings a database up to date, its logs to a directory; for tests that end it in between. Arguments: connection, directory. */
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { inheritLog } from '@otedama/file-log';
import { type ConnectionOptions, migrate, openDatabase } from '../index.ts';

const connection: ConnectionOptions = JSON.parse(process.argv[2] ?? '{}');
const directory = process.argv[3] ?? '';
const database = openDatabase(connection, { logger: silentLogger });
console.log('begin');
await migrate(database.pool, {
  heir: (name, entries) =>
    inheritLog({ directory: join(directory, name), name, segmentBytes: 128 * 1024 }, entries),
});
console.log('end');
await database.close();
