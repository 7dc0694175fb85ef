/** What the cross-field rules work with: the validated file, the machine, and where to report. */
import { isAbsolute, resolve } from 'node:path';
import type { Files } from './files.ts';
import type { ConfigPart, Uses } from './holdings.ts';
import type { Secret } from './model.ts';
import type { Path } from './problem.ts';
import type { Report } from './report.ts';
import type { RawConfig } from './schema.ts';
import { createSecret, withheldSecret } from './secret.ts';

/** Facts of the machine and of the command, which a file may override. */
export interface ConfigDefaults {
  /** Absolute. */
  readonly dataDir: string;
  /** Logical processors that this process may use. */
  readonly cores: number;
}

export interface ResolveContext {
  readonly raw: RawConfig;
  readonly report: Report;
  readonly defaults: ConfigDefaults;
  readonly files: Files;
  /** Whether who reads this holds that part. */
  readonly uses: Uses;
  /** Relative paths of the file start here. */
  readonly baseDir: string;
}

export const absolutePath = (context: ResolveContext, path: string): string =>
  isAbsolute(path) ? path : resolve(context.baseDir, path);

/** The text of a file that the configuration names; unreadable or empty is a problem at `path`. */
export const readNamedFile = (context: ResolveContext, file: string, path: Path): string | undefined => {
  const found = context.files.read(absolutePath(context, file));
  if (!found.ok) {
    context.report.problem(path, `${JSON.stringify(file)} cannot be read: ${found.reason}`);
    return undefined;
  }
  if (found.text.trim() !== '') return found.text.trim();
  context.report.problem(path, `${JSON.stringify(file)} is empty`);
  return undefined;
};

export interface GivenSecret {
  readonly part: ConfigPart;
  readonly value: string | undefined;
  readonly file: string | undefined;
}

/** A secret given as `key` in the file or as `key_file` beside it, never both. */
export const readSecret = (
  context: ResolveContext,
  section: Path,
  key: string,
  given: GivenSecret,
): Secret | undefined => {
  const filePath = [...section, `${key}_file`];
  if (given.value !== undefined && given.file !== undefined) {
    context.report.problem(filePath, `repeats "${key}"; keep one of them`);
  }
  if (given.value === undefined && given.file === undefined) return undefined;
  if (!context.uses(given.part)) return withheldSecret(given.part);
  if (given.value !== undefined) return createSecret(given.value);
  if (given.file === undefined) return undefined;
  const text = readNamedFile(context, given.file, filePath);
  return text === undefined ? undefined : createSecret(text);
};
