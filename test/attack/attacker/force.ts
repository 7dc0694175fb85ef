/** Plays an attack: so many attackers at a time, each its script again and again, until the time is over. */
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { type MinerOptions, StratumLine, StratumMiner } from '@otedama/test-harness';
import type { Attack, Fared, Scene } from '../attack.ts';
import { payoutAddress } from '../accounts.ts';
import type { Owner } from '../owner.ts';
import { type Answer, type Request, faultsOf, parseAnswer, requestBytes } from './http.ts';
import { Peer } from './peer.ts';
import { Tally } from './tally.ts';

export interface Order {
  readonly attackers: number;
  readonly seconds: number;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly victim: string;
  readonly owner: Owner;
}

const ANSWER_TIMEOUT_MS = 10_000;
/** What is on its way when the time is over may still come, and who has to be sent away by a slow machine is waited for. */
const GRACE_MS = 1_000;
const SLOW_GRACE_MS = 15_000;
/** Accounts of attackers are other ones than those of the honest miners. */
const FIRST_ACCOUNT = 1_000;

class TrackedLine extends StratumLine {
  hasLeft = false;

  get hasHeard(): boolean {
    return this.received.length > 0;
  }

  override close(): void {
    this.hasLeft = true;
    super.close();
  }
}

class TrackedMiner extends StratumMiner {
  hasLeft = false;

  get hasHeard(): boolean {
    return this.sessionId !== undefined;
  }

  override close(): void {
    this.hasLeft = true;
    super.close();
  }
}

class Attacker implements Scene {
  readonly number: number;
  readonly attackers: number;
  readonly victim: string;
  readonly account: string;
  readonly owner: Owner;
  readonly #order: Order;
  readonly #tally: Tally;
  readonly #over: AbortSignal;
  readonly #nextAddress: () => string;

  constructor(number: number, order: Order, tally: Tally, over: AbortSignal, nextAddress: () => string) {
    this.number = number;
    this.attackers = order.attackers;
    this.victim = order.victim;
    this.owner = order.owner;
    this.account = payoutAddress(FIRST_ACCOUNT + number);
    this.#order = order;
    this.#tally = tally;
    this.#over = over;
    this.#nextAddress = nextAddress;
  }

  get isOver(): boolean {
    return this.#over.aborted;
  }

  connect(): Peer {
    return this.#tally.track(new Peer({ port: this.#order.port, localAddress: this.#nextAddress() }));
  }

  line(): StratumLine {
    return this.#tally.track(new TrackedLine(this.#order.port, this.#nextAddress()));
  }

  miner(options: Pick<MinerOptions, 'user' | 'password' | 'sessionId'>): StratumMiner {
    const { port } = this.#order;
    const localAddress = this.#nextAddress();
    return this.#tally.track(new TrackedMiner({ ...options, port, localAddress, inFlight: 1 }));
  }

  async ask(request: Request): Promise<Answer | undefined> {
    const peer = this.connect();
    void peer.send(requestBytes(request));
    await Promise.race([peer.closed, delay(ANSWER_TIMEOUT_MS, undefined, { ref: false })]);
    peer.close();
    const answer = parseAnswer(peer.heard);
    this.count(answer === undefined ? 'no answer' : `HTTP ${answer.status}`);
    for (const fault of answer === undefined ? [] : faultsOf(request, answer)) {
      this.accuse(`${request.method ?? 'GET'} ${request.path.slice(0, 120)} ${fault}`);
    }
    return answer;
  }

  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#over }).catch(() => undefined);
  }

  count(what: string, times?: number): void {
    this.#tally.count(what, times);
  }

  accuse(sentence: string): void {
    this.#tally.accuse(sentence);
  }
}

export const unleash = async (attack: Attack, order: Order): Promise<Fared> => {
  const tally = new Tally();
  const over = new AbortController();
  let turnOf = 0;
  const nextAddress = (): string => order.addresses[turnOf++ % order.addresses.length] ?? '127.0.0.1';
  const live = async (number: number): Promise<void> => {
    const attacker = new Attacker(number, order, tally, over.signal, nextAddress);
    do {
      await attack.script(attacker);
      await turn();
    } while (!attacker.isOver);
  };
  const timer = setTimeout(() => over.abort(), order.seconds * 1_000);
  const lives = Promise.all(Array.from({ length: order.attackers }, (_, number) => live(number)));
  await new Promise<void>((resolve, reject) => {
    over.signal.addEventListener('abort', () => resolve());
    lives.catch(reject);
  });
  clearTimeout(timer);
  // Lists are gone through to their end; whoever waits for the pool beyond this is ended here.
  await Promise.race([lives, delay(attack.mayStand === undefined ? GRACE_MS : SLOW_GRACE_MS)]);
  await tally.endAll();
  await lives;
  return tally.fared;
};
