/**
 * One Otedama process a data directory. Each process first writes a file with its own identity, then looks for
 * those of other living processes and gives up when it sees one. Of two that start together each writes before
 * it looks, so at least one sees the other: never do both go on. A file of a dead process means nothing and is
 * removed; nobody can take one over, so there is no race about stale locks.
 */
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './error-codes.ts';
import { bootId, processStartTicks } from './processes.ts';

export interface Claim {
  release(): Promise<void>;
}

const CLAIM_FILE = /^owner-(\d+)-(\d+)-([0-9a-f]{8})\.lock$/;

/** The message is a sentence for the operator. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
  readonly code = 'DIRECTORY_IN_USE';
}

const inUse = (dataDir: string, pid: number): ClaimError =>
  new ClaimError(
    `the data directory ${dataDir} is in use by another Otedama (process ${pid}); ` +
      'stop that one, or give this one its own app.data_dir',
  );

const createClaimFile = async (dataDir: string, file: string): Promise<void> => {
  try {
    await (await open(join(dataDir, file), 'wx', 0o600)).close();
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw inUse(dataDir, process.pid);
    throw error;
  }
};

/** The living process, other than the owner of `ownFile`, that claims the directory; dead claims are removed. */
const findRival = async (dataDir: string, ownFile: string, boot: string): Promise<number | undefined> => {
  for (const file of await readdir(dataDir)) {
    const [, pidText = '', ticks, claimBoot] = CLAIM_FILE.exec(file) ?? [];
    if (claimBoot === undefined || file === ownFile) continue;
    const pid = Number(pidText);
    if (claimBoot === boot && (await processStartTicks(pid)) === ticks) return pid;
    await rm(join(dataDir, file), { force: true });
  }
  return undefined;
};

export const claimDirectory = async (dataDir: string): Promise<Claim> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const boot = await bootId();
  const ownFile = `owner-${process.pid}-${await processStartTicks(process.pid)}-${boot}.lock`;
  await createClaimFile(dataDir, ownFile);
  const release = (): Promise<void> => rm(join(dataDir, ownFile), { force: true });
  const rival = await findRival(dataDir, ownFile, boot);
  if (rival === undefined) return { release };
  await release();
  throw inUse(dataDir, rival);
};
