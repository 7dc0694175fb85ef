/**
 * Keeps the log of a process within its size while that process has it open. No program of a fleet opens its log anew
 * when it is told to, and a pipe through the supervisor would end with it: so what is written is copied away and the
 * file is emptied under its writer, who appends and goes on at the beginning. What it writes between our last read
 * and the cut, which follow upon each other, is lost.
 */
import {
  closeSync,
  constants,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

export interface LogLimits {
  readonly maxBytes: number;
  /** Older ones: `.1` is the newest of them. */
  readonly keep: number;
}

/** Of each process 80 MiB at most, but for what it writes until somebody looks again. */
export const LOG_LIMITS: LogLimits = { maxBytes: 16 * 1024 * 1024, keep: 4 };

const CHUNK_BYTES = 1024 * 1024;

/** Until there is nothing more to read: its writer goes on meanwhile. */
const copyOut = (log: number, target: string): void => {
  const copy = openSync(target, 'w', 0o600);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let at = 0, bytes = readSync(log, chunk, 0, CHUNK_BYTES, 0); bytes > 0;) {
      for (let written = 0; written < bytes;) written += writeSync(copy, chunk, written, bytes - written);
      at += bytes;
      bytes = readSync(log, chunk, 0, CHUNK_BYTES, at);
    }
  } finally {
    closeSync(copy);
  }
};

const renameIfThere = (from: string, to: string): void => {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
};

/** Throws what the file system has against it, on a full disk above all; then the log is as it was. */
export const rotateLog = (file: string, { maxBytes, keep }: LogLimits = LOG_LIMITS): void => {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= maxBytes) return;
  const log = openSync(file, constants.O_RDWR);
  const draft = `${file}.new`;
  try {
    // The oldest makes room for the copy.
    rmSync(`${file}.${keep}`, { force: true });
    copyOut(log, draft);
    ftruncateSync(log);
    for (let age = keep - 1; age > 0; age -= 1) renameIfThere(`${file}.${age}`, `${file}.${age + 1}`);
    renameSync(draft, `${file}.1`);
  } finally {
    closeSync(log);
    rmSync(draft, { force: true });
  }
};
