import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  type ClientEffect,
  type ClientEvent,
  type ClientOptions,
  type ClientShare,
  type ClientWork,
  type CoinbaseTask,
  MAX_PENDING_SUBMITS,
  MAX_POOL_FAULTS,
  MAX_RECENT_WORKS,
} from '@otedama/stratum/client';
import { stratumV1Client } from './step.ts';

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

const vectors = (
  JSON.parse(readFileSync(new URL('../../../../test/vectors/stratum-v1.json', import.meta.url), 'utf8')) as {
    cases: Vector[];
  }
).cases;

const vector = (id: string): Vector => {
  const found = vectors.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
};

const OPTIONS: ClientOptions = {
  user: 'addr.rig',
  password: 'x',
  agent: 'otedama/1',
  versionMask: 0x1fffe000,
  handshakeTimeoutMs: 15_000,
  replyTimeoutMs: 60_000,
  silenceTimeoutMs: 300_000,
};

/** Drives the session and keeps what it wants done. */
const createSession = (options: Partial<ClientOptions> = {}) => {
  const client = stratumV1Client('sha256d');
  let state = client.create({ ...OPTIONS, ...options });
  const clock = { now: 1_000 };
  const feed = (event: ClientEvent): readonly ClientEffect[] => {
    const step = client.step(state, event, clock.now);
    state = step.state;
    return step.effects;
  };
  const line = (message: unknown): readonly ClientEffect[] =>
    feed({
      kind: 'line',
      bytes: Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)),
    });
  const handshake = (): readonly ClientEffect[] => [
    ...feed({ kind: 'connected' }),
    ...line({ id: 1, error: null, result: { 'version-rolling': true, 'version-rolling.mask': '1fffe000' } }),
    ...line({ id: 2, error: null, result: [[['mining.notify', 's1']], '08000002', 4] }),
    ...line({ id: 3, error: null, result: true }),
  ];
  return { clock, feed, line, handshake, state: () => state };
};

const notify = (jobId: string, clean = true) => ({
  id: null,
  method: 'mining.notify',
  params: [jobId, '0'.repeat(64), '01', '02', ['ab'.repeat(32)], '20000000', '1d00ffff', '66000000', clean],
});
const setDifficulty = (difficulty: unknown) => ({
  id: null,
  method: 'mining.set_difficulty',
  params: [difficulty],
});

const works = (effects: readonly ClientEffect[]): ClientWork[] =>
  effects.flatMap((effect) => (effect.kind === 'work' ? [effect.work] : []));
const sent = (effects: readonly ClientEffect[]): Record<string, unknown>[] =>
  effects.flatMap((effect) =>
    effect.kind === 'send' ? [JSON.parse(effect.line) as Record<string, unknown>] : [],
  );
const only = (effects: readonly ClientEffect[]): ClientWork => {
  const [work, ...more] = works(effects);
  if (work === undefined || more.length > 0)
    throw new Error(`expected one work, got ${works(effects).length}`);
  return work;
};
const headerTask = ({ task }: ClientWork): CoinbaseTask => {
  if (task.kind !== 'coinbase') throw new Error('work of another family');
  return task;
};
const share = (workId: number): ClientShare => ({
  workId,
  nonce: 0xdeadbeefn,
  hash: Buffer.alloc(32),
  rolled: { extranonce2: Buffer.from('01020304', 'hex'), nTime: 0x66000001, version: 0x2abcc000 },
});

