/** A pool and its sessions for tests: events in, effects out, every reply as parsed JSON. */
import {
  type Effect,
  type Lease,
  type Message,
  type SessionEvent as AnySessionEvent,
  ShareTargets,
  WorkBook,
  decodeMessage,
} from '@otedama/stratum';
import { Work, type WorkTemplate } from '../jobs/work.ts';
import { createSession, step } from './step.ts';
import type { Session, SessionEnv } from './types.ts';

type SessionEvent = AnySessionEvent<Work>;

export const NOW = 1_700_000_000_000;

export const template = (over: Partial<WorkTemplate> = {}): WorkTemplate => ({
  jobKey: 0x1a,
  height: 100,
  prevHash: Uint8Array.from({ length: 32 }, (_, i) => i),
  version: 0x20000000,
  versionMask: 0x1fffe000,
  bits: 0x1d00ffff,
  networkTarget: 0xffffn << 208n,
  time: 1_700_000_000,
  minTime: 1_699_999_000,
  maxTime: 1_700_007_200,
  coinbasePrefix: Uint8Array.of(1, 2, 3),
  coinbaseSuffix: Uint8Array.of(4, 5, 6),
  extranonceSize: 8,
  merkleBranch: [new Uint8Array(32).fill(7)],
  cleanJobs: true,
  ...over,
});

export const sessionEnv = (over: Partial<SessionEnv> = {}): SessionEnv => ({
  book: new WorkBook((template: WorkTemplate) => new Work('sha256d', template)),
  targets: new ShareTargets('sha256d'),
  vardiff: {
    initialDifficulty: 1024,
    minimumDifficulty: 0.001,
    maximumDifficulty: 1e12,
    targetShareIntervalMs: 5000,
    retargetIntervalMs: 30_000,
  },
  ceilingByNetwork: false,
  versionMask: 0x1fffe000,
  parseAddress: (text) =>
    text.startsWith('addr') ? { ok: true, canonical: text } : { ok: false, reason: 'not an address' },
  refusesWorker: () => undefined,
  serverVersion: 'otedama/test',
  handshakeTimeoutMs: 30_000,
  idleTimeoutMs: 600_000,
  ...over,
});

export const lease = (over: Partial<Lease> = {}): Lease => ({
  sessionId: 'cafebabe00000001',
  extranonce1: Uint8Array.of(0xa0, 0, 0, 1),
  ...over,
});

export interface Sent {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

const lines = (data: string | Buffer): Sent[] =>
  data
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Sent);

export const sentBy = (effects: readonly Effect[]): Sent[] =>
  effects.flatMap((effect) => (effect.kind === 'send' ? lines(effect.data) : []));

export class Driver {
  readonly session: Session;
  readonly sent: Sent[] = [];
  readonly effects: Effect[] = [];
  now: number;

  constructor(env: SessionEnv, now = NOW) {
    this.now = now;
    this.session = createSession(env, now);
  }

  event(event: SessionEvent): readonly Effect[] {
    const effects = step(this.session, event, this.now);
    this.effects.push(...effects);
    this.sent.push(...sentBy(effects));
    return effects;
  }

  message(message: Message): Sent[] {
    return sentBy(this.event({ kind: 'message', message }));
  }

  line(text: string): Sent[] {
    return this.message(decodeMessage(Buffer.from(text)));
  }

  call(id: unknown, method: string, params: unknown): Sent[] {
    return this.line(JSON.stringify({ id, method, params }));
  }

  /** Answers the lease that a subscribe asks for. */
  subscribe(granted: Lease = lease(), params: unknown[] = ['test/1.0']): Sent[] {
    this.call(1, 'mining.subscribe', params);
    return sentBy(this.event({ kind: 'leased', lease: granted }));
  }

  ready(user = 'addr1.rig', password = 'x'): Sent[] {
    this.subscribe();
    return this.call(2, 'mining.authorize', [user, password]);
  }

  submit(
    id: unknown,
    over: Partial<Record<'user' | 'job' | 'en2' | 'time' | 'nonce' | 'bits', unknown>> = {},
  ) {
    const job = `${this.session.work?.template.jobKey.toString(16) ?? ''}00`;
    const fields = { user: 'addr1.rig', job, en2: '00000001', time: '6553f100', nonce: '00000000', ...over };
    const { user, en2, time, nonce, bits } = fields as Record<string, unknown>;
    const params = [user, fields.job, en2, time, nonce];
    return this.call(id, 'mining.submit', bits === undefined ? params : [...params, bits]);
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

export const startDriver = (over: Partial<SessionEnv> = {}, first: Partial<WorkTemplate> = {}): Driver => {
  const env = sessionEnv(over);
  env.book.add(template(first));
  return new Driver(env);
};

export const methodsOf = (sent: readonly Sent[]): (string | undefined)[] => sent.map(({ method }) => method);
export const errorOf = (sent: readonly Sent[]): unknown => (sent[0]?.error as unknown[] | undefined)?.[0];
export const ok = (id: unknown): Sent => ({ id, result: true, error: null });

/** A new template reaches the pool and the session. */
export const offer = (driver: Driver, over: Partial<WorkTemplate>): Sent[] =>
  sentBy(driver.event({ kind: 'work', work: driver.session.env.book.add(template(over)) }));
