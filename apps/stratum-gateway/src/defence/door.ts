/**
 * The way in, the same for all listeners of the process: from the accepted connection to a guest, whose address is the
 * real one also behind a proxy. Refuses before a session exists or a byte is read, and says so where that is cheap.
 */
import type { DefenceConfig } from '@otedama/config';
import {
  type Admission,
  type Guest,
  PrefixSet,
  type ProxyHeader,
  decodeProxyHeader,
  formatIpAddress,
  parseIpAddress,
} from '@otedama/edge';
import type { PeerSocket } from '@otedama/sockets';
import type { RejectReason } from '@otedama/stratum';
import type { GatewayLimits } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { bidFarewell } from './farewell.ts';
import { hearFirstWords } from './first-words.ts';
import type { Referee } from './referee.ts';
import { REFUSAL_WORDS, type Refusal, type Refusals } from './refusals.ts';

export interface DoorDeps {
  readonly admission: Admission;
  readonly refusals: Refusals;
  readonly referee: Pick<Referee, 'refuses'>;
  readonly metrics: Pick<GatewayMetrics, 'closed'>;
  readonly monotonicMs: () => number;
}

export interface DoorOptions extends Pick<DefenceConfig, 'allow' | 'deny' | 'onlyAllowed' | 'proxyProtocol'> {
  readonly limits: Pick<GatewayLimits, 'byeMs' | 'proxyHeaderTimeoutMs' | 'maxFarewells'>;
}

/** Where somebody knocks. */
export interface Doorstep {
  readonly poolId: string;
  /** A line in the words of its dialect; undefined where nobody could read it. */
  readonly say: (reason: RejectReason) => string | undefined;
}

/** Whoever takes the guest in listens to its peer from now on, and lets the guest leave with it. `unread`: said already. */
export type Admit = (guest: Guest, unread: Buffer) => void;

const nothing = Buffer.alloc(0);

export class Door {
  readonly #deps: DoorDeps;
  readonly #options: DoorOptions;
  readonly #allowed: PrefixSet;
  readonly #denied: PrefixSet;
  readonly #proxies: PrefixSet;
  /** Peers that only wait for our last word to be taken. */
  #farewells = 0;

  constructor(deps: DoorDeps, options: DoorOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#allowed = new PrefixSet(options.allow);
    this.#denied = new PrefixSet(options.deny);
    this.#proxies = new PrefixSet(options.proxyProtocol.trusted);
  }

  /** Calls `admit` when the connection may be read, unless it never may. */
  enter(peer: PeerSocket, step: Doorstep, admit: Admit): void {
    if (this.#isIn(this.#proxies, peer.address)) this.#hearProxy(peer, step, admit);
    else this.#take(peer, step, peer.address, (guest) => admit(guest, nothing));
  }

  note({ poolId }: Doorstep, reason: Refusal, address?: string): void {
    this.#deps.refusals.note(poolId, reason, address);
  }

  /** The peer is told, if it can be, and gone. */
  refuse(peer: PeerSocket, step: Doorstep, reason: Refusal, address: string): void {
    const { say } = step;
    this.note(step, reason, address);
    const word = REFUSAL_WORDS[reason];
    const line = word === undefined ? undefined : say(word);
    if (line === undefined || this.#farewells >= this.#options.limits.maxFarewells) peer.reset();
    else {
      this.#farewells += 1;
      bidFarewell(peer, line, this.#options.limits.byeMs, () => (this.#farewells -= 1));
    }
  }

  #isIn(set: PrefixSet, text: string): boolean {
    const address = parseIpAddress(text);
    return address !== undefined && set.has(address);
  }

  #take(peer: PeerSocket, step: Doorstep, address: string, admit: (guest: Guest) => void): void {
    const isAllowed = this.#isIn(this.#allowed, address);
    if (this.#isIn(this.#denied, address)) return this.refuse(peer, step, 'denied', address);
    if (this.#options.onlyAllowed && !isAllowed) return this.refuse(peer, step, 'not-allowed', address);
    const ban = this.#deps.referee.refuses(address, isAllowed);
    if (ban !== undefined) return this.refuse(peer, step, ban, address);
    const guest = this.#admit(peer, step, { address, isExempt: isAllowed });
    return guest && admit(guest);
  }

  #admit(
    peer: PeerSocket,
    step: Doorstep,
    { address, isExempt }: { readonly address: string; readonly isExempt: boolean },
  ): Guest | undefined {
    const { admission, monotonicMs, metrics } = this.#deps;
    const onShed = (reason: string): void => {
      metrics.closed.inc({ pool: step.poolId, reason });
      peer.destroy();
    };
    const outcome = admission.enter({ address, isExempt, onShed }, monotonicMs());
    if (typeof outcome !== 'string') return outcome;
    this.refuse(peer, step, outcome, address);
    return undefined;
  }

  /** Until it has said for whom it comes, the proxy has a place of its own: it is none of the strangers. */
  #hearProxy(peer: PeerSocket, step: Doorstep, admit: Admit): void {
    const proxy = this.#admit(peer, step, { address: peer.address, isExempt: true });
    if (proxy === undefined) return;
    hearFirstWords(peer, nothing, {
      timeoutMs: this.#options.limits.proxyHeaderTimeoutMs,
      isEnough: (bytes) => decodeProxyHeader(bytes).kind !== 'need-more',
      onHeard: (bytes) => {
        proxy.leave();
        const header = decodeProxyHeader(bytes);
        const source = this.#sourceOf(header, peer.address);
        if (!source.ok) return this.refuse(peer, step, source.reason, peer.address);
        const unread = 'length' in header ? bytes.subarray(header.length) : bytes;
        return this.#take(peer, step, source.address, (guest) => admit(guest, unread));
      },
      onGone: () => proxy.leave(),
    });
  }

  #sourceOf(
    header: ProxyHeader,
    peer: string,
  ): { readonly ok: true; readonly address: string } | { readonly ok: false; readonly reason: Refusal } {
    switch (header.kind) {
      case 'proxied':
        return { ok: true, address: formatIpAddress(header.source) };
      case 'own':
        return { ok: true, address: peer };
      case 'absent':
      // Its time is over.
      case 'need-more': {
        const { required } = this.#options.proxyProtocol;
        return required ? { ok: false, reason: 'proxy-header-missing' } : { ok: true, address: peer };
      }
      case 'invalid':
        return { ok: false, reason: 'proxy-header-invalid' };
      default:
        return header satisfies never;
    }
  }
}