describe('handshake', () => {
  it('asks for everything at once', () => {
    const session = createSession({ suggestedDifficulty: 0.5, sessionId: 'old' });
    const requests = sent(session.feed({ kind: 'connected' }));
    expect(requests.map(({ method, params }) => [method, params])).toEqual([
      [
        'mining.configure',
        [['version-rolling'], { 'version-rolling.mask': '1fffe000', 'version-rolling.min-bit-count': 2 }],
      ],
      ['mining.subscribe', ['otedama/1', 'old']],
      ['mining.authorize', ['addr.rig', 'x']],
      ['mining.suggest_difficulty', [0.5]],
      ['mining.extranonce.subscribe', []],
    ]);
    expect(new Set(requests.map(({ id }) => id)).size).toBe(5);
  });

  it('is ready once subscribed and authorised, in either order', () => {
    const session = createSession();
    session.feed({ kind: 'connected' });
    expect(session.line({ id: 3, result: true, error: null })).toEqual([]);
    expect(session.line({ id: '2', result: [['mining.notify', '1'], '08000002', 4], error: null })).toEqual([
      { kind: 'ready', sessionId: '1' },
    ]);
  });

  it('keeps jobs and difficulty that come before the replies', () => {
    const session = createSession();
    session.feed({ kind: 'connected' });
    expect(works(session.line(setDifficulty(64)))).toEqual([]);
    expect(works(session.line(notify('early')))).toEqual([]);
    session.line({ id: 2, result: [[['mining.notify', 's']], 'aabb', 4], error: null });
    const work = only(session.line({ id: 3, result: true, error: null }));
    expect(work).toMatchObject({ jobId: 'early', difficulty: 64, task: { extranonce2Size: 4 } });
  });

  it.each([
    [
      'a refused subscription',
      { id: 2, result: null, error: [20, 'full', null] },
      'subscribe-refused',
      'full',
    ],
    ['a refused worker', { id: 3, result: false, error: null }, 'unauthorized', ''],
    [
      'an error for the worker',
      { id: 3, result: null, error: { code: 24, message: 'no' } },
      'unauthorized',
      'no',
    ],
    [
      'an extranonce beyond the gap',
      { id: 2, result: [[], '00'.repeat(30), 8], error: null },
      'extranonce-unusable',
      '',
    ],
    [
      'an extranonce that is not hex',
      vector('reply-subscribe-non-ascii-extranonce')['line'],
      'extranonce-unusable',
      '',
    ],
  ])('gives up on %s', (_name, reply, reason, text) => {
    const session = createSession();
    session.feed({ kind: 'connected' });
    const message = typeof reply === 'string' ? reply.replace('"id":0', '"id":2') : reply;
    expect(session.line(message)).toEqual([{ kind: 'close', reason, text }]);
    expect(session.line(notify('late'))).toEqual([]);
  });

  it('mines without rolling when the pool knows nothing of it', () => {
    const session = createSession();
    session.feed({ kind: 'connected' });
    session.line({ id: 1, result: null, error: [-3, 'Method not found', null] });
    session.line({ id: 2, result: [[['mining.notify', 's']], 'aabb', 4], error: null });
    session.line({ id: 3, result: true, error: null });
    const work = only(session.line(notify('a')));
    expect(headerTask(work).versionMask).toBe(0);
    const [submit] = sent(session.feed({ kind: 'submit', share: share(work.workId) }));
    expect(submit?.['params']).toHaveLength(5);
  });
});

describe('terms of a job', () => {
  it('takes the prevhash, words swapped, and the rest from the recorded pool jobs', () => {
    const jobs = vectors.filter(({ kind }) => kind === 'pool-job');
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) {
      const session = createSession();
      session.handshake();
      const work = only(session.line({ id: null, method: 'mining.notify', params: job['notify_params'] }));
      const [jobId, prevHash] = job['notify_params'] as string[];
      expect(work.jobId).toBe(jobId);
      expect(Buffer.from(headerTask(work).prevHash).swap32().toString('hex')).toBe(prevHash);
    }
  });

  it('applies difficulty and extranonce from the next job on', () => {
    const session = createSession();
    session.handshake();
    session.line(setDifficulty(1024));
    expect(only(session.line(notify('a')))).toMatchObject({ difficulty: 1024 });
    expect(session.line(setDifficulty('2048'))).toEqual([]);
    expect(session.line({ id: null, method: 'mining.set_extranonce', params: ['fb91949075', 7] })).toEqual(
      [],
    );
    const work = only(session.line(notify('b', false)));
    expect(work).toMatchObject({ difficulty: 2048, task: { extranonce2Size: 7 } });
    expect(Buffer.from(headerTask(work).extranonce1).toString('hex')).toBe('fb91949075');
  });

  it('starts over with the first difficulty when the job came before it', () => {
    const session = createSession();
    session.handshake();
    expect(only(session.line(notify('a'))).difficulty).toBe(1);
    expect(only(session.line(setDifficulty(0.5)))).toMatchObject({ jobId: 'a', difficulty: 0.5 });
  });

  it('leaves bits at once that a new mask takes away, and uses new ones from the next job', () => {
    const session = createSession();
    session.handshake();
    expect(headerTask(only(session.line(notify('a')))).versionMask).toBe(0x1fffe000);
    const shrink = { id: null, method: 'mining.set_version_mask', params: ['00006000'] };
    expect(headerTask(only(session.line(shrink))).versionMask).toBe(0x00006000);
    const grow = { id: null, method: 'mining.set_version_mask', params: ['1fffe000'] };
    expect(session.line(grow)).toEqual([]);
    expect(headerTask(only(session.line(notify('b')))).versionMask).toBe(0x1fffe000);
  });
});

