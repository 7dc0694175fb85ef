/**
 * Who may come in, decided in the moment of the connection by numbers alone: places of the whole, some of them kept for
 * addresses that have worked; handshakes under way; and what each address and each network has a right to. When there
 * is no place left, the one goes first that has shown least for its place: a handshake that takes long, then a login
 * that has never worked. Nobody who works is ever sent away for another.
 */
import { parseIpAddress } from '../address.ts';
import { clientPrefix, formatPrefix, sitePrefix } from '../prefix.ts';
import type { PaceRates } from '../pace.ts';
import { Guest, type GuestOptions, type House, type ShedReason, type Stage } from './guest.ts';
import { Client, type ClientBudget, Origin, type OriginBudget } from './origin.ts';
import { Origins } from './origins.ts';

export interface AdmissionLimits {
  readonly places: number;
  /** Of the places, for addresses that have worked. */
  readonly reservedPlaces: number;
  readonly handshakes: number;
  readonly workers: number;
  readonly reservedWorkers: number;
  readonly client: ClientBudget;
  readonly site: OriginBudget;
  readonly session: PaceRates;
  readonly provenFactor: number;
  /** A handshake, and a login without work, may take so long even when somebody waits for the place. */
  readonly handshakePatienceMs: number;
  readonly strangerPatienceMs: number;
  /** After so long half of a credit is left. */
  readonly creditHalfLifeMs: number;
  /** Addresses without connections, and as many networks; of each once more those that have worked. */
  readonly maxRemembered: number;
}

export const ADMISSION_REFUSALS = [
  'address-connections',
  'address-rate',
  'network-connections',
  'network-rate',
  'too-many-handshakes',
  'no-place',
] as const;
export type AdmissionRefusal = (typeof ADMISSION_REFUSALS)[number];

export interface Arrival {
  readonly address: string;
  /** Without budgets, and at once where there is a place. */
  readonly isExempt: boolean;
  readonly onShed: (reason: ShedReason) => void;
}

const firstOf = (guests: ReadonlySet<Guest>): Guest | undefined => {
  for (const guest of guests) return guest;
  return undefined;
};

export class Admission implements House {
  readonly #limits: AdmissionLimits;
  readonly #clients: Origins<Client>;
  readonly #sites: Origins<Origin>;
  /** With budgets, by stage, the longest in it first. */
  readonly #handshakes = new Set<Guest>();
  readonly #strangers = new Set<Guest>();
  #guests = 0;
  #proven = 0;
  #workers = 0;
  #fadedAtMs: number;

  constructor(limits: AdmissionLimits, nowMs: number) {
    this.#limits = limits;
    this.#clients = new Origins((key, atMs) => new Client(key, limits.client, atMs), limits.maxRemembered);
    this.#sites = new Origins((key, atMs) => new Origin(key, limits.site, atMs), limits.maxRemembered);
    this.#fadedAtMs = nowMs;
  }

  get guests(): number {
    return this.#guests;
  }

  get handshakes(): number {
    return this.#handshakes.size;
  }

  get proven(): number {
    return this.#proven;
  }

  get workers(): number {
    return this.#workers;
  }

  /** Addresses that something is known of. */
  get clients(): number {
    return this.#clients.present + this.#clients.remembered;
  }

  enter({ address, isExempt, onShed }: Arrival, nowMs: number): Guest | AdmissionRefusal {
    const { session: pace, provenFactor } = this.#limits;
    const origins = isExempt ? undefined : this.#originsOf(address, nowMs);
    const refusal = this.#refuses(origins, nowMs);
    if (refusal !== undefined) return refusal;
    this.#guests += 1;
    if (origins !== undefined) {
      this.#clients.enter(origins.client, nowMs);
      this.#sites.enter(origins.site, nowMs);
    }
    const guest = new Guest(this, { address, origins, pace, provenFactor, onShed }, nowMs);
    if (origins !== undefined) this.#handshakes.add(guest);
    return guest;
  }

