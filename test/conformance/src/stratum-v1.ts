/**
 * The recordings of Stratum V1 as scripts. What a recording shows of its own pool (session ids, extranonce1,
 * job names, a difficulty nobody asked for) is a choice; everything else has to be there, byte for byte.
 * Two things are put in: an address where the recording has crossed it out, and what must have been said
 * before a recording that begins in the middle.
 */
import { ADDRESS } from '../../../apps/stratum-gateway/src/testing/test-miner.ts';
import type { Step } from './conversation.ts';
import type { DialectUnderTest, Scene } from './dialect.ts';
import { RecordedPool, type Template, anyJob, goodbye, login, networkOf } from './stratum-v1-pool.ts';
import { rules } from './stratum-v1-rules.ts';
import { type Call, accepted, bytes, call, hear, json, say } from './json-rpc.ts';
import {
  configured,
  ear,
  job,
  notify,
  refused,
  setDifficulty,
  setExtranonce,
  subscribed,
} from './stratum-v1-wire.ts';
import { type RecordedMessage, loadVectors, ofKind } from './vectors.ts';
import type { WireLine } from './wire-line.ts';

const EXTRANONCE1_BYTES = 4;
const cases = loadVectors('stratum-v1');

/** A recorded share for the job that was heard last. */
const submitStep = ({ id, params }: Call, user: string): Step => {
  const fields = params.slice(2).map(json).join(',');
  return say(`{"id":${json(id)},"method":"mining.submit","params":[${json(user)},"`, job, `",${fields}]}`);
};

const number = (hex: unknown): number => Number.parseInt(String(hex), 16);

const POOL_MASK = 0x1fffe000;

/** What BIP310 makes of a wish: the bits that both sides can roll. */
const rollsOf = (wish: unknown): object => ({
  'version-rolling': true,
  'version-rolling.mask': (number(wish) & POOL_MASK).toString(16).padStart(8, '0'),
});

/** A recorded conversation, message by message. */
class Recording {
  readonly steps: Step[] = [];
  readonly #messages: readonly RecordedMessage[];
  readonly #pool: RecordedPool;
  readonly #user: string;
  /** Whose answer the recording does not show. */
  readonly #unanswered = new Map<string, Step>();
  readonly #said = new Set<string>();
  readonly #extensions = new Map<string, readonly string[]>();
  #wished: unknown;

  constructor(messages: readonly RecordedMessage[], pool: RecordedPool, user: string) {
    this.#messages = messages;
    this.#pool = pool;
    this.#user = user;
  }

  play(): readonly Step[] {
    for (const { dir, msg } of this.#messages) {
      if (dir === 'c2s') this.#say(msg as unknown as Call);
      else if (typeof msg['method'] === 'string') this.#hearNotification(msg as unknown as Call);
      else this.#hearReply(msg);
    }
    this.#hearAnswers();
    return [...this.steps, ...goodbye];
  }

  /** Replies come in the order of the requests, before anything that is said later. */
  #hearAnswers(): void {
    this.steps.push(...this.#unanswered.values());
    this.#unanswered.clear();
  }

