/** For tests alone: logs in a temporary directory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@otedama/contracts';
import { type FileLog, type FileLogOptions, openFileLog } from '../file-log.ts';

export interface TestLogs {
  readonly directory: string;
  open(name: string, options?: Partial<FileLogOptions>): Promise<FileLog>;
  /** Closes what was opened and begins all logs anew. */
  reset(): Promise<void>;
  dispose(): Promise<void>;
}

/** Tests make little, and many logs. */
const SEGMENT_BYTES = 1024 * 1024;

export const createTestLogs = async (): Promise<TestLogs> => {
  const directory = await mkdtemp(join(tmpdir(), 'otedama-logs-'));
  const opened: FileLog[] = [];
  const reset = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((log) => log.close()));
    await rm(directory, { recursive: true, force: true });
  };
  return {
    directory,
    open: async (name, options) => {
      const place = { directory: join(directory, name), name };
      const log = await openFileLog({
        ...place,
        logger: silentLogger,
        segmentBytes: SEGMENT_BYTES,
        ...options,
      });
      opened.push(log);
      return log;
    },
    reset,
    dispose: reset,
  };
};
