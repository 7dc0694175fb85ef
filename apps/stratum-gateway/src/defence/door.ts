/**
 * The way in, the same for all listeners of the process: from the accepted socket to a guest, whose address is the real
 * one also behind a proxy. Refuses before a session exists or a byte is read, and says so where that is cheap.
 */
import type { Socket } from 'node:net';
import type { DefenceConfig } from '@otedama/config';
import { type Admission, type Guest, PrefixSet, formatIpAddress, parseIpAddress } from '@otedama/edge';
import type { RejectReason } from '@otedama/stratum';
import type { GatewayLimits } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { WaitingRoom } from '../waiting-room.ts';
import type { Referee } from './referee.ts';
import { type ProxyGreeting, readProxyHeader } from './proxy-greeting.ts';
import { REFUSAL_WORDS, type Refusal, type Refusals } from './refusals.ts';

export interface DoorDeps {
  readonly admission: Admission;
  readonly room: Pick<WaitingRoom, 'enter'>;
  readonly refusals: Refusals;
  readonly referee: Pick<Referee, 'refuses'>;
  readonly metrics: Pick<GatewayMetrics, 'closed'>;
  readonly monotonicMs: () => number;
}

export interface DoorOptions extends Pick<DefenceConfig, 'allow' | 'deny' | 'onlyAllowed' | 'proxyProtocol'> {
  readonly places: number;
  readonly limits: Pick<GatewayLimits, 'byeMs' | 'proxyHeaderTimeoutMs' | 'maxFarewells'>;
}

/** Where somebody knocks. */
export interface Doorstep {
  readonly poolId: string;
  /** A line in the words of its dialect; undefined where nobody could read it. */
  readonly say: (reason: RejectReason) => string | undefined;
}

export type Admit = (guest: Guest) => void;

/** In the one form that it is counted, banned and logged by; IPv4 as such, whatever the listener. */
const addressOf = ({ remoteAddress }: Socket): string | undefined => {
  const address = parseIpAddress(remoteAddress ?? '');
  return address === undefined ? remoteAddress : formatIpAddress(address);
};

export class Door {
  readonly #deps: DoorDeps;
  readonly #options: DoorOptions;
  readonly #allowed: PrefixSet;
  readonly #denied: PrefixSet;
  readonly #proxies: PrefixSet;
  /** Sockets that only wait for our last word to be taken. */
  #farewells = 0;

  constructor(deps: DoorDeps, options: DoorOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#allowed = new PrefixSet(options.allow);
    this.#denied = new PrefixSet(options.deny);
    this.#proxies = new PrefixSet(options.proxyProtocol.trusted);
  }

  /** Guests, and those who only listen to our last word. */
  get maxSockets(): number {
    return this.#options.places + this.#options.limits.maxFarewells;
  }

  /** Calls `admit` when the connection may be read and its turn has come; never for one that is refused or gone. */
  enter(socket: Socket, step: Doorstep, admit: Admit): void {
    const peer = addressOf(socket);
    // Gone before anybody looked.
    if (peer === undefined) socket.destroy();
    else if (this.#isIn(this.#proxies, peer)) this.#hearProxy(socket, step, peer, admit);
    else this.#take(socket, step, peer, (guest) => this.#wait(socket, guest, admit));
  }

  note({ poolId }: Doorstep, reason: Refusal, address?: string): void {
    this.#deps.refusals.note(poolId, reason, address);
  }

  /** The peer is told, if it can be, and gone. */
  refuse(socket: Socket, step: Doorstep, reason: Refusal, address: string): void {
    const { say } = step;
    this.note(step, reason, address);
    const word = REFUSAL_WORDS[reason];
    const line = word === undefined ? undefined : say(word);
    if (line === undefined || this.#farewells >= this.#options.limits.maxFarewells) socket.resetAndDestroy();
    else this.#bid(socket, line);
  }

  #isIn(set: PrefixSet, text: string): boolean {
    const address = parseIpAddress(text);
    return address !== undefined && set.has(address);
  }

  #wait(socket: Socket, guest: Guest, admit: Admit): void {
    this.#deps.room.enter(socket, () => this.#greet(guest, admit));
  }

  #greet(guest: Guest, admit: Admit): void {
    guest.greet(this.#deps.monotonicMs());
    admit(guest);
  }

  #take(socket: Socket, step: Doorstep, address: string, admit: Admit): void {
    const isAllowed = this.#isIn(this.#allowed, address);
    if (this.#isIn(this.#denied, address)) return this.refuse(socket, step, 'denied', address);
    if (this.#options.onlyAllowed && !isAllowed) return this.refuse(socket, step, 'not-allowed', address);
    const ban = this.#deps.referee.refuses(address, isAllowed);
    if (ban !== undefined) return this.refuse(socket, step, ban, address);
    return this.#admit(socket, step, { address, isExempt: isAllowed }, admit);
  }

  #admit(
    socket: Socket,
    step: Doorstep,
    { address, isExempt }: { readonly address: string; readonly isExempt: boolean },
    admit: Admit,
  ): void {
    const { admission, monotonicMs, metrics } = this.#deps;
    const onShed = (reason: string): void => {
      metrics.closed.inc({ pool: step.poolId, reason });
      socket.destroy();
    };
    const outcome = admission.enter({ address, isExempt, onShed }, monotonicMs());
    if (typeof outcome === 'string') {
      this.refuse(socket, step, outcome, address);
      return;
    }
    socket.once('close', () => outcome.leave());
    admit(outcome);
  }

  /** Until it has said for whom it comes, the proxy has a place of its own: it is none of the strangers. */
  #hearProxy(socket: Socket, step: Doorstep, peer: string, admit: Admit): void {
    const { room } = this.#deps;
    const { proxyHeaderTimeoutMs } = this.#options.limits;
    this.#admit(socket, step, { address: peer, isExempt: true }, (proxy) =>
      room.enter(socket, () =>
        readProxyHeader(socket, proxyHeaderTimeoutMs, (greeting) => {
          proxy.leave();
          const source = this.#sourceOf(greeting, peer);
          if (!source.ok) return this.refuse(socket, step, source.reason, peer);
          return this.#take(socket, step, source.address, (guest) => this.#greet(guest, admit));
        }),
      ),
    );
  }

  #sourceOf(
    greeting: ProxyGreeting,
    peer: string,
  ): { readonly ok: true; readonly address: string } | { readonly ok: false; readonly reason: Refusal } {
    switch (greeting.kind) {
      case 'proxied':
        return { ok: true, address: formatIpAddress(greeting.source) };
      case 'own':
        return { ok: true, address: peer };
      case 'absent':
      case 'late': {
        const { required } = this.#options.proxyProtocol;
        return required ? { ok: false, reason: 'proxy-header-missing' } : { ok: true, address: peer };
      }
      case 'invalid':
        return { ok: false, reason: 'proxy-header-invalid' };
      default:
        return greeting satisfies never;
    }
  }

  #bid(socket: Socket, line: string): void {
    this.#farewells += 1;
    const deadline = setTimeout(() => socket.destroy(), this.#options.limits.byeMs);
    socket.once('close', () => {
      clearTimeout(deadline);
      this.#farewells -= 1;
    });
    // What it has said already is read away, or its system would throw our word away with the connection.
    socket.resume();
    socket.end(line);
  }
}
