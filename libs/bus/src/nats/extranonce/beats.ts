/**
 * Since when each holder's beat stands still, by the clock of the one who looks. A time in which nothing could
 * be seen counts for nobody: after it all begin anew.
 */
import type { SpaceDocument } from './space.ts';

export class Beats {
  readonly #graceMs: number;
  #since = new Map<string, { readonly beat: number; readonly atMs: number }>();

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  see({ holders }: SpaceDocument, nowMs: number): void {
    this.#since = new Map(
      Object.entries(holders).map(([holder, { beat }]) => {
        const known = this.#since.get(holder);
        return [holder, known?.beat === beat ? known : { beat, atMs: nowMs }];
      }),
    );
  }

  forget(): void {
    this.#since.clear();
  }

  isGone(holder: string, beat: number, nowMs: number): boolean {
    const known = this.#since.get(holder);
    return known?.beat === beat && nowMs - known.atMs >= this.#graceMs;
  }
}
