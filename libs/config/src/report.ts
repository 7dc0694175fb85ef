/**
 * Collects what the cross-field rules find. A finding that touches a value the schema has refused already is
 * dropped: the operator should see the cause, not its echo.
 */
import type { Places } from './places.ts';
import type { Path, Problem } from './problem.ts';

const isWithin = (path: Path, outer: Path): boolean => outer.every((part, index) => part === path[index]);

export class Report {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly #places: Places;
  readonly #broken: readonly Path[];

  constructor(places: Places, broken: readonly Path[]) {
    this.#places = places;
    this.#broken = broken;
  }

  problem(path: Path, message: string, allowed?: readonly string[]): void {
    if (!this.isBroken(path)) this.problems.push(this.#places.atValue(path, message, allowed));
  }

  warn(path: Path, message: string): void {
    if (!this.isBroken(path)) this.warnings.push(this.#places.atValue(path, message));
  }

  /** The value at `path`, or what it is part of, has been refused. */
  isBroken(path: Path): boolean {
    return this.#broken.some((broken) => isWithin(path, broken));
  }

  /** Something that stood below `path` has been refused. */
  hadBroken(path: Path): boolean {
    return this.#broken.some((broken) => isWithin(broken, path));
  }
}
