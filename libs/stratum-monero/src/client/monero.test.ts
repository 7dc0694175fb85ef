import { hashToNumber } from '@otedama/cryptonote';
import { ShareTargets } from '@otedama/stratum';
import { type BlobTask, type ClientShare, type ClientWork, MAX_POOL_FAULTS } from '@otedama/stratum/client';
import { Loopback, Probe, onlyWork, requestsOf, worksOf } from '@otedama/stratum/client/testing';
import { vectorsOf } from '@otedama/stratum/testing';
import fc from 'fast-check';
import { type MoneroEnv, type WorkTemplate, stratumMonero } from '../index.ts';
import { blobOf, template } from '../testing/template.ts';
import { moneroClient } from './monero.ts';

interface Message {
  readonly id?: number | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
}
interface Session {
  readonly id: string;
  readonly messages: readonly { readonly dir: 'c2s' | 's2c'; readonly msg: Message }[];
  readonly expect: { readonly valid?: boolean; readonly share_valid?: boolean };
}
interface Submit {
  readonly job_id: string;
  readonly nonce: string;
  readonly result: string;
}
interface JobSubmit {
  readonly id: string;
  readonly job: Readonly<Record<string, unknown>>;
  readonly submit: Submit;
  readonly expect: { readonly valid: boolean; readonly why?: string };
}

const of = vectorsOf('monero-stratum');
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const blobTask = ({ task }: ClientWork): BlobTask => {
  if (task.kind !== 'blob') throw new Error('work of another family');
  return task;
};
const shareOf = (work: ClientWork | undefined, { nonce, result }: Submit): ClientShare => ({
  workId: work?.workId ?? 0,
  nonce: BigInt(hex(nonce).readUInt32LE()),
  hash: hex(result),
});

const BLOB = `1010a2d2d8c306${'47'.repeat(32)}000000c8${'ef'.repeat(32)}01`;
const job = (over: Readonly<Record<string, unknown>> = {}) => ({
  blob: BLOB,
  job_id: 'j1',
  target: 'b88d0600',
  height: 7,
  seed_hash: 'aa'.repeat(32),
  algo: 'rx/0',
  ...over,
});
const loginReply = (over: Readonly<Record<string, unknown>> = {}) => ({
  id: 1,
  jsonrpc: '2.0',
  error: null,
  result: { id: 'session-1', job: job(), status: 'OK', ...over },
});
const push = (over: Readonly<Record<string, unknown>> = {}) => ({
  jsonrpc: '2.0',
  method: 'job',
  params: job(over),
});

const loggedIn = (over: Readonly<Record<string, unknown>> = {}): { session: Probe; first: ClientWork } => {
  const session = new Probe(moneroClient('randomx'));
  session.feed({ kind: 'connected' });
  return { session, first: onlyWork(session.line(loginReply(over))) };
};

describe('recorded sessions', () => {
  it.each(of<Session>('session').map((session) => [session.id, session] as const))(
    '%s: takes the job and sends its share as recorded',
    (_, { messages, expect: meant }) => {
      const session = new Probe(moneroClient('randomx'));
      const [login] = requestsOf(session.feed({ kind: 'connected' }));
      expect(login).toMatchObject({ id: 1, method: 'login', params: { login: 'addr.rig', algo: ['rx/0'] } });
      let work: ClientWork | undefined;
      let asked: Message = {};
      let submitId = -1;
      for (const { dir, msg } of messages) {
        if (dir === 'c2s') {
          asked = msg;
          if (msg.method !== 'submit') continue;
          const share = shareOf(work, msg.params as unknown as Submit);
          const [submitted] = requestsOf(session.feed({ kind: 'submit', share }));
          expect(msg.params).toMatchObject(submitted?.params as object);
          submitId = submitted?.id ?? -1;
          continue;
        }
        const id = asked.method === 'submit' ? submitId : asked.method === 'keepalived' ? 2 : 1;
        const effects = session.line({ ...msg, id });
        work = worksOf(effects)[0] ?? work;
        if (asked.method !== 'submit') continue;
        const valid = meant.valid ?? meant.share_valid;
        expect(effects).toMatchObject([
          { kind: 'verdict', outcome: { kind: valid === true ? 'accepted' : 'rejected' } },
        ]);
      }
      expect(work).toBeDefined();
    },
  );

  it('judges the recorded results as the pools did', () => {
    const cases = of<JobSubmit>('job-submit').filter(
      ({ expect: meant }) => !/RandomX hash/.test(meant.why ?? ''),
    );
    expect(cases.length).toBeGreaterThan(5);
    for (const { id, job, submit, expect: meant } of cases) {
      const { session } = loggedIn();
      const work = onlyWork(session.line({ method: 'job', params: job }));
      expect({ id, valid: hashToNumber(hex(submit.result)) <= work.target }).toEqual({
        id,
        valid: meant.valid,
      });
      const [submitted] = requestsOf(session.feed({ kind: 'submit', share: shareOf(work, submit) }));
      expect(submitted?.params).toEqual({ id: 'session-1', ...submit });
    }
  });

  it('reads the recorded targets', () => {
    const targets = of<{ readonly target: string; readonly difficulty: number }>('target-hex');
    expect(targets.length).toBeGreaterThan(3);
    const { session } = loggedIn();
    for (const { target, difficulty } of targets) {
      const work = onlyWork(session.line(push({ target })));
      expect({ target, difficulty: work.difficulty }).toEqual({ target, difficulty });
      // hash * difficulty < 2^256 for every hash that is taken.
      expect(work.target * BigInt(difficulty)).toBeLessThan(1n << 256n);
    }
  });
});

