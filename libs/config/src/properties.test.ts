import fc from 'fast-check';
import { goodPool } from './load.fixtures.ts';
import { variableName } from './environment.ts';
import { describeConfig, formatProblems, loadConfig } from './index.ts';
import { scalarFields } from './tree.ts';

const DEFAULTS = { dataDir: '/data', cores: 4 };
const noFiles = { read: () => ({ ok: false, reason: 'no such file' }) as const };
const load = (text: string, env: Readonly<Record<string, string>> = {}) =>
  loadConfig({ text, env, defaults: DEFAULTS, files: noFiles });

/** Fields whose default is a literal and means the same as its absence. */
const fieldsWithDefault = scalarFields().filter(({ path, doc, schema }) => {
  const written = path.join('.');
  const aboutOthers = /^(?:app\.data_dir|pool\.network|pool\.password|stratum\.vardiff\..*)$/.test(written);
  return doc.default !== undefined && !aboutOthers && schema.safeParse(literal(doc.default)).success;
});

function literal(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** One line of flow YAML for a path and a value. */
const asYaml = (path: readonly string[], value: string): string =>
  path.reduceRight((inner, key) => `{ ${key}: ${inner} }`, value);

const withDefaults = (base: string, chosen: readonly (typeof fieldsWithDefault)[number][]) => {
  const env = Object.fromEntries(chosen.map(({ path, doc }) => [variableName(path), doc.default ?? '']));
  return load(base, env);
};

describe('defaults', () => {
  it('are documented for most fields', () => {
    expect(fieldsWithDefault.length).toBeGreaterThan(25);
  });

  it('written out give the same configuration as left out', () => {
    const base = goodPool();
    const expected = load(base);
    if (!expected.ok) throw new Error(formatProblems(expected.problems));
    fc.assert(
      fc.property(fc.subarray(fieldsWithDefault), (chosen) => {
        const result = withDefaults(base, chosen);
        if (!result.ok) throw new Error(formatProblems(result.problems));
        expect(result.config).toEqual(expected.config);
      }),
      { numRuns: 200 },
    );
  });

  it('mean the same in the file as in a variable', () => {
    for (const { path, doc } of fieldsWithDefault.filter(({ path }) => path[0] !== 'pool')) {
      const [section = '', ...rest] = path;
      const text = `${goodPool()}${section}: ${asYaml(rest, JSON.stringify(literal(doc.default ?? '')))}\n`;
      const inFile = load(text);
      if (!inFile.ok) throw new Error(formatProblems(inFile.problems));
      const inVariable = load(goodPool(), { [variableName(path)]: doc.default ?? '' });
      expect(inVariable).toMatchObject({ ok: true, config: inFile.config });
    }
  });
});

describe('variable names', () => {
  it('are unique', () => {
    const names = scalarFields().map(({ path }) => variableName(path));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('arbitrary text', () => {
  const lineCount = (text: string): number => text.split(/\r\n|\r|\n/).length;
  const check = (text: string, env: Readonly<Record<string, string>> = {}): void => {
    const result = load(text, env);
    if (result.ok) return;
    expect(result.problems.length).toBeGreaterThan(0);
    for (const { line, message } of result.problems) {
      expect(message).not.toBe('');
      if (line !== undefined) expect(line).toBeLessThanOrEqual(lineCount(text));
    }
  };

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => check(text)),
      { numRuns: 1500 },
    );
  });

  it('never throws when it looks like YAML', () => {
    const words = [
      'a',
      'pool',
      'pools',
      'daemons',
      'coin',
      'api',
      '\n',
      '\n  ',
      '\n    ',
      '.nan',
      '1e999',
      '0x1',
    ];
    const marks = ': |: |- |{|}|[|]|,|&x |*x|!t |>|"|#|---|<<|? |~|%|\t'.split('|');
    const token = fc.constantFrom(...words, ...marks, '|', "'");
    const text = fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join(''));
    fc.assert(
      fc.property(text, (generated) => check(generated)),
      { numRuns: 1500 },
    );
  });

  it('never throws for a good file with one line damaged', () => {
    const lines = goodPool('  window: 2h', 'api:', '  address: ":8080"', 'mining: { enable: true }').split(
      '\n',
    );
    const damage = fc.record({
      at: fc.nat({ max: lines.length - 1 }),
      line: fc.oneof(
        fc.string({ maxLength: 40 }),
        fc.constantFrom('  coin: {}', 'pool: []', '    - 1', '  daemons: ~'),
      ),
    });
    fc.assert(
      fc.property(damage, ({ at, line }) => check(lines.toSpliced(at, 1, line).join('\n'))),
      { numRuns: 1000 },
    );
  });

  it('never throws for arbitrary variables', () => {
    const variables = fc.dictionary(
      fc.constantFrom(...scalarFields().map(({ path }) => variableName(path))),
      fc.string({ maxLength: 30 }),
      { maxKeys: 5 },
    );
    fc.assert(
      fc.property(variables, (env) => check('pools: 5\napi: 1', env)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(variables, (env) => check('', env)),
      { numRuns: 500 },
    );
  });
});

describe('the reference page', () => {
  it('holds every field and every variable', () => {
    const page = describeConfig();
    for (const { path } of scalarFields()) {
      expect(page).toContain(`\`${path.join('.')}\``);
      expect(page).toContain(`\`${variableName(path)}\``);
    }
    expect(page).toContain('| `pools[].daemons[].cookie_file` |');
  });
});