describe('shares', () => {
  const submitted = () => {
    const session = createSession();
    session.handshake();
    session.line(setDifficulty(8));
    const work = only(session.line(notify('7f')));
    const [request] = sent(session.feed({ kind: 'submit', share: share(work.workId) }));
    return { session, work, request: request ?? {} };
  };

  it('sends them as the wire wants them, the version cut to its mask', () => {
    const { request } = submitted();
    expect(request).toMatchObject({
      method: 'mining.submit',
      params: ['addr.rig', '7f', '01020304', '66000001', 'deadbeef', '0abcc000'],
    });
  });

  it.each([
    ['true', { result: true, error: null }, { kind: 'accepted' }],
    [
      'an error list',
      { result: null, error: [22, 'Duplicate share', null] },
      { kind: 'rejected', stale: false, code: 22, text: 'Duplicate share' },
    ],
    [
      'an error object',
      { result: null, error: { code: 21, message: 'x' } },
      { kind: 'rejected', stale: true, code: 21, text: 'x' },
    ],
    [
      'an error string',
      { result: null, error: 'Stale' },
      { kind: 'rejected', stale: true, code: undefined, text: 'Stale' },
    ],
    [
      'a reject-reason',
      { 'reject-reason': 'Above target 2', result: false, error: null },
      { kind: 'rejected', stale: false, code: undefined, text: 'Above target 2' },
    ],
  ])('reads %s', (_name, reply, outcome) => {
    const { session, request } = submitted();
    session.clock.now += 40;
    const expected = [{ kind: 'verdict', outcome, difficulty: 8, waitedMs: 40 }];
    expect(session.line({ ...reply, id: String(request['id']) })).toEqual(expected);
    expect(session.line({ ...reply, id: request['id'] })).toEqual([
      { kind: 'fault', fault: 'unknown-reply' },
    ]);
  });

  it('drops them when a clean job has replaced theirs, sends them when a further one came', () => {
    const { session, work } = submitted();
    session.line(notify('80', false));
    expect(sent(session.feed({ kind: 'submit', share: share(work.workId) }))).toHaveLength(1);
    session.line(notify('81', true));
    expect(session.feed({ kind: 'submit', share: share(work.workId) })).toEqual([
      { kind: 'verdict', outcome: { kind: 'dropped', reason: 'stale' }, difficulty: 0 },
    ]);
  });

  it('bounds what is unanswered, and counts it lost in time', () => {
    const { session, work } = submitted();
    for (let i = 1; i < MAX_PENDING_SUBMITS; i++) session.feed({ kind: 'submit', share: share(work.workId) });
    expect(session.feed({ kind: 'submit', share: share(work.workId) })).toEqual([
      { kind: 'verdict', outcome: { kind: 'dropped', reason: 'too-many-pending' }, difficulty: 8 },
    ]);
    session.clock.now += OPTIONS.replyTimeoutMs;
    const lost = session.feed({ kind: 'tick' });
    expect(lost).toHaveLength(MAX_PENDING_SUBMITS);
    expect(lost[0]).toEqual({ kind: 'verdict', outcome: { kind: 'unanswered' }, difficulty: 8 });
    expect(session.state().pending.size).toBe(0);
  });
});