describe('jobs', () => {
  it('bring seeds, blob and the whole range of nonces', () => {
    const { session, first } = loggedIn();
    expect(blobTask(first)).toEqual({
      kind: 'blob',
      blob: hex(BLOB),
      nonceOffset: 39,
      seed: Uint8Array.from(hex('aa'.repeat(32))),
      nextSeed: undefined,
      firstNonce: 0n,
      endNonce: 1n << 32n,
    });
    const next = onlyWork(session.line(push({ next_seed_hash: 'bb'.repeat(32) })));
    expect(blobTask(next).nextSeed).toEqual(Uint8Array.from(hex('bb'.repeat(32))));
    expect(blobTask(onlyWork(session.line(push({ next_seed_hash: '' })))).nextSeed).toBeUndefined();
  });

  it("keep the nonce's last byte where the pool announces it", () => {
    const { first } = loggedIn({ extensions: ['algo', 'nicehash'] });
    expect(blobTask(first)).toMatchObject({ firstNonce: 0xc8000000n, endNonce: 0xc9000000n });
  });

  it('end those before exactly when the chain has moved', () => {
    const { session, first } = loggedIn();
    expect(first.clean).toBe(true);
    expect(onlyWork(session.line(push({ job_id: 'j2' }))).clean).toBe(false);
    const moved = BLOB.replace('47'.repeat(32), '48'.repeat(32));
    expect(onlyWork(session.line(push({ job_id: 'j3', blob: moved }))).clean).toBe(true);
    const share = { workId: first.workId, nonce: 1n, hash: Buffer.alloc(32) };
    expect(session.feed({ kind: 'submit', share })).toEqual([
      { kind: 'verdict', outcome: { kind: 'dropped', reason: 'stale' }, difficulty: 0 },
    ]);
  });

  it.each([
    ['no seed', { seed_hash: undefined }],
    ['no target', { target: '00000000' }],
    ['a target of another length', { target: 'ffff' }],
    ['a blob too short for a nonce', { blob: '10'.repeat(42) }],
    ['a blob too long', { blob: '10'.repeat(513) }],
    ['no id', { job_id: '' }],
  ])('with %s are no jobs', (_, over) => {
    const { session } = loggedIn();
    expect(session.line(push(over))).toEqual([{ kind: 'fault', fault: 'bad-params' }]);
    for (let i = 2; i < MAX_POOL_FAULTS; i++) session.line(push(over));
    expect(session.line(push(over)).at(-1)).toMatchObject({ kind: 'close', reason: 'too-many-faults' });
  });

  it('of another algorithm end the session', () => {
    const { session } = loggedIn();
    expect(session.line(push({ algo: 'cn/r' }))).toEqual([
      { kind: 'close', reason: 'wrong-algorithm', text: 'cn/r' },
    ]);
    const second = new Probe(moneroClient('randomx-v2'));
    const [login] = requestsOf(second.feed({ kind: 'connected' }));
    expect(login?.params).toMatchObject({ algo: ['rx/2'] });
    expect(worksOf(second.line(loginReply({ job: job({ algo: 'rx/2' }) })))).toHaveLength(1);
  });

  it('are awaited where the login brings none', () => {
    const session = new Probe(moneroClient('randomx'));
    session.feed({ kind: 'connected' });
    expect(session.line(loginReply({ job: undefined }))).toEqual([{ kind: 'ready', sessionId: 'session-1' }]);
    expect(worksOf(session.line(push()))).toHaveLength(1);
  });
});

