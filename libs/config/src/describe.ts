/** The reference page of the configuration, generated from the schema (docs/configuration.md). */
import { variableName } from './environment.ts';
import type { FieldDoc } from './fields.ts';
import { type TreeNode, configTree, scalarFields } from './tree.ts';

const INTRODUCTION = `# Configuration

Generated from the schema in \`libs/config\`; do not edit.

One YAML file, given with \`--config\`. Every key is optional unless another key makes it necessary. All
mistakes are listed at once, each with its line and the accepted forms. \`otedama config check FILE\` does only that.

- Relative paths start at the directory of the file; those of a variable at the working directory.
- Durations are numbers with units: \`250ms\`, \`5s\`, \`1h30m\`, \`2h\`, \`7d\`.
- A key with a variable can be set by that environment variable, which wins over the file. The name is
  \`OTEDAMA_\` and the path in capitals with underscores for dots. An empty variable counts as not set; a
  list has one only where a text with commas may stand for it.
- Secrets (\`password\`, \`api_key\`, \`view_key\`, \`database.url\`, \`redis.url\`, \`monitoring.traces.headers\`) can be given by a file: the same key with \`_file\`.
- \`enabled\` is accepted for \`enable\`.
- One pool can be written as the section \`pool\`, any number of them as the list \`pools\`. Without a coin
  the pool runs on the playground chain: a private chain, started for you, whose coins are worth nothing.
- With \`nats.servers\` each service is a process of its own, and one file serves them all; without, one process
  runs everything.
- A \`pool\` section with \`url\` (or \`backup_pools\`) names the pools that the devices of this machine mine on.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

const code = (text: string): string => (text === '' ? '' : `\`${cell(text)}\``);

const row = (key: string, doc: FieldDoc, variable: string): string => {
  const aliases = (doc.aliases ?? []).filter((alias) => alias !== 'enabled');
  const also = aliases.length === 0 ? '' : ` Also \`${aliases.join('`, `')}\`.`;
  const values = (doc.allowed ?? [doc.what]).map(cell).join(', ');
  return `| ${code(key)} | ${cell(doc.description)}.${also} | ${values} | ${cell(doc.default ?? '')} | ${code(variable)} |`;
};

const HEAD = ['| key | meaning | values | default | variable |', '| --- | --- | --- | --- | --- |'];

interface Named {
  readonly path: string;
  readonly node: TreeNode;
}

const children = ({ path, node }: Named): Named[] => {
  if (node.kind === 'list') return [{ path: `${path}[]`, node: node.item }];
  if (node.kind === 'field') return [];
  return [...node.keys].map(([key, child]) => ({
    path: path === '' ? key : `${path}.${key}`,
    node: child,
  }));
};

/** Rows of one top-level section, in the order of the schema, nested keys with their whole path. */
const rows = (named: Named, variables: ReadonlySet<string>): string[] => {
  if (named.node.kind !== 'field') return children(named).flatMap((child) => rows(child, variables));
  const variable = variableName(named.path.split('.'));
  return [row(named.path, named.node.doc, variables.has(variable) ? variable : '')];
};

export const describeConfig = (): string => {
  const variables = new Set(scalarFields().map((field) => variableName(field.path)));
  const sections = children({ path: '', node: configTree }).map((named) =>
    [`## ${named.path}`, '', ...HEAD, ...rows(named, variables), ''].join('\n'),
  );
  return [INTRODUCTION, ...sections].join('\n');
};
