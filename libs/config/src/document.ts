/**
 * YAML text to plain values with the place of each. Syntax errors, several documents, tags and runaway
 * aliases become problems. Aliases are expanded by our own walk, so that its budget bounds the work.
 */
import {
  type Alias,
  type Node,
  type Pair,
  type YAMLError,
  LineCounter,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
} from 'yaml';
import { Places } from './places.ts';
import type { Path, Problem } from './problem.ts';

/** A large fleet's file has a few kilobytes. The parser compares all keys of a section with each other. */
export const MAX_FILE_BYTES = 64 * 1024;
/** Values after alias expansion, and nesting; the schema itself is five levels deep. */
const MAX_NODES = 5000;
const MAX_DEPTH = 32;
/** One syntax error drags others behind it. */
const MAX_FAULTS = 10;
const MAX_MESSAGE = 160;
/** Finding an anchor walks the document, so that aliases cost its length each. */
const MAX_ALIASES = 100;

export interface ParsedDocument {
  /** The root section; undefined when the text cannot be used at all. */
  readonly value: Record<string, unknown> | undefined;
  readonly places: Places;
  readonly problems: readonly Problem[];
}

const MESSAGES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document starts here; one file is one configuration',
  TAB_AS_INDENT: 'a tab cannot indent; use spaces',
  DUPLICATE_KEY: 'this key was given before',
};
/** After these the rest of the document still means what it says. */
const HARMLESS = new Set(['DUPLICATE_KEY']);

const faultMessage = ({ code, message }: YAMLError): string =>
  MESSAGES[code] ?? (message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message);

/** Own property, also for a key such as `__proto__`. */
export const setOwn = (target: object, key: string, value: unknown): void => {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
};

export const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class Walk {
  readonly places = new Places();
  readonly problems: Problem[] = [];
  /** The budget is spent: what was read is not the whole. */
  exceeded: Problem | undefined;
  readonly #lines: LineCounter;
  readonly #resolve: (alias: Alias) => Node | undefined;
  #nodes = 0;
  #aliases = 0;

  constructor(lines: LineCounter, resolve: (alias: Alias) => Node | undefined) {
    this.#lines = lines;
    this.#resolve = resolve;
  }

  value(node: unknown, path: Path, at: Node | null): unknown {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES || path.length > MAX_DEPTH) return this.#tooMuch(path);
    if (at !== null) this.places.setValue(path, this.#place(at));
    if (isAlias(node)) return this.#alias(node, path, at);
    if (isMap(node)) return this.#section(node.items, path);
    if (isSeq(node)) {
      return node.items.map((item, index) => this.value(item, [...path, index], item as Node | null));
    }
    return isScalar(node) ? node.value : null;
  }

  #alias(node: Alias, path: Path, at: Node | null): unknown {
    this.#aliases += 1;
    if (this.#aliases > MAX_ALIASES) return this.#tooMuch(path);
    const target = this.#resolve(node);
    if (target !== undefined) return this.value(target, path, at);
    this.problems.push(this.places.atValue(path, `nothing is called &${node.source}`));
    return null;
  }

  #section(pairs: readonly Pair[], path: Path): Record<string, unknown> {
    const section: Record<string, unknown> = {};
    for (const pair of pairs) {
      if (!isScalar(pair.key)) {
        this.problems.push(this.places.atValue(path, 'a key here is not plain text'));
        continue;
      }
      const key = String(pair.key.value);
      const keyPath = [...path, key];
      this.places.setKey(keyPath, this.#place(pair.key));
      const node = pair.value as Node | null;
      // A reader looks for a section or an empty value at its key.
      const ownPlace = isScalar(node) && node.source !== '';
      setOwn(section, key, this.value(node, keyPath, ownPlace ? node : pair.key));
    }
    return section;
  }

  #tooMuch(path: Path): null {
    this.exceeded ??= this.places.atValue(path.slice(0, 1), 'too many values, levels or aliases');
    return null;
  }

  #place(node: Node): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(node.range?.[0] ?? 0);
    return { line, column: col };
  }
}

const whole = (message: string): ParsedDocument => ({
  value: undefined,
  places: new Places(),
  problems: [{ path: '', line: 1, column: 1, message }],
});

export const parseConfigText = (text: string): ParsedDocument => {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) return whole(`larger than ${MAX_FILE_BYTES} bytes`);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    resolveKnownTags: false,
    // No setting is a number of base 16, but addresses begin like one, and generators leave their quotes out.
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.format !== 'HEX'),
    logLevel: 'error',
  });
  // Warnings are unknown tags and directives: here they are mistakes.
  const faults = [...document.errors, ...document.warnings];
  // Where the stack ends depends on the caller, so that no place can be named.
  if (faults.some(({ message }) => /stack/i.test(message))) return whole('nested too deeply');
  const problems = faults.slice(0, MAX_FAULTS).map((fault): Problem => {
    const { line, col } = lines.linePos(fault.pos[0]);
    return { path: '', line, column: col, message: faultMessage(fault) };
  });
  if (faults.some((fault) => !HARMLESS.has(fault.code))) {
    return { value: undefined, places: new Places(), problems };
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    return { value: {}, places: new Places(), problems };
  }
  if (!isMap(root)) return whole('the file must hold sections such as "pool:", not a single value or a list');
  const walk = new Walk(lines, (alias) => alias.resolve(document));
  const value = walk.value(root, [], root) as Record<string, unknown>;
  if (walk.exceeded !== undefined)
    return { value: undefined, places: walk.places, problems: [walk.exceeded] };
  return { value, places: walk.places, problems: [...problems, ...walk.problems] };
};
