/** A pool and its sessions for tests: events in, effects out, every reply as parsed JSON. */
import {
  type Effect,
  type Lease,
  type Message,
  type SessionEvent as AnySessionEvent,
  ShareTargets,
  decodeMessage,
} from '@otedama/stratum';
import type { Work, WorkTemplate } from '../jobs/work.ts';
import { blobOf, template } from '../testing/template.ts';
import { createBook, createSession, step } from './step.ts';
import type { MoneroEnv, Session, SessionEnv } from './types.ts';

type SessionEvent = AnySessionEvent<Work>;

export const NOW = 1_700_000_000_000;

export const sessionEnv = (over: Partial<MoneroEnv> = {}): SessionEnv => {
  const env: MoneroEnv = {
    targets: new ShareTargets('randomx'),
    vardiff: {
      initialDifficulty: 10_000,
      minimumDifficulty: 1,
      maximumDifficulty: 1e15,
      targetShareIntervalMs: 5000,
      retargetIntervalMs: 30_000,
    },
    ceilingByNetwork: false,
    parseAddress: (text) =>
      text.startsWith('addr') ? { ok: true, canonical: text } : { ok: false, reason: 'not an address' },
    refusesWorker: () => undefined,
    serverVersion: 'otedama/test',
    handshakeTimeoutMs: 30_000,
    idleTimeoutMs: 600_000,
    blobOf,
    variantOf: (majorVersion) => (majorVersion < 17 ? 'rx/0' : 'rx/2'),
    selfSelect: undefined,
    agentMinimums: [{ agent: 'NiceHash/', difficulty: 280_000 }],
    tls: false,
    ...over,
  };
  return { ...env, book: createBook(env) };
};

export const lease = (over: Partial<Lease> = {}): Lease => ({
  sessionId: 'cafebabe00000001',
  extranonce1: Uint8Array.of(0xa0, 0, 0, 1),
  ...over,
});

export interface Job {
  readonly blob?: string;
  readonly job_id: string;
  readonly target?: string;
  readonly [member: string]: unknown;
}

export interface Sent {
  readonly id?: unknown;
  readonly jsonrpc: string;
  readonly method?: string;
  readonly params?: Job;
  readonly result?: { readonly id?: string; readonly job?: Job; readonly [member: string]: unknown };
  readonly error?: { readonly code: number; readonly message: string } | null;
}

const lines = (data: string | Buffer): Sent[] =>
  data
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Sent);

export const sentBy = (effects: readonly Effect[]): Sent[] =>
  effects.flatMap((effect) => (effect.kind === 'send' ? lines(effect.data) : []));

/** Meets any difficulty. */
export const NO_HASH = '00'.repeat(32);

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

  call(id: unknown, method: string, params?: unknown): Sent[] {
    return this.line(JSON.stringify({ id, jsonrpc: '2.0', method, params }));
  }

  login(over: Record<string, unknown> = {}, granted: Lease = lease()): Sent[] {
    const asked = this.call(1, 'login', { login: 'addr1', pass: 'x', agent: 'XMRig/6.21.3', ...over });
    if (this.session.lease !== undefined || !this.session.leaseAsked) return asked;
    return [...asked, ...sentBy(this.event({ kind: 'leased', lease: granted }))];
  }

  /** The job that the miner was given last. */
  get job(): Job {
    const told = this.sent.findLast((sent) => sent.method === 'job' || sent.result?.job !== undefined);
    const job = told?.params ?? told?.result?.job;
    if (job === undefined) throw new Error('no job was given');
    return job;
  }

  submit(id: unknown, over: Record<string, unknown> = {}): Sent[] {
    const job = this.sent.some(({ method, result }) => method === 'job' || result?.job !== undefined)
      ? this.job.job_id
      : '1a00';
    const own = this.session.id ?? 'missing';
    return this.call(id, 'submit', { id: own, job_id: job, nonce: '00000000', result: NO_HASH, ...over });
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

export const startDriver = (over: Partial<MoneroEnv> = {}, first: Partial<WorkTemplate> = {}): Driver => {
  const env = sessionEnv(over);
  env.book.add(template(first));
  return new Driver(env);
};

export const errorOf = (sent: readonly Sent[]): string | undefined => sent[0]?.error?.message;
export const ok = (id: unknown): Sent => ({ id, jsonrpc: '2.0', error: null, result: { status: 'OK' } });

/** A new template reaches the pool and the session. */
export const offer = (driver: Driver, over: Partial<WorkTemplate>): Sent[] =>
  sentBy(driver.event({ kind: 'work', work: driver.session.env.book.add(template(over)) }));
