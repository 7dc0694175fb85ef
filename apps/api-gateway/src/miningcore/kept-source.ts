/** The source behind the cache of answers: keys in one spelling, and how long each kind of answer counts. */
import type { Answer, AnswerCache, AnswerLife } from '../answers/answer-cache.ts';
import type { MiningcoreSource } from './source.ts';

/** Hash rates are of ten minutes, lists change with blocks and payments; after a block all begin anew. */
const LIFE: AnswerLife = { freshMs: 15_000, staleMs: 120_000 };

type Answers = Answer | Promise<Answer>;

export class KeptSource {
  readonly #cache: AnswerCache;
  readonly #source: MiningcoreSource;

  constructor(cache: AnswerCache, source: MiningcoreSource) {
    this.#cache = cache;
    this.#source = source;
  }

  /** The name of the answer and its parameters, in their order, as the schemas gave them. */
  get(name: string, params: object, load: (source: MiningcoreSource) => Promise<unknown>): Answers {
    return this.#cache.get(`${name} ${JSON.stringify(params)}`, LIFE, () => load(this.#source));
  }
}
