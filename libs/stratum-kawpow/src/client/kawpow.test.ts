import { ShareTargets } from '@otedama/stratum';
import { type ClientShare, type ClientWork, type SealTask, formatNonce64 } from '@otedama/stratum/client';
import { Loopback, Probe, onlyWork, requestsOf, worksOf } from '@otedama/stratum/client/testing';
import { vectorsOf } from '@otedama/stratum/testing';
import fc from 'fast-check';
import { type WorkTemplate, stratumKawpow } from '../index.ts';
import { kawpowClient } from './kawpow.ts';

interface Line {
  readonly dir: 'c2s' | 's2c';
  readonly msg: { readonly id?: number | null; readonly method?: string; readonly params?: unknown };
}
interface Session {
  readonly id: string;
  readonly messages: readonly Line[];
  readonly share?: {
    readonly height: number;
    readonly nonce: string;
    readonly header_hash: string;
    readonly mix_hash: string;
    readonly target: string;
  };
}
interface Reply {
  readonly id: string;
  readonly line: string;
  readonly expect: unknown;
}

const of = vectorsOf('kawpow-stratum');
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const sealOf = ({ task }: ClientWork): SealTask => {
  if (task.kind !== 'seal') throw new Error('work of another family');
  return task;
};

/** Logged in with this extranonce. */
const loggedIn = (extranonce = 'a193'): Probe => {
  const session = new Probe(kawpowClient);
  session.feed({ kind: 'connected' });
  session.line({ id: 2, result: [null, extranonce], error: null });
  session.line({ id: 3, result: true, error: null });
  return session;
};

const EASY = `0000ffff${'0'.repeat(56)}`;
const HARD = `0000000f${'0'.repeat(56)}`;
const notify = (jobId: string, target: string | null, clean = true, height: unknown = 7050) => ({
  id: null,
  method: 'mining.notify',
  params: [jobId, 'ab'.repeat(32), 'cd'.repeat(32), target, clean, height, '1b00c7a3'],
});
const setTarget = (target: string) => ({ id: null, method: 'mining.set_target', params: [target] });

describe('recorded sessions', () => {
  it.each(of<Session>('session').map((session) => [session.id, session] as const))(
    '%s: takes the job and sends its share byte for byte',
    (_, { messages, share }) => {
      const submitLine = messages.find(({ msg }) => msg.method === 'mining.submit')?.msg;
      const user = (submitLine?.params as string[] | undefined)?.[0] ?? 'nobody';
      const session = new Probe(kawpowClient, { user });
      const given: ClientWork[] = [];
      const ids = new Map<unknown, number>();
      for (const request of requestsOf(session.feed({ kind: 'connected' })))
        ids.set(request.method, request.id);
      const asked = new Map<unknown, string>();
      for (const { dir, msg } of messages) {
        if (dir === 'c2s') {
          if (msg.method !== undefined) asked.set(msg.id, msg.method);
          if (msg.method !== 'mining.submit' || share === undefined) continue;
          const found: ClientShare = {
            workId: given.at(-1)?.workId ?? 0,
            nonce: BigInt(`0x${share.nonce}`),
            hash: Buffer.alloc(32),
            mix: hex(share.mix_hash),
          };
          const [submitted] = requestsOf(session.feed({ kind: 'submit', share: found }));
          expect(submitted?.params).toEqual(msg.params);
          ids.set('mining.submit', submitted?.id ?? -1);
          continue;
        }
        const method = asked.get(msg.id);
        const effects = session.line(msg.method === undefined ? { ...msg, id: ids.get(method) } : msg);
        given.push(...worksOf(effects));
        expect(effects.filter(({ kind }) => kind === 'fault' || kind === 'close')).toEqual([]);
      }
      if (share === undefined) return;
      const work = given.at(-1);
      expect(work?.target).toBe(BigInt(`0x${share.target}`));
      expect(work && sealOf(work).blockNumber).toBe(share.height);
      expect(session.inFlight).toBe(0);
    },
  );
});

describe('terms of a job', () => {
  it('keeps to the nonces of its extranonce, the new one from the next job on', () => {
    const session = loggedIn('0xa193');
    const first = onlyWork(session.line(notify('a', EASY)));
    expect(formatNonce64(sealOf(first).firstNonce)).toBe('a193000000000000');
    expect(session.line({ id: null, method: 'mining.set_extranonce', params: ['beef'] })).toEqual([]);
    const second = onlyWork(session.line(notify('b', EASY)));
    expect(formatNonce64(sealOf(second).firstNonce)).toBe('beef000000000000');
  });

  it('takes a harder target at once and an easier one from the next job on', () => {
    const session = loggedIn();
    expect(worksOf(session.line(notify('a', EASY)))[0]?.target).toBe(BigInt(`0x${EASY}`));
    expect(worksOf(session.line(setTarget(HARD)))).toMatchObject([
      { jobId: 'a', target: BigInt(`0x${HARD}`) },
    ]);
    expect(session.line(setTarget(EASY))).toEqual([]);
    expect(worksOf(session.line(notify('b', null)))[0]?.target).toBe(BigInt(`0x${EASY}`));
  });

  it('waits for a target where the job brings none', () => {
    const session = loggedIn();
    expect(session.line(notify('a', null))).toEqual([]);
    expect(worksOf(session.line(setTarget(EASY)))).toMatchObject([{ jobId: 'a' }]);
  });

  it('reads the recorded notifications as they are meant', () => {
    for (const { id, line, expect: meant } of of<Reply>('notify')) {
      const session = loggedIn();
      const work = worksOf(session.line(line))[0];
      if (typeof meant === 'object' && meant !== null && 'error' in meant) {
        expect({ id, work }).toEqual({ id, work: undefined });
      } else if (typeof meant === 'object' && meant !== null && 'height' in meant) {
        expect({ id, height: work && sealOf(work).blockNumber }).toEqual({ id, height: meant.height });
      } else {
        expect(work && sealOf(work).blockNumber).toBe(4_401_536);
      }
    }
  });
});

