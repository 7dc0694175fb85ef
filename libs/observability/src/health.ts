/**
 * Health as Kubernetes asks for it. Live: the process is not stuck (it answers). Startup: every part has
 * started once. Ready: every part that the work needs is well now. A part that only degrades is shown and
 * does not fail readiness.
 */
export type PartState =
  | { readonly state: 'up' }
  | { readonly state: 'degraded' | 'down'; readonly reason: string };

export interface HealthReply {
  readonly status: number;
  readonly body: { readonly status: string; readonly parts: Readonly<Record<string, PartState>> };
}

export interface Health {
  /** Declares a part; it counts as down until `check` says otherwise. Names are the program's own, never a peer's. */
  add(name: string, check: () => PartState): void;
  parts(): Readonly<Record<string, PartState>>;
  /** From now on startup is done. */
  started(): void;
  live(): HealthReply;
  ready(): HealthReply;
  startup(): HealthReply;
}

const OK = 200;
const UNAVAILABLE = 503;

const run = (check: () => PartState): PartState => {
  try {
    return check();
  } catch (error) {
    return { state: 'down', reason: error instanceof Error ? error.message : 'check failed' };
  }
};

export const createHealth = (): Health => {
  const checks = new Map<string, () => PartState>();
  let isStarted = false;
  const parts = (): Record<string, PartState> =>
    Object.fromEntries([...checks].map(([name, check]) => [name, run(check)]));
  return {
    add: (name, check) => void checks.set(name, check),
    parts,
    started: () => void (isStarted = true),
    live: () => ({ status: OK, body: { status: 'live', parts: {} } }),
    ready() {
      const states = parts();
      const down = !isStarted || Object.values(states).some((part) => part.state === 'down');
      return {
        status: down ? UNAVAILABLE : OK,
        body: { status: down ? 'not ready' : 'ready', parts: states },
      };
    },
    startup: () => ({
      status: isStarted ? OK : UNAVAILABLE,
      body: { status: isStarted ? 'started' : 'starting', parts: parts() },
    }),
  };
};