  #say({ id, method, params }: Call): void {
    this.#said.add(method);
    this.#unanswered.set(json(id), hear(this.#answerTo(id, method, params)));
    if (method === 'mining.authorize') this.steps.push(call(id, method, [this.#user, params[1]]));
    else if (method === 'mining.submit') this.steps.push(submitStep({ id, method, params }, this.#user));
    else this.steps.push(call(id, method, params));
  }

  #answerTo(id: unknown, method: string, params: readonly unknown[]): WireLine {
    if (method === 'mining.suggest_difficulty') [this.#wished] = params;
    if (method === 'mining.configure') {
      const [codes, wishes] = params as [readonly string[], Readonly<Record<string, unknown>>];
      this.#extensions.set(json(id), codes);
      return configured(id, codes, rollsOf(wishes['version-rolling.mask']));
    }
    return method === 'mining.subscribe' ? subscribed(id, 4) : accepted(id);
  }

  #hearReply({ id, result }: RecordedMessage['msg']): void {
    const line = this.#unanswered.get(json(id));
    if (line === undefined) return;
    const extensions = this.#extensions.get(json(id));
    this.#unanswered.delete(json(id));
    this.steps.push(extensions === undefined ? line : hear(configured(id, extensions, result as object)));
  }

  #hearNotification({ method, params }: Call): void {
    this.#hearAnswers();
    if (method === 'mining.set_extranonce') this.#changeExtranonce(Number(params[1]));
    if (method === 'mining.set_difficulty') {
      this.#logIn();
      this.steps.push(hear(setDifficulty(params[0], this.#wished)));
    }
  }

  #subscribe(): void {
    if (this.#said.has('mining.subscribe')) return;
    this.#said.add('mining.subscribe');
    this.steps.push(call('s', 'mining.subscribe', ['conformance/1']), hear(subscribed('s', 4)));
  }

  #logIn(): void {
    this.#subscribe();
    if (this.#said.has('mining.authorize')) return;
    this.#said.add('mining.authorize');
    this.steps.push(call('a', 'mining.authorize', [this.#user, 'x']), hear(accepted('a')));
  }

  /** The pool does it because its next template has room for another number of bytes. */
  #changeExtranonce(size: number): void {
    this.#subscribe();
    const time = number(this.#submitted()?.[3]);
    const template: Template = {
      extranonceSize: EXTRANONCE1_BYTES + size,
      time,
      minTime: time,
      maxTime: time,
    };
    this.steps.push(
      call('x', 'mining.extranonce.subscribe', []),
      hear(accepted('x')),
      { kind: 'do', act: () => this.#pool.offer(template) },
      hear(setExtranonce(size)),
    );
    this.#logIn();
    this.steps.push(hear(anyJob));
  }

  #submitted(): readonly unknown[] | undefined {
    return this.#messages
      .map(({ msg }) => msg as unknown as Call)
      .find((one) => one.method === 'mining.submit')?.params;
  }
}

const sessions: readonly Scene[] = ofKind<{ messages: readonly RecordedMessage[] }>(cases, 'session').map(
  ({ id, messages }) => {
    const named = messages.flatMap(({ msg }) => (msg['params'] as readonly unknown[] | undefined)?.[0] ?? []);
    const user = named.find((one) => typeof one === 'string' && networkOf(one) !== undefined);
    const network = networkOf(String(user)) ?? 'regtest';
    const pool = new RecordedPool(network);
    const steps = new Recording(messages, pool, user === undefined ? ADDRESS : String(user)).play();
    return { script: { id, steps }, start: () => pool.listen() };
  },
);

interface Negotiation {
  readonly request: Call;
  readonly response: { readonly result: object };
  readonly server_mask: string;
}

const negotiations = ofKind<Negotiation>(cases, 'negotiation').map(
  ({ id, request, response, server_mask: mask }): Scene => ({
    script: {
      id,
      steps: [
        say(json(request)),
        hear(configured(request.id, request.params[0] as readonly string[], response.result)),
        ...goodbye,
      ],
    },
    start: () => new RecordedPool('regtest', number(mask)).listen(),
  }),
);

const ROLLS = rollsOf('ffffffff');

/** What the sentence of each case means in bytes. */
const ANSWERS: Readonly<Record<string, WireLine>> = {
  'request-min-bit-count-string': configured(0, ['version-rolling'], ROLLS),
  'request-min-bit-count-number': configured(0, ['version-rolling'], ROLLS),
  'request-no-min-bit-count': configured(0, ['version-rolling'], ROLLS),
  'request-odd-session-id': subscribed(1, 4),
  'request-submit-negative-ntime': refused(1, 24),
  'request-unknown-method': refused(42, -3),
  'request-not-json': refused(null, 20),
  // It was read to the end: only its job is not ours.
  'request-submit-with-spaces': refused(5, 21),
};

const requests = ofKind<{ line: string }>(cases, 'request').map(({ id, line }): Scene => {
  const user = /"(tb1[^"]+)"/.exec(line)?.[1];
  const before = line.includes('mining.submit') ? login(user ?? ADDRESS) : [];
  return {
    script: { id, steps: [...before, say(line), hear(ANSWERS[id] ?? []), ...goodbye] },
    start: () => new RecordedPool(networkOf(user ?? '') ?? 'regtest').listen(),
  };
});

type NotifyParams = readonly [string, string, string, string, string[], string, string, string, boolean];

/** The template behind a recorded job: the inverse of what the gateway does. */
const templateOf = (params: NotifyParams, extranonceSize: number): Template => {
  const [, prevHash, coinb1, coinb2, branch, version, bits, nTime] = params;
  const time = number(nTime);
  return {
    prevHash: Buffer.from(prevHash, 'hex').swap32(),
    coinbasePrefix: bytes(coinb1),
    coinbaseSuffix: bytes(coinb2),
    merkleBranch: branch.map(bytes),
    version: number(version),
    bits: number(bits),
    time,
    minTime: time,
    maxTime: time,
    extranonceSize,
  };
};

interface RecordedJob {
  readonly notify_params: NotifyParams;
  readonly extranonce1: string;
  readonly extranonce2_size: number;
}

const jobs = ofKind<RecordedJob>(cases, 'pool-job').map((one): Scene => {
  const { id, notify_params: params, extranonce1: theirs, extranonce2_size: size } = one;
  const pool = new RecordedPool('regtest');
  const total = theirs.length / 2 + size;
  pool.offer(templateOf(params, total));
  const steps = [
    call('s', 'mining.subscribe', ['conformance/1']),
    hear(subscribed('s', total - EXTRANONCE1_BYTES)),
    call('a', 'mining.authorize', [ADDRESS, 'x']),
    hear(accepted('a')),
    // The first job of a connection replaces whatever the miner did before.
    hear(notify(params, true)),
    ...goodbye,
  ];
  return { script: { id, steps }, start: () => pool.listen() };
});

interface RecordedShare {
  readonly notify: { readonly params: NotifyParams };
  readonly extranonce2_size: number;
  readonly submit: Call;
  readonly version_mask?: string;
  readonly expect: { readonly version: string };
}

/** What reached the validator of a submit: the fields of the header, as numbers. */
const checkRecord = (pool: RecordedPool, { submit, expect: { version } }: RecordedShare): void => {
  const record = pool.gateway.validation.calls[0]?.record(0);
  const [, , extranonce2, nTime, nonce] = submit.params;
  const got = {
    nTime: record?.nTime,
    nonce: record?.nonce,
    version: record?.version,
    extranonce2: Buffer.from(record?.extranonce ?? [])
      .subarray(EXTRANONCE1_BYTES)
      .toString('hex'),
  };
  const wanted = { nTime: number(nTime), nonce: number(nonce), version: number(version), extranonce2 };
  if (json(got) !== json(wanted)) throw new Error(`${json(got)} reached the validator, not ${json(wanted)}`);
};

const shares = ofKind<RecordedShare>(cases, 'share').map((one): Scene => {
  const { id, notify: job, extranonce2_size: size, submit, version_mask: mask } = one;
  const user = String(submit.params[0]);
  const network = networkOf(user);
  const pool = new RecordedPool(network ?? 'regtest');
  pool.offer(templateOf(job.params, EXTRANONCE1_BYTES + size));
  const name = network === undefined ? ADDRESS : user;
  const asked = { 'version-rolling.mask': mask };
  const steps: Step[] = [
    ...(mask === undefined
      ? []
      : [
          call('c', 'mining.configure', [['version-rolling'], asked]),
          hear(configured('c', ['version-rolling'], { 'version-rolling': true, ...asked })),
        ]),
    call('s', 'mining.subscribe', ['conformance/1']),
    hear(subscribed('s', size)),
    call('a', 'mining.authorize', [name, 'x']),
    hear(accepted('a')),
    hear(notify(job.params, true)),
    submitStep(submit, name),
    hear(accepted(submit.id)),
    { kind: 'do', act: () => checkRecord(pool, one) },
    ...goodbye,
  ];
  return { script: { id, steps }, start: () => pool.listen() };
});

export const stratumV1: DialectUnderTest = {
  name: 'stratum-v1',
  vectors: cases,
  ear,
  scenes: [...sessions, ...negotiations, ...requests, ...jobs, ...shares, ...rules],
};