  /** To be called now and then: credits get less in time, and what is of no use any more is forgotten. */
  sweep(nowMs: number): void {
    const { creditHalfLifeMs, places } = this.#limits;
    const part = 0.5 ** (Math.max(0, nowMs - this.#fadedAtMs) / creditHalfLifeMs);
    this.#fadedAtMs = nowMs;
    this.#clients.fade(part, places, nowMs);
    this.#sites.fade(part, places, nowMs);
  }

  onStage(guest: Guest, before: Stage): void {
    if (guest.stage === 'proven') this.#proven += 1;
    if (guest.origins === undefined) return;
    if (before === 'handshake') this.#handshakes.delete(guest);
    if (before === 'stranger') this.#strangers.delete(guest);
    if (guest.stage === 'stranger') this.#strangers.add(guest);
    else if (guest.stage === 'proven') {
      guest.origins.client.strangers -= 1;
      guest.origins.site.strangers -= 1;
    }
  }

  onShare({ origins }: Guest): void {
    if (origins === undefined) return;
    origins.client.credit += 1;
    origins.site.credit += 1;
  }

  onLeave(guest: Guest): void {
    this.#guests -= 1;
    this.#workers -= guest.workers;
    if (guest.stage === 'proven') this.#proven -= 1;
    this.#handshakes.delete(guest);
    this.#strangers.delete(guest);
    if (guest.origins === undefined) return;
    this.#clients.leave(guest.origins.client, guest.isStranger);
    this.#sites.leave(guest.origins.site, guest.isStranger);
  }

  /** The first worker comes with the place: connections that name hundreds leave no newcomer without one. */
  refusesWorker({ origins, workers: named }: Guest): boolean {
    const { workers, reservedWorkers } = this.#limits;
    if (named === 0) return false;
    const isKnown = origins === undefined || origins.client.hasWorked;
    return this.#workers >= workers - (isKnown ? 0 : reservedWorkers);
  }

  onWorker(): void {
    this.#workers += 1;
  }

  /** What is no address, such as a gone socket's, is an origin by itself. */
  #originsOf(text: string, nowMs: number): GuestOptions['origins'] {
    const address = parseIpAddress(text);
    const [client, site] =
      address === undefined
        ? [text, text]
        : [formatPrefix(clientPrefix(address)), formatPrefix(sitePrefix(address))];
    return { client: this.#clients.find(client, nowMs), site: this.#sites.find(site, nowMs) };
  }

  #refuses(origins: GuestOptions['origins'], nowMs: number): AdmissionRefusal | undefined {
    const { places, reservedPlaces, handshakes } = this.#limits;
    if (origins !== undefined) {
      const client = origins.client.refusesConnection(nowMs);
      if (client !== undefined) return `address-${client}`;
      const site = origins.site.refusesConnection(nowMs);
      if (site !== undefined) return `network-${site}`;
      const isFull = !origins.client.hasWorked && this.#handshakes.size >= handshakes;
      if (isFull && !this.#shedHandshake(nowMs)) return 'too-many-handshakes';
    }
    const isKnown = origins === undefined || origins.client.hasWorked;
    if (this.#guests < places - (isKnown ? 0 : reservedPlaces)) return undefined;
    return this.#shedHandshake(nowMs) || this.#shedStranger(nowMs) ? undefined : 'no-place';
  }

  #shedHandshake(nowMs: number): boolean {
    const slowest = firstOf(this.#handshakes);
    if (slowest === undefined || nowMs - slowest.sinceMs < this.#limits.handshakePatienceMs) return false;
    slowest.shed('slow-handshake');
    return true;
  }

  #shedStranger(nowMs: number): boolean {
    const oldest = firstOf(this.#strangers);
    if (oldest === undefined || nowMs - oldest.sinceMs < this.#limits.strangerPatienceMs) return false;
    oldest.shed('no-work');
    return true;
  }
}
