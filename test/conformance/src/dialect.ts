/**
 * A dialect as the suite sees it: the vectors it is recorded in, made into scripts, and a gateway to play
 * them to. A further dialect is one more of these.
 */
import type { Ear, Script } from './conversation.ts';
import type { VectorCase } from './vectors.ts';

/** A script with the pool that it was recorded at, as far as its bytes depend on it. */
export interface Scene {
  readonly script: Script;
  /** Where it is about the order of what may otherwise come at any time. */
  readonly ear?: Ear;
  /** Further recordings whose lines are in it. */
  readonly also?: readonly string[];
  readonly start: () => Promise<ListeningPool>;
}

export interface ListeningPool {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export interface DialectUnderTest {
  readonly name: string;
  /** All of its recordings, whether they can be played or not. */
  readonly vectors: readonly VectorCase[];
  readonly ear: Ear;
  readonly scenes: readonly Scene[];
}
