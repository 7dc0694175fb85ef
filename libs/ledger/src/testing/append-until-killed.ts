/**
 * Run as a program by a test: appends batches to SHARES, several at a time, and prints the number of each one
 * as soon as it is acknowledged, until it is killed. Arguments: connection as JSON, first number.
 */
import { writeSync } from 'node:fs';
import { silentLogger } from '@otedama/contracts';
import type { ConnectionOptions } from '../postgres/embedded.ts';
import { openDatabase } from '../database.ts';
import { createPostgresLog } from '../log/postgres-log.ts';

const [, , connection = '{}', first = '0'] = process.argv;
const options: ConnectionOptions = JSON.parse(connection);
const { pool } = openDatabase(options, { logger: silentLogger });
const log = createPostgresLog(pool, 'SHARES', { logger: silentLogger });

const LANES = 8;

const appendFrom = async (start: number): Promise<never> => {
  for (let number = start; ; number += LANES) {
    const payload = Buffer.alloc(512);
    payload.writeUInt32BE(number);
    const dedupeId = Buffer.alloc(16);
    dedupeId.writeUInt32BE(number);
    await log.append(dedupeId, payload);
    // Written at once: what was printed was acknowledged, even if the process dies the next moment.
    writeSync(1, `${number}\n`);
  }
};

await Promise.all(Array.from({ length: LANES }, (_, lane) => appendFrom(Number(first) + lane)));
