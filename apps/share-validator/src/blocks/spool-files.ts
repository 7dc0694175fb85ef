/** The few file operations of the spool, as an interface so that tests can let each of them fail. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';

export interface SpoolFiles {
  makeDirectory(path: string): Promise<void>;
  /** Writes the whole file and returns once it is on the disk. */
  writeDurable(path: string, bytes: Buffer): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes renames within the directory survive a power cut. */
  syncDirectory(path: string): Promise<void>;
  /** Removing what is not there does nothing. */
  remove(path: string): Promise<void>;
  list(path: string): Promise<readonly string[]>;
  read(path: string): Promise<Buffer>;
}

const syncing = async (path: string, flags: string, write: Buffer | undefined): Promise<void> => {
  const file = await open(path, flags, 0o600);
  try {
    if (write !== undefined) await file.writeFile(write);
    await file.sync();
  } finally {
    await file.close();
  }
};

export const systemSpoolFiles: SpoolFiles = {
  makeDirectory: async (path) => void (await mkdir(path, { recursive: true, mode: 0o700 })),
  writeDurable: (path, bytes) => syncing(path, 'w', bytes),
  rename,
  syncDirectory: (path) => syncing(path, 'r', undefined),
  remove: (path) => rm(path, { force: true }),
  list: (path) => readdir(path),
  read: (path) => readFile(path),
};
