/** For tests: a client that hears what the test says. */
import type {
  ClientEffect,
  ClientEvent,
  ClientOptions,
  ClientWork,
  PoolDialect,
  PoolSession,
} from '../types.ts';

export const CLIENT_OPTIONS: ClientOptions = {
  user: 'addr.rig',
  password: 'x',
  agent: 'otedama/test',
  versionMask: 0,
  handshakeTimeoutMs: 15_000,
  replyTimeoutMs: 60_000,
  silenceTimeoutMs: 300_000,
};

export interface ClientRequest {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

export class Probe {
  readonly #session: PoolSession;
  now = 1_000;

  constructor(dialect: PoolDialect, options: Partial<ClientOptions> = {}) {
    this.#session = dialect.open({ ...CLIENT_OPTIONS, ...options });
  }

  get inFlight(): number {
    return this.#session.inFlight;
  }

  feed(event: ClientEvent): readonly ClientEffect[] {
    return this.#session.step(event, this.now);
  }

  /** A line as it stands, or the JSON of a message. */
  line(message: unknown): readonly ClientEffect[] {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    return this.feed({ kind: 'line', bytes: Buffer.from(text) });
  }
}

export const worksOf = (effects: readonly ClientEffect[]): ClientWork[] =>
  effects.flatMap((effect) => (effect.kind === 'work' ? [effect.work] : []));

export const requestsOf = (effects: readonly ClientEffect[]): ClientRequest[] =>
  effects.flatMap((effect) => (effect.kind === 'send' ? [JSON.parse(effect.line) as ClientRequest] : []));

/** The one work that these effects give. */
export const onlyWork = (effects: readonly ClientEffect[]): ClientWork => {
  const [work, ...more] = worksOf(effects);
  if (work === undefined || more.length > 0) throw new Error(`${worksOf(effects).length} works, not one`);
  return work;
};
