/**
 * The schema of the file as JSON Schema (draft 7), for editors and for the values of the Helm chart. It knows shapes
 * and single values; a text in one of the languages of `values.ts` is any text here, and the program judges it.
 */
import { z } from 'zod';
import type { FieldDoc } from './fields.ts';
import { type TreeNode, configTree } from './tree.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const schemaOfField = (
  schema: z.ZodType,
  { description, allowed, default: standard }: FieldDoc,
): JsonSchema => {
  const { $schema: _draft, ...shape } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  const forms = allowed === undefined ? '' : ` Such as: ${allowed.join(', ')}.`;
  const otherwise = standard === undefined ? '' : ` Default: ${standard}.`;
  return { description: `${description}.${forms}${otherwise}`, ...shape };
};

const schemaOf = (node: TreeNode): JsonSchema => {
  if (node.kind === 'field') return schemaOfField(node.schema, node.doc);
  if (node.kind === 'list') return { type: 'array', items: schemaOf(node.item) };
  const properties: Record<string, JsonSchema> = {};
  for (const [key, child] of node.keys) {
    const aliases = child.kind === 'field' ? (child.doc.aliases ?? []) : [];
    for (const name of [key, ...aliases]) properties[name] = schemaOf(child);
  }
  return { type: 'object', additionalProperties: false, properties };
};

export const configJsonSchema = (): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'otedama.yaml',
  ...schemaOf(configTree),
});
