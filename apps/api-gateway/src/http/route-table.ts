/** Which methods a path has: whoever uses another one is told, and is not told that there is nothing. */
export class RouteTable {
  readonly #routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** `url` as the router has it: `:name` is one part of a path. */
  add(url: string, methods: readonly string[]): void {
    const known = this.#routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const method of methods) known.methods.add(method);
    this.#routes.set(url, known);
  }

  /** Empty where there is nothing at all. */
  methodsOf(path: string): readonly string[] {
    const methods = new Set<string>();
    for (const route of this.#routes.values()) {
      if (route.pattern.test(path)) for (const method of route.methods) methods.add(method);
    }
    return [...methods].toSorted();
  }
}

const patternOf = (url: string): RegExp => {
  const parts = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`);
};
