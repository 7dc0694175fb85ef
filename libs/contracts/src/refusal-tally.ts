/**
 * Keeps refusals from filling the audit log. In each window the first of a kind passes whole, those after it are
 * counted and told as one when the window ends. A kind is what one name is refused at one address; names beyond the cap of
 * an address are one kind, and kinds beyond the cap are counted all together: whoever tries a million names, or comes from
 * a million addresses, causes as many entries as whoever does from a hundred.
 */
import type { AuditEvent } from './audit.ts';

export interface TallyLimits {
  readonly windowMs: number;
  /** Kinds of one window that are told apart. */
  readonly maxKinds: number;
  /** Names of one address that are told apart, so that whoever makes them up leaves room for the other addresses. */
  readonly maxNames: number;
}

const DEFAULT_LIMITS: TallyLimits = { windowMs: 60_000, maxKinds: 50, maxNames: 4 };

interface Kind {
  /** Those after the first, and the last of them. */
  count: number;
  last: AuditEvent | undefined;
}

/** The same whatever the actor is called. */
const sourceOf = ({ actor, address = '', action, outcome }: AuditEvent): readonly string[] => [
  action,
  outcome,
  actor.kind,
  address,
];

/** Its id was never recorded, so it can be that of the sum. */
const sumUp = ({ count, last }: Kind, sinceMs: number): readonly AuditEvent[] =>
  last === undefined ? [] : [{ ...last, details: { ...last.details, count, sinceMs } }];

const sumUpOthers = ({ count, last }: Kind, sinceMs: number): readonly AuditEvent[] => {
  if (last === undefined) return [];
  const { address: _, target: __, ...rest } = last;
  const actor = { kind: last.actor.kind, id: '', name: 'many' };
  return [{ ...rest, actor, details: { count, sinceMs } }];
};

export class RefusalTally {
  readonly #limits: TallyLimits;
  readonly #kinds = new Map<string, Kind>();
  /** How many of the kinds have one source. */
  readonly #names = new Map<string, number>();
  #others: Kind = { count: 0, last: undefined };
  #sinceMs = 0;

  constructor(limits: Partial<TallyLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  get windowMs(): number {
    return this.#limits.windowMs;
  }

  get isEmpty(): boolean {
    return this.#kinds.size === 0;
  }

  /** True: record it as it is. False: it was counted. */
  take(event: AuditEvent): boolean {
    if (this.isEmpty) this.#sinceMs = event.atMs;
    const kind = this.#kindOf(event);
    const known = this.#kinds.get(kind);
    if (known === undefined && this.#kinds.size < this.#limits.maxKinds) {
      this.#kinds.set(kind, { count: 0, last: undefined });
      return true;
    }
    const counted = known ?? this.#others;
    counted.count += 1;
    counted.last = event;
    return false;
  }

  /** Ends the window: what was counted in it, an event for each kind. */
  end(): readonly AuditEvent[] {
    const sums = [
      ...[...this.#kinds.values()].flatMap((kind) => sumUp(kind, this.#sinceMs)),
      ...sumUpOthers(this.#others, this.#sinceMs),
    ];
    this.#kinds.clear();
    this.#names.clear();
    this.#others = { count: 0, last: undefined };
    return sums;
  }

  #kindOf(event: AuditEvent): string {
    const source = JSON.stringify(sourceOf(event));
    const named = JSON.stringify([...sourceOf(event), event.actor.id, event.actor.name]);
    if (this.#kinds.has(named)) return named;
    const names = this.#names.get(source) ?? 0;
    if (names >= this.#limits.maxNames || this.#kinds.size >= this.#limits.maxKinds) return source;
    this.#names.set(source, names + 1);
    return named;
  }
}
