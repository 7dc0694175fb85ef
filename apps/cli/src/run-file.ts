/** `run.json` in the data directory: where a running otedama can be asked. Written once it listens. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const runSchema = z.object({ pid: z.number().int(), version: z.string(), api: z.string() });
export type RunFile = z.infer<typeof runSchema>;

const FILE = 'run.json';

/** The same default as the configuration's `app.data_dir`. */
export const defaultDataDir = (): string => resolve('data');

export const writeRunFile = (dataDir: string, run: RunFile): void => {
  writeFileSync(join(dataDir, FILE), `${JSON.stringify(run)}\n`);
};

export const removeRunFile = (dataDir: string): void => rmSync(join(dataDir, FILE), { force: true });

/** Undefined when there is none or it is not readable as one. */
export const readRunFile = (dataDir: string): RunFile | undefined => {
  try {
    return runSchema.parse(JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')));
  } catch {
    return undefined;
  }
};
