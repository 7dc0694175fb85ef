/** The few reads that a configuration may cause, behind an interface so that tests need no disk. */
import { readFileSync } from 'node:fs';

export type FileText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

export interface Files {
  read(path: string): FileText;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  EISDIR: 'it is a directory',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links go in a circle',
  ERR_INVALID_ARG_VALUE: 'the name holds a zero byte',
};

export const diskFiles: Files = {
  read: (path) => {
    try {
      return { ok: true, text: readFileSync(path, 'utf8') };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const reason = REASONS[code];
      if (reason === undefined) throw error;
      return { ok: false, reason };
    }
  },
};
