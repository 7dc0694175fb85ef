/**
 * The origins of one kind. Those with connections are as many as there may be connections; of the others a bounded
 * number is remembered. A flood of new addresses pushes out strangers only, never one that has worked.
 */
import type { Origin } from './origin.ts';

export class Origins<Kind extends Origin> {
  readonly #create: (key: string, nowMs: number) => Kind;
  readonly #maxRemembered: number;
  readonly #present = new Map<string, Kind>();
  /** Without connections; the first to have left first. */
  readonly #workers = new Map<string, Kind>();
  readonly #strangers = new Map<string, Kind>();

  constructor(create: (key: string, nowMs: number) => Kind, maxRemembered: number) {
    this.#create = create;
    this.#maxRemembered = maxRemembered;
  }

  get present(): number {
    return this.#present.size;
  }

  get remembered(): number {
    return this.#workers.size + this.#strangers.size;
  }

  /** A new one is kept only when somebody enters. */
  find(key: string, nowMs: number): Kind {
    return (
      this.#present.get(key) ?? this.#workers.get(key) ?? this.#strangers.get(key) ?? this.#create(key, nowMs)
    );
  }

  enter(origin: Kind, nowMs: number): void {
    origin.enter(nowMs);
    this.#workers.delete(origin.key);
    this.#strangers.delete(origin.key);
    this.#present.set(origin.key, origin);
  }

  leave(origin: Kind, isStranger: boolean): void {
    origin.leave(isStranger);
    if (origin.connections > 0) return;
    this.#present.delete(origin.key);
    const remembered = origin.hasWorked ? this.#workers : this.#strangers;
    remembered.set(origin.key, origin);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= this.#maxRemembered) break;
      remembered.delete(oldest);
    }
  }

  /** Of every credit a part is left. */
  fade(part: number, maxCredit: number, nowMs: number): void {
    for (const origins of [this.#present, this.#workers, this.#strangers]) {
      for (const origin of origins.values()) {
        origin.credit = Math.min(origin.credit, maxCredit) * part;
        if (origins !== this.#present && origin.isForgettable(nowMs)) origins.delete(origin.key);
      }
    }
  }
}
