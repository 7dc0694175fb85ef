/**
 * The schema seen as a tree: where its sections, lists and fields are. Renames aliases and drops empty
 * sections before validation; lists the fields for the environment and the reference page.
 */
import { z } from 'zod';
import { isSection, setOwn } from './document.ts';
import { type FieldDoc, fieldDocs } from './fields.ts';
import type { Places } from './places.ts';
import type { Path, Problem } from './problem.ts';
import { configSchema } from './schema.ts';

export type TreeNode =
  | { readonly kind: 'section'; readonly keys: ReadonlyMap<string, TreeNode> }
  | { readonly kind: 'list'; readonly item: TreeNode }
  | { readonly kind: 'field'; readonly doc: FieldDoc; readonly schema: z.ZodType };

const buildTree = (schema: unknown): TreeNode => {
  const doc = schema instanceof z.ZodType ? fieldDocs.get(schema) : undefined;
  if (doc !== undefined && schema instanceof z.ZodType) return { kind: 'field', doc, schema };
  if (schema instanceof z.ZodOptional) return buildTree(schema.unwrap());
  if (schema instanceof z.ZodArray) return { kind: 'list', item: buildTree(schema.element) };
  if (schema instanceof z.ZodObject) {
    const entries = Object.entries(schema.shape);
    return { kind: 'section', keys: new Map(entries.map(([key, child]) => [key, buildTree(child)])) };
  }
  throw new TypeError('a part of the schema has no description');
};

export const configTree = buildTree(configSchema);

/** The node that a path leads to; a path inside a field (a list of devices) ends at that field. */
export const nodeAt = (path: Path): { readonly node: TreeNode; readonly path: Path } | undefined => {
  let node: TreeNode = configTree;
  for (const [index, part] of path.entries()) {
    if (node.kind === 'field') return { node, path: path.slice(0, index) };
    const next: TreeNode | undefined = node.kind === 'list' ? node.item : node.keys.get(String(part));
    if (next === undefined) return undefined;
    node = next;
  }
  return { node, path };
};

export interface ScalarField {
  readonly path: readonly string[];
  readonly doc: FieldDoc;
  readonly schema: z.ZodType;
}

const holdsList = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodOptional && schema.unwrap() instanceof z.ZodArray;

/** Fields that one environment variable can name: all outside lists. */
export const scalarFields = (node: TreeNode = configTree, path: readonly string[] = []): ScalarField[] => {
  if (node.kind === 'list' || (node.kind === 'field' && holdsList(node.schema))) return [];
  if (node.kind === 'field') return [{ path, doc: node.doc, schema: node.schema }];
  return [...node.keys].flatMap(([key, child]) => scalarFields(child, [...path, key]));
};

/** A key left empty stands for an empty section or list; an empty field stays null and is refused later. */
const emptyFor = (node: TreeNode): unknown => {
  if (node.kind === 'section') return {};
  return node.kind === 'list' ? [] : null;
};

/** Gives the value with canonical keys, reporting an alias that repeats its key. */
export const canonicalise = (
  node: TreeNode,
  value: unknown,
  path: Path,
  places: Places,
  problems: Problem[],
): unknown => {
  if (value === null) return emptyFor(node);
  if (node.kind === 'list' && Array.isArray(value)) {
    return value.map((item, index) => canonicalise(node.item, item, [...path, index], places, problems));
  }
  if (node.kind !== 'section' || !isSection(value)) return value;
  const canonical: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    const name = canonicalKey(node.keys, key);
    const childNode = node.keys.get(name);
    if (name !== key && Object.hasOwn(value, name)) {
      problems.push(places.atKey([...path, key], `repeats "${name}"; keep one of them`));
      continue;
    }
    if (name !== key) places.rename([...path, key], [...path, name]);
    const next =
      childNode === undefined ? child : canonicalise(childNode, child, [...path, name], places, problems);
    setOwn(canonical, name, next);
  }
  return canonical;
};

const canonicalKey = (keys: ReadonlyMap<string, TreeNode>, key: string): string => {
  if (keys.has(key)) return key;
  for (const [name, child] of keys) {
    if (child.kind === 'field' && child.doc.aliases?.includes(key)) return name;
  }
  return key;
};
