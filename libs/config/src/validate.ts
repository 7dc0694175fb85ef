/**
 * Plain values through the schema. Everything the schema refuses becomes a problem and is then taken out, so
 * that the cross-field rules still see the rest and one run lists all mistakes.
 */
import type { z } from 'zod';
import { isSection } from './document.ts';
import { nearestWord } from './nearest.ts';
import type { Places } from './places.ts';
import type { Path, Problem } from './problem.ts';
import { type RawConfig, configSchema } from './schema.ts';
import { type TreeNode, configTree, nodeAt } from './tree.ts';

export interface Validated {
  readonly raw: RawConfig;
  readonly problems: readonly Problem[];
  /** Where the file is wrong already: what follows from it is not reported again. */
  readonly broken: readonly Path[];
}

const MAX_SHOWN = 40;
/** A parser that is compiled pays for itself only when it is used again. */
const ONCE = { jitless: true };

/** A value as the operator would recognise it, short. */
export const show = (value: unknown): string => {
  const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (Array.isArray(value) && !isTexts) return 'a list';
  if (isSection(value)) return 'a section';
  const text = isTexts || typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
};

const childOf = (value: unknown, part: string | number): unknown => {
  if (Array.isArray(value)) return value[Number(part)];
  return isSection(value) && Object.hasOwn(value, part) ? value[part] : undefined;
};

const valueAt = (root: unknown, path: Path): unknown => path.reduce(childOf, root);

/** Takes the value out; an item of a list is emptied, so that the others keep their index. */
const removeAt = (root: unknown, path: Path): void => {
  const last = path.at(-1);
  const parent = valueAt(root, path.slice(0, -1));
  if (Array.isArray(parent) && typeof last === 'number') parent[last] = {};
  else if (isSection(parent) && last !== undefined) delete parent[last];
};

const unknownKey = (path: Path, key: string, places: Places): Problem => {
  const node = nodeAt(path)?.node;
  const keys = node?.kind === 'section' ? [...node.keys.keys()] : [];
  const near = nearestWord(key, keys);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return places.atKey([...path, key], `unknown key${hint}`, keys);
};

const wrongShape = (node: TreeNode, value: unknown): string =>
  `${show(value)} is not ${node.kind === 'list' ? 'a list' : 'a section'}`;

const wrongValue = (path: Path, root: unknown, places: Places): { path: Path; problem: Problem } => {
  const found = nodeAt(path) ?? { node: configTree, path: [] };
  const value = valueAt(root, found.path);
  if (found.node.kind !== 'field') {
    return { path: found.path, problem: places.atValue(found.path, wrongShape(found.node, value)) };
  }
  const { doc } = found.node;
  const shown = doc.secret === true ? 'the value' : show(value);
  const message = value === null ? 'has no value; give one or remove the key' : `${shown} is not ${doc.what}`;
  return { path: found.path, problem: places.atValue(found.path, message, doc.allowed) };
};

const problemsOf = (
  issue: z.core.$ZodIssue,
  root: unknown,
  places: Places,
): { path: Path; problem: Problem }[] => {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code !== 'unrecognized_keys') return [wrongValue(path, root, places)];
  return issue.keys.map((key) => ({ path: [...path, key], problem: unknownKey(path, key, places) }));
};

/** `root` is consumed: refused values are removed from it. */
export const validate = (root: Record<string, unknown>, places: Places): Validated => {
  const first = configSchema.safeParse(root, ONCE);
  if (first.success) return { raw: first.data, problems: [], broken: [] };
  const found = first.error.issues.flatMap((issue) => problemsOf(issue, root, places));
  for (const { path } of found) removeAt(root, path);
  const problems = found.map(({ problem }) => problem);
  const broken = found.map(({ path }) => path);
  // Every field is optional, so what is left after the removals always passes.
  return { raw: configSchema.parse(root, ONCE), problems, broken };
};
