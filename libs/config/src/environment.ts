/**
 * Environment variables over the file. The rule: `OTEDAMA_` and the path of the field in capitals, its dots
 * as underscores (`api.rate_limit` is OTEDAMA_API_RATE_LIMIT). A list has one only where a text with commas may
 * stand for it. An empty variable counts as not set, because that is what templates leave behind.
 */
import { resolve } from 'node:path';
import { isSection, setOwn } from './document.ts';
import { nearestWord } from './nearest.ts';
import type { Places } from './places.ts';
import type { Problem } from './problem.ts';
import { type ScalarField, scalarFields } from './tree.ts';

const PREFIX = 'OTEDAMA_';

export type Environment = Readonly<Record<string, string | undefined>>;

export const variableName = (path: readonly string[]): string => PREFIX + path.join('_').toUpperCase();

const knownVariables = (): Map<string, ScalarField> => {
  const known = new Map<string, ScalarField>();
  for (const field of scalarFields()) {
    known.set(variableName(field.path), field);
    for (const alias of field.doc.aliases ?? []) {
      known.set(variableName([...field.path.slice(0, -1), alias]), field);
    }
  }
  return known;
};

/** Kubernetes sets these for every service of the namespace, one named `otedama` included. */
const SERVICE_LINK = /_(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT(?:_\d+_\w+)?)$/;

/**
 * Text as YAML would read it, where the field does not take the text itself. A path is the caller's: it starts
 * at the working directory, not at that of the file.
 */
const asFieldValue = (field: ScalarField, text: string): unknown => {
  if (field.doc.isPath === true) return resolve(text);
  const readings: unknown[] = [text];
  if (text === 'true' || text === 'false') readings.push(text === 'true');
  if (/^-?\d+(?:\.\d+)?$/.test(text)) readings.push(Number(text));
  return readings.find((reading) => field.schema.safeParse(reading).success) ?? text;
};

const assign = (root: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  let section = root;
  for (const part of path.slice(0, -1)) {
    const next = Object.hasOwn(section, part) ? section[part] : undefined;
    // A value where a section belongs is reported as such; the variable has no place to go then.
    if (next !== undefined && !isSection(next)) return;
    const child = next ?? {};
    setOwn(section, part, child);
    section = child;
  }
  setOwn(section, path.at(-1) ?? '', value);
};

/** Writes the overrides into `root`; answers the variables of ours that no field has. */
export const applyEnvironment = (
  root: Record<string, unknown>,
  environment: Environment,
  places: Places,
): Problem[] => {
  const unknown: Problem[] = [];
  const known = knownVariables();
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || text === undefined || text === '') continue;
    const field = known.get(variable);
    if (field !== undefined) {
      places.setValue(field.path, { line: undefined, column: undefined, variable });
      assign(root, field.path, asFieldValue(field, text));
    } else if (!SERVICE_LINK.test(variable)) {
      const near = nearestWord(variable, known.keys());
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      const place = { path: '', line: undefined, column: undefined, variable };
      unknown.push({ ...place, message: `no setting has this name${hint}` });
    }
  }
  return unknown;
};
