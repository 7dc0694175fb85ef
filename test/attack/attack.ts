/**
 * What an attack is: a script that each of so many attackers plays again and again until the time is over, and what
 * may be left of it then. How connections are opened and counted is not its business (`attacker/`).
 */
import type { MinerOptions, StratumLine, StratumMiner } from '@otedama/test-harness';
import type { Peer } from './attacker/peer.ts';
import type { Answer, Request } from './attacker/http.ts';
import type { Owner } from './owner.ts';

export interface Attack {
  readonly name: string;
  /** For the report: what it tries, in a sentence. */
  readonly what: string;
  readonly door: 'stratum' | 'api';
  /** Hundreds of addresses, a single one, or the one that an honest miner has too, as behind NAT. */
  readonly origin: 'many' | 'one' | 'neighbour';
  /** At a time. */
  readonly attackers: number;
  readonly script: (scene: Scene) => Promise<void>;
  /** The most of its connections that may be open when its time is over; absent: none of them has done wrong yet. */
  readonly mayStand?: number;
  /** Of the pool's memory, where it is more than that of other attacks. */
  readonly maxGrowthMib?: number;
  /** What must have come of it, in sentences for what has not. */
  readonly judge?: (fared: Fared) => readonly string[];
}

/** What a script has at hand. Connections count themselves, and come from the addresses of the attack. */
export interface Scene {
  /** Of this attacker among all, from 0. */
  readonly number: number;
  readonly attackers: number;
  readonly isOver: boolean;
  /** Payout address of an honest miner. */
  readonly victim: string;
  readonly owner: Owner;
  /** Payout address of this attacker. */
  readonly account: string;
  connect(): Peer;
  /** A connection that speaks Stratum. */
  line(): StratumLine;
  /** A miner with valid shares. */
  miner(options: Pick<MinerOptions, 'user' | 'password' | 'sessionId'>): StratumMiner;
  /** One request on a connection of its own; undefined when nothing came back. What no answer may say is found here. */
  ask(request: Request): Promise<Answer | undefined>;
  /** Ends with the attack at the latest. */
  pause(ms: number): Promise<void>;
  count(what: string, times?: number): void;
  /** Something happened that must not. */
  accuse(sentence: string): void;
}

export interface Fared {
  /** Tried. */
  readonly connections: number;
  /** Ended by the pool before it had said a word. */
  readonly turnedAway: number;
  /** Ended by the pool after that. */
  readonly cutOff: number;
  /** Open when the time was over. */
  readonly standing: number;
  readonly sentBytes: number;
  readonly heardBytes: number;
  /** What the scripts counted: answers by their kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly wrongs: readonly string[];
}

/** This attacker's part of a list that all of them go through together. */
export const shareOf = <T>(list: readonly T[], { number, attackers }: Scene): readonly T[] =>
  list.filter((_, at) => at % attackers === number);