describe('login and keepalive', () => {
  it('goes where it is refused, and says why', () => {
    const session = new Probe(moneroClient('randomx'));
    session.feed({ kind: 'connected' });
    const refused = { id: 1, jsonrpc: '2.0', error: { code: -1, message: 'Invalid address' } };
    expect(session.line(refused)).toEqual([
      { kind: 'close', reason: 'unauthorized', text: 'Invalid address' },
    ]);
  });

  it.each([
    ['after a minute without a share', undefined, true],
    ['where it is announced', ['keepalive'], true],
    ['not where it is missing among the extensions', ['algo'], false],
  ])('shows that it is alive %s', (_, extensions, expected) => {
    const { session } = loggedIn({ extensions });
    session.now += 59_999;
    expect(session.feed({ kind: 'tick' })).toEqual([]);
    session.now += 1;
    const asked = requestsOf(session.feed({ kind: 'tick' }));
    const keepalive = { id: 2, jsonrpc: '2.0', method: 'keepalived', params: { id: 'session-1' } };
    expect(asked).toEqual(expected ? [keepalive] : []);
    expect(session.feed({ kind: 'tick' })).toEqual([]);
    if (expected)
      expect(session.line({ id: 2, jsonrpc: '2.0', error: { code: -1, message: 'no' } })).toEqual([]);
  });

  it('logs in anew when the pool has forgotten the session', () => {
    const { session, first } = loggedIn();
    const share = { workId: first.workId, nonce: 1n, hash: Buffer.alloc(32) };
    const [submitted] = requestsOf(session.feed({ kind: 'submit', share }));
    const reply = { id: submitted?.id, error: { code: -1, message: 'Unauthenticated' } };
    expect(session.line(reply)).toMatchObject([
      { kind: 'verdict', outcome: { kind: 'rejected' } },
      { kind: 'close', reason: 'unauthorized' },
    ]);
  });
});

describe('with our own pool', () => {
  const start = (over: Partial<MoneroEnv> = {}, first: Partial<WorkTemplate> = {}) => {
    const pool = stratumMonero({
      targets: new ShareTargets('randomx'),
      vardiff: {
        initialDifficulty: 10_000,
        minimumDifficulty: 1,
        maximumDifficulty: 1e15,
        targetShareIntervalMs: 5000,
        retargetIntervalMs: 30_000,
      },
      ceilingByNetwork: false,
      parseAddress: (text) => ({ ok: true, canonical: text }),
      refusesWorker: () => undefined,
      serverVersion: 'otedama/test',
      handshakeTimeoutMs: 30_000,
      idleTimeoutMs: 600_000,
      blobOf,
      variantOf: () => 'rx/0',
      selfSelect: undefined,
      agentMinimums: [],
      tls: false,
      ...over,
    });
    pool.book.add(template(first));
    const lease = { sessionId: 'cafebabe00000001', extranonce1: Uint8Array.of(0xa0, 0, 0, 1) };
    return new Loopback(moneroClient('randomx'), pool, { lease }).connect();
  };
  const ZERO = '00'.repeat(32);

  it('logs in, works, and has a share accepted', () => {
    const link = start();
    expect(link.ready).toBe(true);
    expect(link.work.difficulty).toBe(10_000);
    link.submit(shareOf(link.work, { job_id: '', nonce: '01020304', result: ZERO }));
    expect(link.submitted).toMatchObject([{ jobKey: 0x1a, nonce: 0x04030201 }]);
    link.judge('accepted');
    expect(link.outcomes).toEqual([{ kind: 'accepted' }]);
    expect(link.complaints).toEqual([]);
  });

  it('is told of the seed to come', () => {
    const nextSeedHash = new Uint8Array(32).fill(9);
    expect(blobTask(start({}, { nextSeedHash }).work).nextSeed).toEqual(nextSeedHash);
  });

  it('goes on to the next job, and its late shares are stale', () => {
    const link = start();
    const first = link.work;
    link.offer(template({ jobKey: 0x1b }));
    link.submit(shareOf(first, { job_id: '', nonce: '01020304', result: ZERO }));
    expect(link.works.length).toBe(2);
    expect(link.outcomes).toMatchObject([{ kind: 'rejected', stale: true }]);
  });

  it('is given another difficulty with a job', () => {
    const link = start();
    for (let i = 0; i < 400 && link.work.difficulty === 10_000; i++) {
      link.now += 100;
      const nonce = Buffer.alloc(4);
      nonce.writeUInt32LE(i);
      link.submit(shareOf(link.work, { job_id: '', nonce: nonce.toString('hex'), result: ZERO }));
      link.judge('accepted');
      link.server({ kind: 'tick' });
    }
    expect(link.work.difficulty).toBeGreaterThan(10_000);
    expect(link.complaints).toEqual([]);
  });

  it('answers a silent minute', () => {
    const link = start();
    link.now += 60_000;
    link.event({ kind: 'tick' });
    expect(link.complaints).toEqual([]);
  });
});

describe('fuzz', () => {
  it('survives any line', () => {
    const over = fc.record(
      { blob: fc.jsonValue(), job_id: fc.jsonValue(), target: fc.jsonValue(), seed_hash: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const message = fc.oneof(
      fc.string(),
      fc.json(),
      over.map((fields) => JSON.stringify(push(fields))),
      fc.jsonValue().map((params) => JSON.stringify({ method: 'job', params })),
      fc
        .record({ id: fc.integer({ min: 1, max: 12 }), result: fc.jsonValue(), error: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), (lines) => {
        const { session } = loggedIn();
        for (const text of lines) session.line(text);
        session.feed({ kind: 'tick' });
      }),
      { seed: 1 },
    );
  });
});
