/**
 * A dialect as the suite sees it: the vectors it is recorded in, made into scripts, and a gateway to play
 * them to. A further dialect is one more of these.
 */
import type { Ear, Script } from './conversation.ts';

/** A script with the pool that it was recorded at, as far as its bytes depend on it. */
export interface Scene {
  readonly script: Script;
  readonly start: () => Promise<ListeningPool>;
}

export interface ListeningPool {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export interface DialectUnderTest {
  readonly name: string;
  readonly ear: Ear;
  readonly scenes: readonly Scene[];
}
