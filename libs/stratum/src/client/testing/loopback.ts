/** For tests: a client and a server session of one dialect, joined by their lines and nothing else. */
import { LineDecoder } from '../../line-decoder.ts';
import { decodeMessage } from '../../message.ts';
import type {
  Dialect,
  Effect,
  Lease,
  MinerSession,
  SessionEvent,
  ShareOutcome as ServerOutcome,
  SubmittedShare,
  TemplateHead,
} from '../../session.ts';
import type {
  ClientEffect,
  ClientEvent,
  ClientOptions,
  ClientShare,
  ClientWork,
  PoolDialect,
  PoolSession,
  ShareOutcome,
} from '../types.ts';
import { CLIENT_OPTIONS } from './probe.ts';

const linesOf = (data: string | Buffer): Buffer[] => {
  const decoder = new LineDecoder(1 << 20);
  decoder.push(Buffer.from(data));
  const lines: Buffer[] = [];
  for (let next = decoder.next(); next.kind !== 'need-more'; next = decoder.next()) {
    if (next.kind === 'line') lines.push(Buffer.from(next.bytes));
  }
  return lines;
};

export interface LoopbackOptions {
  readonly lease: Lease;
  readonly client?: Partial<ClientOptions>;
}

export class Loopback<Template extends TemplateHead, Work> {
  readonly works: ClientWork[] = [];
  readonly outcomes: ShareOutcome[] = [];
  /** Shares that passed every check of the server but their hash. */
  readonly submitted: SubmittedShare[] = [];
  /** What neither side should ever have to say: faults and ends. */
  readonly complaints: string[] = [];
  now = 1_700_000_000_000;
  ready = false;
  readonly #book: Dialect<Template, Work>['book'];
  readonly #server: MinerSession<Work>;
  readonly #client: PoolSession;
  readonly #lease: Lease;

  constructor(client: PoolDialect, server: Dialect<Template, Work>, options: LoopbackOptions) {
    this.#client = client.open({ ...CLIENT_OPTIONS, ...options.client });
    this.#book = server.book;
    this.#server = server.open(this.now);
    this.#lease = options.lease;
  }

  connect(): this {
    this.event({ kind: 'connected' });
    return this;
  }

  /** The newest work. */
  get work(): ClientWork {
    const work = this.works.at(-1);
    if (work === undefined) throw new Error('no work was given');
    return work;
  }

  offer(template: Template): void {
    this.server({ kind: 'work', work: this.#book.add(template) });
  }

  submit(share: ClientShare): void {
    this.event({ kind: 'submit', share });
  }

  /** The verdict on the share that came last. */
  judge(outcome: ServerOutcome): void {
    const share = this.submitted.at(-1);
    if (share === undefined) throw new Error('no share was submitted');
    this.server({ kind: 'verdict', ticket: share.ticket, outcome });
  }

  event(event: ClientEvent): void {
    for (const effect of this.#client.step(event, this.now)) this.#runClient(effect);
  }

  server(event: SessionEvent<Work>): void {
    for (const effect of this.#server.step(event, this.now)) this.#runServer(effect);
  }

  #runClient(effect: ClientEffect): void {
    switch (effect.kind) {
      case 'send':
        for (const line of linesOf(effect.line))
          this.server({ kind: 'message', message: decodeMessage(line) });
        return;
      case 'work':
        this.works.push(effect.work);
        return;
      case 'verdict':
        this.outcomes.push(effect.outcome);
        return;
      case 'ready':
        this.ready = true;
        return;
      case 'fault':
        this.complaints.push(`client: ${effect.fault}`);
        return;
      case 'close':
        this.complaints.push(`client left: ${effect.reason} ${effect.text}`.trim());
        return;
      case 'message':
      case 'reconnect':
    }
  }

  #runServer(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        for (const bytes of linesOf(effect.data)) this.event({ kind: 'line', bytes });
        return;
      case 'lease':
        this.server({ kind: 'leased', lease: this.#lease });
        return;
      case 'submit':
        this.submitted.push(effect.share);
        return;
      case 'fault':
        this.complaints.push(`server: ${effect.reason}`);
        return;
      case 'close':
        this.complaints.push(`server left: ${effect.reason}`);
        return;
      case 'transactions':
      case 'authorized':
      case 'counted':
    }
  }
}
