/** Remembers where each value came from, so that a problem found much later still names its line. */
import { type Path, type Problem, formatPath } from './problem.ts';

export interface Place {
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly variable?: string;
}

const NOWHERE: Place = { line: undefined, column: undefined };

export class Places {
  readonly #values = new Map<string, Place>();
  readonly #keys = new Map<string, Place>();
  /** Canonical path to the one the operator wrote, where an alias was used. */
  readonly #written = new Map<string, string>();

  setValue(path: Path, place: Place): void {
    this.#values.set(formatPath(path), place);
  }

  setKey(path: Path, place: Place): void {
    this.#keys.set(formatPath(path), place);
  }

  rename(from: Path, to: Path): void {
    const written = formatPath(from);
    const value = this.#values.get(written);
    const key = this.#keys.get(written);
    if (value !== undefined) this.setValue(to, value);
    if (key !== undefined) this.setKey(to, key);
    this.#written.set(formatPath(to), written);
  }

  /** A problem with the value at `path`, or, where there is none, at the nearest section that should hold it. */
  atValue(path: Path, message: string, allowed?: readonly string[]): Problem {
    return this.#problem(path, this.#nearest(path), message, allowed);
  }

  atKey(path: Path, message: string, allowed?: readonly string[]): Problem {
    return this.#problem(path, this.#keys.get(formatPath(path)) ?? this.#nearest(path), message, allowed);
  }

  #problem(path: Path, place: Place, message: string, allowed: readonly string[] | undefined): Problem {
    const text = formatPath(path);
    return { path: this.#written.get(text) ?? text, ...place, message, ...(allowed && { allowed }) };
  }

  #nearest(path: Path): Place {
    const own = this.#values.get(formatPath(path));
    if (own !== undefined) return own;
    for (let length = path.length; length > 0; length--) {
      const text = formatPath(path.slice(0, length));
      const place = this.#keys.get(text) ?? this.#values.get(text);
      if (place !== undefined) return place;
    }
    return NOWHERE;
  }
}
