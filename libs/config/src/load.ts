/**
 * One call from text and environment to a frozen `Config`, or to every problem at once with its place. It
 * never throws for what an operator can write.
 */
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { ConfigDefaults } from './context.ts';
import { parseConfigText } from './document.ts';
import { type Environment, applyEnvironment } from './environment.ts';
import { type FileText, type Files, diskFiles } from './files.ts';
import { type ConfigPart, usesOf } from './holdings.ts';
import type { Config } from './model.ts';
import type { Problem } from './problem.ts';
import { Report } from './report.ts';
import { resolveConfig } from './resolve.ts';
import { canonicalise, configTree } from './tree.ts';
import { validate } from './validate.ts';

export interface LoadOptions {
  /** Read when there is no `text`; relative paths inside start at its directory. */
  readonly file?: string;
  readonly text?: string;
  readonly env: Environment;
  /** What the command or the tests know better than the machine says. */
  readonly defaults?: Partial<ConfigDefaults>;
  readonly files?: Files;
  /** Parts that the reader holds; default: all. */
  readonly uses?: readonly ConfigPart[];
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const machineDefaults = (): ConfigDefaults => ({ dataDir: resolve('data'), cores: availableParallelism() });

const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
};

const readText = (options: LoadOptions, files: Files): FileText => {
  if (options.text !== undefined) return { ok: true, text: options.text };
  return options.file === undefined ? { ok: true, text: '' } : files.read(options.file);
};

const byPlace = (a: Problem, b: Problem): number =>
  (a.line ?? 0) - (b.line ?? 0) ||
  (a.column ?? 0) - (b.column ?? 0) ||
  (a.path < b.path ? -1 : Number(a.path > b.path));

const refuse = (problems: readonly Problem[]): LoadResult => ({
  ok: false,
  problems: [...problems].sort(byPlace),
});

export const loadConfig = (options: LoadOptions): LoadResult => {
  const files = options.files ?? diskFiles;
  const source = readText(options, files);
  if (!source.ok) {
    return refuse([
      { path: '', line: undefined, column: undefined, message: `cannot be read: ${source.reason}` },
    ]);
  }
  const { value, places, problems: syntax } = parseConfigText(source.text);
  if (value === undefined) return refuse(syntax);

  const found: Problem[] = [...syntax];
  const root = canonicalise(configTree, value, [], places, found) as Record<string, unknown>;
  const unknownVariables = applyEnvironment(root, options.env, places);
  const written = Object.keys(root).length > 0;
  const { raw, problems, broken } = validate(root, places);

  const report = new Report(places, broken);
  const baseDir = resolve(options.file === undefined ? '.' : dirname(options.file));
  const defaults = { ...machineDefaults(), ...options.defaults };
  const config = resolveConfig(
    { raw, report, defaults, files, uses: usesOf(options.uses), baseDir },
    written,
  );
  found.push(...problems, ...report.problems);
  if (found.length > 0) return refuse(found);
  const warnings = [...unknownVariables, ...report.warnings].sort(byPlace);
  return { ok: true, config: deepFreeze(config), warnings };
};
