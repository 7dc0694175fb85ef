/**
 * Run as a program by a test: appends batches, several at a time, and prints the number of each one as soon as it is
 * acknowledged, and `held up` whenever the disk refuses a write, until it is killed. Arguments: directory of the log,
 * first number.
 */
import { writeSync } from 'node:fs';
import { type Logger, silentLogger } from '@otedama/contracts';
import { openFileLog } from '../file-log.ts';

const [, , directory = '', first = '0'] = process.argv;
const logger: Logger = { ...silentLogger, warn: () => void writeSync(1, 'held up\n') };
const log = await openFileLog({ directory, name: 'SHARES', logger, segmentBytes: 256 * 1024 });

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