describe('what else pools say', () => {
  it('answers questions with the same id', () => {
    const session = createSession();
    session.handshake();
    const line = String(vector('esp-parse-26')['line']);
    expect(sent(session.line(line))).toEqual([{ id: 10, result: 'otedama/1', error: null }]);
    expect(sent(session.line({ id: 'p', method: 'mining.ping' }))).toEqual([
      { id: 'p', result: 'pong', error: null },
    ]);
    expect(sent(session.line({ id: 4, method: 'toString', params: [] }))[0]).toMatchObject({
      id: 4,
      result: null,
    });
    expect(session.line(String(vector('esp-parse-29')['line']))).toEqual([]);
  });

  it('passes messages on, cleaned, and reconnects, checked', () => {
    const session = createSession();
    session.handshake();
    const message = { id: null, method: 'client.show_message', params: ['hi\u001b[31m\nthere'] };
    expect(session.line(message)).toEqual([{ kind: 'message', text: 'hi [31m there' }]);
    const reconnect = (params: unknown) => session.line({ id: null, method: 'client.reconnect', params })[0];
    expect(reconnect([])).toEqual({ kind: 'reconnect', host: undefined, port: undefined, waitMs: 0 });
    expect(reconnect(['b.pool.example', '3334', 5])).toMatchObject({
      host: 'b.pool.example',
      port: 3334,
      waitMs: 5000,
    });
    expect(reconnect(['a b', 99_999, 1e9])).toEqual({
      kind: 'reconnect',
      host: undefined,
      port: undefined,
      waitMs: 600_000,
    });
  });

  it('accepts and refuses the recorded lines as their source does', () => {
    for (const { id, line, accepted_by_source: accepted, dir } of vectors) {
      // A method that is not known is no fault for us.
      if (typeof line !== 'string' || dir !== 's2c' || accepted === undefined || id === 'esp-parse-29')
        continue;
      const session = createSession();
      session.feed({ kind: 'connected' });
      const faults = session
        .line(line)
        .filter((effect) => effect.kind === 'fault' && effect.fault !== 'unknown-reply');
      expect({ id, faulty: faults.length > 0 }).toEqual({ id, faulty: accepted === false });
    }
  });

  it('gives up on a pool that talks nonsense, is silent, or does not finish the handshake', () => {
    const nonsense = createSession();
    nonsense.handshake();
    for (let i = 1; i < MAX_POOL_FAULTS; i++) expect(nonsense.line('{')).toHaveLength(1);
    expect(nonsense.line('{').at(-1)).toEqual({ kind: 'close', reason: 'too-many-faults', text: '' });
    const silent = createSession();
    silent.handshake();
    silent.clock.now += OPTIONS.silenceTimeoutMs;
    expect(silent.feed({ kind: 'tick' })).toEqual([{ kind: 'close', reason: 'silence', text: '' }]);
    const slow = createSession();
    slow.feed({ kind: 'connected' });
    slow.clock.now += OPTIONS.handshakeTimeoutMs - 1;
    expect(slow.feed({ kind: 'tick' })).toEqual([]);
    slow.clock.now += 1;
    expect(slow.feed({ kind: 'tick' })).toEqual([{ kind: 'close', reason: 'handshake-timeout', text: '' }]);
  });

  it('survives any line, within its bounds', () => {
    const methods = fc.constantFrom(
      'mining.notify',
      'mining.set_difficulty',
      'mining.set_extranonce',
      'mining.set_version_mask',
      'client.reconnect',
      'client.show_message',
    );
    const message = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ id: fc.jsonValue(), method: methods, params: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
      fc
        .record({ id: fc.integer({ min: 1, max: 12 }), result: fc.jsonValue(), error: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
      fc.boolean().map((clean) => JSON.stringify(notify('j', clean))),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), (lines) => {
        const session = createSession();
        session.handshake();
        for (const line of lines) {
          session.line(line);
          const { works, pending } = session.state();
          expect(works.size).toBeLessThanOrEqual(MAX_RECENT_WORKS);
          expect(pending.size).toBeLessThanOrEqual(MAX_PENDING_SUBMITS);
        }
      }),
    );
  });
});
