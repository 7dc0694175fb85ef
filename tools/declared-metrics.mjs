// The metrics as the sources declare them: `new Counter({ name: 'otedama_...', help: '...', labelNames: [...] })`, in
// this order and as literals, so that documents, dashboards and rules can be held against them without running anything.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const DECLARATION =
  /new (\w*(?:Counter|Gauge|Histogram))(?:<[^()]*>)?\(\{\s*name:\s*'([^']*)',\s*help:\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"),(?:\s*labelNames:\s*\[([^\]]*)\])?/g;
const ANY_NAME = /'otedama_(?:host|bus|gateway|validator|accounting|payout|ledger|audit|api|agent)_\w+'/g;

const sources = (root) =>
  ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) => {
      const dir = join(root, folder, name, 'src');
      try {
        return readdirSync(dir, { withFileTypes: true, recursive: true })
          .filter((e) => e.isFile() && e.name.endsWith('.ts') && !e.name.endsWith('.test.ts'))
          .filter((e) => !e.parentPath.includes('/testing'))
          .map((e) => join(e.parentPath, e.name));
      } catch (error) {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
        throw error;
      }
    }),
  );

/** `problems`: names that stand in the sources and are not declared in the form that can be read. */
export const declaredMetrics = (root) => {
  const metrics = [];
  const problems = [];
  for (const file of sources(root)) {
    const text = readFileSync(file, 'utf8');
    const found = [...text.matchAll(DECLARATION)].map(([, type, name, single, double, labels = '']) => ({
      name,
      kind: /Counter|Gauge|Histogram/.exec(type)[0].toLowerCase(),
      help: (single ?? double).replaceAll("\\'", "'"),
      labels: [...labels.matchAll(/'(\w+)'/g)].map(([, label]) => label),
      file: file.slice(root.length + 1),
    }));
    metrics.push(...found);
    for (const [quoted] of text.matchAll(ANY_NAME)) {
      if (!found.some(({ name }) => `'${name}'` === quoted)) {
        problems.push(`${file.slice(root.length + 1)}: ${quoted} is not declared by literals`);
      }
    }
  }
  const names = metrics.map(({ name }) => name);
  for (const name of new Set(names.filter((one, at) => names.indexOf(one) !== at))) {
    problems.push(`${name} is declared twice`);
  }
  for (const { name, kind } of metrics) {
    if (!/^otedama_[a-z]+_[a-z0-9_]+$/.test(name)) problems.push(`${name}: not a name of ours`);
    if ((kind === 'counter') !== name.endsWith('_total')) problems.push(`${name}: _total is for counters`);
    if (kind === 'histogram' && !/_(seconds|bytes)$/.test(name))
      problems.push(`${name}: a histogram has a unit`);
  }
  return { metrics: metrics.sort((a, b) => (a.name < b.name ? -1 : 1)), problems };
};