describe('login', () => {
  it.each([
    ['reply-subscribe-3', '0001'],
    ['reply-subscribe-empty-extranonce', ''],
    ['reply-extranonce-0x', 'a193'],
    ['reply-extranonce-number', undefined],
  ])('%s', (id, prefix) => {
    const reply = of<Reply>('reply').find((entry) => entry.id === id);
    const session = new Probe(kawpowClient);
    session.feed({ kind: 'connected' });
    const effects = session.line(String(reply?.line).replace(/"id":\d+/, '"id":2'));
    if (prefix === undefined) {
      expect(effects).toEqual([{ kind: 'close', reason: 'extranonce-unusable', text: '' }]);
      return;
    }
    session.line({ id: 3, result: true, error: null });
    const work = onlyWork(session.line(notify('a', EASY)));
    expect(Buffer.from(sealOf(work).noncePrefix).toString('hex')).toBe(prefix);
  });
});

describe('with our own pool', () => {
  const template = (over: Partial<WorkTemplate> = {}): WorkTemplate => ({
    jobKey: 0x1a,
    height: 250_000,
    networkTarget: 1n << 200n,
    cleanJobs: true,
    headerHash: new Uint8Array(32).fill(1),
    seedHash: new Uint8Array(32).fill(2),
    bits: 0x1b00c7a3,
    ...over,
  });

  const start = () => {
    const pool = stratumKawpow({
      targets: new ShareTargets('kawpow'),
      vardiff: {
        initialDifficulty: 1,
        minimumDifficulty: 0.001,
        maximumDifficulty: 1e12,
        targetShareIntervalMs: 5000,
        retargetIntervalMs: 30_000,
      },
      ceilingByNetwork: false,
      parseAddress: (text) => ({ ok: true, canonical: text }),
      refusesWorker: () => undefined,
      serverVersion: 'otedama/test',
      handshakeTimeoutMs: 30_000,
      idleTimeoutMs: 600_000,
    });
    pool.book.add(template());
    const lease = { sessionId: 'cafebabe00000001', extranonce1: Uint8Array.of(0xa0, 0, 1) };
    return new Loopback(kawpowClient, pool, { lease }).connect();
  };

  const shareOf = (work: ClientWork, offset = 7n): ClientShare => ({
    workId: work.workId,
    nonce: sealOf(work).firstNonce + offset,
    hash: Buffer.alloc(32),
    mix: Buffer.alloc(32, 5),
  });

  it('logs in, works, and has a share accepted', () => {
    const link = start();
    expect(link.ready).toBe(true);
    link.submit(shareOf(link.work));
    expect(link.submitted[0]).toMatchObject({ jobKey: 0x1a, version: 0xa000_0100, nonce: 7 });
    expect(link.submitted[0]?.target.targetLe).toEqual(
      Uint8Array.from(Buffer.from(link.work.target.toString(16).padStart(64, '0'), 'hex').reverse()),
    );
    link.judge('accepted');
    expect(link.outcomes).toEqual([{ kind: 'accepted' }]);
    expect(link.complaints).toEqual([]);
  });

  it('goes on to the next job, and knows which of its shares came too late', () => {
    const link = start();
    const first = link.work;
    link.offer(template({ jobKey: 0x1b, cleanJobs: false, headerHash: new Uint8Array(32).fill(3) }));
    expect(sealOf(link.work).headerHash).toEqual(new Uint8Array(32).fill(3));
    link.submit(shareOf(first));
    link.judge('accepted');
    link.offer(template({ jobKey: 0x1c, height: 250_001, headerHash: new Uint8Array(32).fill(4) }));
    link.submit(shareOf(first, 8n));
    expect(link.outcomes).toEqual([{ kind: 'accepted' }, { kind: 'dropped', reason: 'stale' }]);
    expect(link.complaints).toEqual([]);
  });

  it('is given a new target with its job', () => {
    const link = start();
    const before = link.work.target;
    for (let i = 0; i < 400 && link.work.target === before; i++) {
      link.now += 100;
      link.submit(shareOf(link.work, BigInt(i)));
      link.judge('accepted');
      link.server({ kind: 'tick' });
    }
    expect(link.work.target).toBeLessThan(before);
    expect(link.complaints).toEqual([]);
  });
});

describe('fuzz', () => {
  it('survives any line', () => {
    const methods = fc.constantFrom('mining.notify', 'mining.set_target', 'mining.set_extranonce');
    const message = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ id: fc.jsonValue(), method: methods, params: fc.jsonValue() })
        .map((v) => JSON.stringify(v)),
      fc
        .record({ id: fc.integer({ min: 1, max: 12 }), result: fc.jsonValue(), error: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), (lines) => {
        const session = loggedIn();
        for (const text of lines) session.line(text);
      }),
      { seed: 1 },
    );
  });
});
