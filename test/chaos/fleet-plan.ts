/** What is done to a fleet, and when: the same for the same seed. */
import { type SeededRandom, createSeededRandom } from './seeded-random.ts';

/**
 * `kill` -9; `pause` stops the process and lets it go on; `cut` splits it from NATS; `slow` makes its line to NATS
 * late; `drain` ends it in good order. Whatever died is started again by the fleet.
 */
export type FaultKind = 'kill' | 'pause' | 'cut' | 'slow' | 'drain';

export interface Fault {
  readonly kind: FaultKind;
  /** Name of a process of the fleet. */
  readonly target: string;
  /** After the first answered share. */
  readonly atMs: number;
  /** How long it lasts; 0 for what happens at once. */
  readonly forMs: number;
  /** Of a slow line. */
  readonly delayMs: number;
}

export interface ChaosPlan {
  readonly seed: number;
  readonly miners: number;
  readonly inFlight: number;
  readonly faults: readonly Fault[];
}

const GATEWAYS = ['stratum-gateway-1', 'stratum-gateway-2'];
const VALIDATORS = ['share-validator-1', 'share-validator-2'];
const SERVICES = [...GATEWAYS, ...VALIDATORS, 'pool-accounting', 'api-gateway'];
const SERVERS = ['nats', 'postgres', 'redis'];
const CHAIN = ['playground'];

/** Each kind as often as it matters, and what it can be done to. */
const KINDS: readonly (readonly [FaultKind, readonly string[]])[] = [
  ['kill', [...GATEWAYS, ...VALIDATORS]],
  ['kill', [...SERVICES, ...SERVERS, ...CHAIN]],
  ['kill', SERVERS],
  ['pause', [...SERVICES, ...SERVERS, ...CHAIN]],
  ['cut', [...GATEWAYS, ...VALIDATORS, 'pool-accounting']],
  ['slow', [...GATEWAYS, ...VALIDATORS, 'pool-accounting']],
  ['drain', [...GATEWAYS, ...VALIDATORS, 'pool-accounting']],
];

/** Load goes on for so long; faults begin within it. */
export const LOAD_MS = 5_000;

const planFault = (random: SeededRandom): Fault => {
  const [kind, targets] = random.pick(KINDS);
  const lasts = kind === 'pause' || kind === 'cut' || kind === 'slow';
  return {
    kind,
    target: random.pick(targets),
    atMs: random.whole(0, LOAD_MS - 1_000),
    forMs: lasts ? random.whole(100, 3_000) : 0,
    delayMs: kind === 'slow' ? random.whole(20, 400) : 0,
  };
};

/** Two faults of one process at once would undo each other. */
const apart = (faults: readonly Fault[]): Fault[] => {
  const kept: Fault[] = [];
  for (const fault of faults.toSorted((a, b) => a.atMs - b.atMs)) {
    const before = kept.findLast(({ target }) => target === fault.target);
    if (before === undefined || before.atMs + before.forMs < fault.atMs) kept.push(fault);
  }
  return kept;
};

export const planChaos = (seed: number): ChaosPlan => {
  const random = createSeededRandom(seed);
  const count = random.whole(1, 5);
  return {
    seed,
    miners: random.whole(4, 8),
    inFlight: random.whole(4, 12),
    faults: apart(Array.from({ length: count }, () => planFault(random))),
  };
};

export const showFault = ({ kind, target, atMs, forMs }: Fault): string =>
  `${kind} ${target} at ${atMs}${forMs > 0 ? ` for ${forMs}` : ''}`;
