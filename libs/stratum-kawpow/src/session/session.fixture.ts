/** A pool and its sessions for tests: events in, effects out, every line as text and as JSON. */
import {
  type CoreEnv,
  type Effect,
  type Lease,
  type SessionEvent as AnySessionEvent,
  ShareTargets,
  decodeMessage,
} from '@otedama/stratum';
import type { Work, WorkTemplate } from '../jobs/work.ts';
import { createSession, kawpowEnv, step } from './step.ts';
import type { Session, SessionEnv } from './types.ts';

type SessionEvent = AnySessionEvent<Work>;

export const NOW = 1_700_000_000_000;
export const USER = 'RLMnXEtzq6HFWTyCC9kPCj7CtVq1dzFxmd.rig1';
export const HEADER = '71c967486cb3b70d5dfcb2ebd8eeef138453637cacbf3ccb580a41a7e96986bb';
export const SEED = '7c4fb8a5d141973b69b521ce76b0dc50f0d2834d817c7f8310a6ab5becc6bb0c';
export const MIX = '0eecabb31140654784c2e0ead10a5d7973ab9caa8b12af07750ce2948c1d9a77';
/** Begins with the extranonce of `lease()`. */
export const NONCE = 'a0000117f87f7a00';

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

export const template = (over: Partial<WorkTemplate> = {}): WorkTemplate => ({
  jobKey: 0x1a,
  height: 965_398,
  networkTarget: 0xffn << 200n,
  cleanJobs: true,
  headerHash: bytes(HEADER),
  seedHash: bytes(SEED),
  bits: 0x1b00c7a3,
  ...over,
});

export const coreEnv = (over: Partial<CoreEnv> = {}): CoreEnv => ({
  targets: new ShareTargets('kawpow'),
  vardiff: {
    initialDifficulty: 1,
    minimumDifficulty: 0.001,
    maximumDifficulty: 1e9,
    targetShareIntervalMs: 5000,
    retargetIntervalMs: 30_000,
  },
  ceilingByNetwork: false,
  parseAddress: (text) =>
    text.startsWith('R') ? { ok: true, canonical: text } : { ok: false, reason: 'not an address' },
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

  line(text: string, granted = lease()): Sent[] {
    return sentBy(this.event({ kind: 'message', message: decodeMessage(Buffer.from(text)) }, granted));
  }

  call(id: unknown, method: string, params?: unknown, granted = lease()): Sent[] {
    return this.line(JSON.stringify({ id, method, params }), granted);
  }

  ready(password = 'x', granted = lease()): this {
    this.call(1, 'mining.subscribe', ['kawpowminer/1.2.4'], granted);
    this.call(3, 'mining.authorize', [USER, password]);
    return this;
  }

  /** `over` by the place of the parameter. */
  submit(id: unknown, over: Readonly<Record<number, unknown>> = {}): Sent[] {
    const params = [USER, '1a00', `0x${NONCE}`, `0x${HEADER}`, `0x${MIX}`];
    return this.call(id, 'mining.submit', Object.assign(params, over));
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

export const startDriver = (over: Partial<CoreEnv> = {}, first: Partial<WorkTemplate> = {}): Driver => {
  const env = kawpowEnv(coreEnv(over));
  env.book.add(template(first));
  return new Driver(env);
};

export const errorOf = (sent: readonly Sent[]): unknown =>
  (sent[0]?.error as unknown[] | null | undefined)?.[0];
export const textOf = (sent: readonly Sent[]): unknown =>
  (sent[0]?.error as unknown[] | null | undefined)?.[1];
export const methodsOf = (sent: readonly Sent[]): (string | undefined)[] => sent.map(({ method }) => method);

/** A new template reaches the pool and the session. */
export const offer = (driver: Driver, over: Partial<WorkTemplate>): Sent[] =>
  sentBy(driver.event({ kind: 'work', work: driver.session.env.book.add(template(over)) }));
