/** A pool and its sessions for tests: events in, effects out, every line as text and as JSON. */
import {
  type CoreEnv,
  decodeMessage,
  type Effect,
  type Lease,
  type Message,
  type Request,
  type SessionEvent as AnySessionEvent,
  ShareTargets,
} from '@otedama/stratum';
import type { Work, WorkTemplate } from '../jobs/work.ts';
import { createSession, ethereumEnv, step } from './step.ts';
import type { Session, SessionEnv } from './types.ts';

type SessionEvent = AnySessionEvent<Work>;

export const NOW = 1_700_000_000_000;
export const WALLET = '0xb85150eb365e7df0941f0cf08235f987ba91506a';
export const HEADER = 'fdfd1516041984564ed59d979b1bb55516c1112dab7ec4b91c861e734abc406a';
export const SEED = '3c77b17f5e89ebc92dc434fd7d631d80e5b522f07c9a452bc735c05c152381a1';
export const MIX = 'd6ff43e8af36ba6ce3f4b7b0f85f0aa490f40c025326f2d208bb598203f0c440';
export const NONCE = '77530000094a7c09';

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

export const template = (over: Partial<WorkTemplate> = {}): WorkTemplate => ({
  jobKey: 0x1a,
  height: 11_700_000,
  networkTarget: 0xffffn << 192n,
  cleanJobs: true,
  headerHash: bytes(HEADER),
  seedHash: bytes(SEED),
  epoch: 195,
  ...over,
});

/** Another header for each number. */
export const headerOf = (number: number): Uint8Array => new Uint8Array(32).fill(number);

export const coreEnv = (over: Partial<CoreEnv> = {}): CoreEnv => ({
  targets: new ShareTargets('etchash'),
  vardiff: {
    initialDifficulty: 1,
    minimumDifficulty: 0.001,
    maximumDifficulty: 1e12,
    targetShareIntervalMs: 5000,
    retargetIntervalMs: 30_000,
  },
  ceilingByNetwork: false,
  parseAddress: (text) =>
    text.startsWith('0x') ? { ok: true, canonical: text } : { ok: false, reason: 'not an address' },
  refusesWorker: () => undefined,
  serverVersion: 'otedama/test',
  handshakeTimeoutMs: 30_000,
  idleTimeoutMs: 180_000,
  ...over,
});

export const lease = (over: Partial<Lease> = {}): Lease => ({
  sessionId: 'cafebabe00000001',
  extranonce1: Uint8Array.of(0xa0, 0, 1),
  ...over,
});

export interface Sent {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

export const linesOf = (effects: readonly Effect[]): string[] =>
  effects
    .flatMap((effect) => (effect.kind === 'send' ? effect.data.toString().split('\n') : []))
    .filter((line) => line !== '');

export const sentBy = (effects: readonly Effect[]): Sent[] =>
  linesOf(effects).map((line) => JSON.parse(line) as Sent);

export class Driver {
  readonly session: Session;
  readonly effects: Effect[] = [];
  now: number;

  constructor(env: SessionEnv, now = NOW) {
    this.now = now;
    this.session = createSession(env, now);
  }

  get sent(): Sent[] {
    return sentBy(this.effects);
  }

  /** A lease that is asked for is granted, as a gateway does it. */
  event(event: SessionEvent, granted = lease()): readonly Effect[] {
    const effects = [...step(this.session, event, this.now)];
    this.effects.push(...effects);
    if (effects.some(({ kind }) => kind === 'lease')) {
      effects.push(...this.event({ kind: 'leased', lease: granted }));
    }
    return effects;
  }

  message(message: Message, granted = lease()): Sent[] {
    return sentBy(this.event({ kind: 'message', message }, granted));
  }

  line(text: string, granted = lease()): Sent[] {
    return this.message(decodeMessage(Buffer.from(text)), granted);
  }

  call(id: unknown, method: string, params?: unknown, granted = lease()): Sent[] {
    return this.line(JSON.stringify({ id, method, params }), granted);
  }

  /** With the name of the rig beside the parameters. */
  callAs(worker: string, id: unknown, method: string, params: unknown): Sent[] {
    const request: Request = { kind: 'request', id: JSON.stringify(id), method, params, worker };
    return this.message(request);
  }

  /** Verdict on the share that went out last. */
  judge(outcome: Extract<SessionEvent, { kind: 'verdict' }>['outcome'] = 'accepted'): Sent[] {
    const last = this.effects.findLast((effect) => effect.kind === 'submit');
    if (last?.kind !== 'submit') throw new Error('no share went out');
    return sentBy(this.event({ kind: 'verdict', ticket: last.share.ticket, outcome }));
  }

  of<Kind extends Effect['kind']>(kind: Kind): Extract<Effect, { kind: Kind }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind);
  }
}

export const startPool = (over: Partial<CoreEnv> = {}, first: Partial<WorkTemplate> = {}): SessionEnv => {
  const env = ethereumEnv(coreEnv(over));
  env.book.add(template(first));
  return env;
};

export const startDriver = (over: Partial<CoreEnv> = {}, first: Partial<WorkTemplate> = {}): Driver =>
  new Driver(startPool(over, first));

/** A miner of each dialect that has its first job. */
export const ready = {
  ethProxy(driver: Driver, password = 'x'): Driver {
    driver.call(1, 'eth_submitLogin', [WALLET, password]);
    driver.call(2, 'eth_getWork', []);
    return driver;
  },
  v1(driver: Driver, password = 'x', granted = lease()): Driver {
    driver.call(1, 'mining.subscribe', ['miner/1.0', 'EthereumStratum/1.0.0'], granted);
    driver.call(2, 'mining.authorize', [`${WALLET}.rig`, password]);
    return driver;
  },
  stratum1(driver: Driver, password = 'x'): Driver {
    driver.call(1, 'mining.subscribe', []);
    driver.call(2, 'mining.authorize', [`${WALLET}.rig`, password]);
    return driver;
  },
  v2(driver: Driver, password = 'x', granted = lease(), earlier?: string): Driver {
    driver.call(0, 'mining.hello', {
      agent: 'ethminer/1',
      host: 'h',
      port: '4d2',
      proto: 'EthereumStratum/2.0.0',
    });
    driver.call(1, 'mining.subscribe', earlier, granted);
    driver.call(2, 'mining.authorize', [`${WALLET}.rig`, password]);
    return driver;
  },
};

/** The code of a refusal, in the form of either kind of dialect. */
export const errorOf = (sent: readonly Sent[]): unknown => {
  const error = sent[0]?.error;
  return Array.isArray(error) ? (error[0] as unknown) : (error as { code?: unknown } | undefined)?.code;
};

export const methodsOf = (sent: readonly Sent[]): (string | undefined)[] => sent.map(({ method }) => method);

/** A new template reaches the pool and the session. */
export const offer = (driver: Driver, over: Partial<WorkTemplate>): Sent[] =>
  sentBy(driver.event({ kind: 'work', work: driver.session.env.book.add(template(over)) }));
