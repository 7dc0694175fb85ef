import { ShareTargets } from '@otedama/stratum';
import { type ClientShare, type ClientWork, type SealTask, formatNonce64 } from '@otedama/stratum/client';
import { Loopback, Probe, onlyWork, requestsOf, worksOf } from '@otedama/stratum/client/testing';
import { vectorsOf } from '@otedama/stratum/testing';
import fc from 'fast-check';
import { type WorkTemplate, stratumEthereum } from '../index.ts';
import { MAX_SEED_ROUNDS, blockOfSeed } from './epoch-of-seed.ts';
import { ethProxyClient } from './eth-proxy.ts';
import { ethereumStratumClient } from './ethereum-stratum.ts';

interface Line {
  readonly dir: 'c2s' | 's2c';
  readonly msg: {
    readonly id?: number | null;
    readonly method?: string;
    readonly params?: unknown;
    readonly result?: unknown;
  };
}
interface Session {
  readonly id: string;
  readonly protocol: 'eth-proxy' | 'EthereumStratum/1.0.0';
  readonly messages: readonly Line[];
  /** Of a session without a share. */
  readonly epoch?: number;
  readonly share?: {
    readonly network?: string;
    readonly height?: number;
    readonly epoch: number;
    readonly nonce: string;
    readonly mix_hash: string;
    readonly final_hash: string;
    readonly target?: string;
    readonly job_target?: string;
    readonly accept: boolean;
  };
}
interface Reply {
  readonly id: string;
  readonly line: string;
}

const of = vectorsOf('ethereum-stratum');
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const sealOf = ({ task }: ClientWork): SealTask => {
  if (task.kind !== 'seal') throw new Error('work of another family');
  return task;
};
const reply = (id: string): string => {
  const found = of<Reply>('reply').find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found.line;
};

describe('recorded sessions', () => {
  it.each(of<Session>('session').map((session) => [session.id, session] as const))(
    '%s: takes the job and sends its share byte for byte',
    (_, { protocol, messages, share, epoch = share?.epoch ?? 0 }) => {
      // Ethereum Classic from its change on: epochs of twice the length.
      const algorithm = share?.network === 'etc' && epoch === 195 ? 'etchash' : 'ethash';
      const proxy = protocol === 'eth-proxy';
      const submit = messages.find(({ msg }) => /submit(?:Work)?$/.test(msg.method ?? ''))?.msg;
      const user = proxy ? 'addr' : String((submit?.params as unknown[] | undefined)?.[0]);
      const session = new Probe(proxy ? ethProxyClient(algorithm) : ethereumStratumClient(algorithm), {
        user,
      });
      const ids = new Map<unknown, number>();
      for (const request of requestsOf(session.feed({ kind: 'connected' })))
        ids.set(request.method, request.id);
      const asked = new Map<unknown, string>();
      const given: ClientWork[] = [];
      for (const { dir, msg } of messages) {
        if (dir === 's2c') {
          const method = asked.get(msg.id);
          const effects = session.line(msg.method === undefined ? { ...msg, id: ids.get(method) } : msg);
          given.push(...worksOf(effects));
          expect(effects.filter(({ kind }) => kind === 'fault' || kind === 'close')).toEqual([]);
          continue;
        }
        if (msg.method !== undefined) asked.set(msg.id, msg.method);
        if (msg !== submit || share === undefined) continue;
        const found: ClientShare = {
          workId: given.at(-1)?.workId ?? 0,
          nonce: BigInt(`0x${share.nonce}`),
          hash: Buffer.alloc(32),
          mix: hex(share.mix_hash),
        };
        const [submitted] = requestsOf(session.feed({ kind: 'submit', share: found }));
        expect(submitted?.params).toEqual(msg.params);
        ids.set(msg.method, submitted?.id ?? -1);
      }
      const work = given.at(-1);
      if (work === undefined) throw new Error('no work');
      const epochBlocks = algorithm === 'etchash' ? 60_000 : 30_000;
      expect(sealOf(work).blockNumber).toBe(epoch * epochBlocks);
      expect(session.inFlight).toBe(0);
      if (share === undefined) return;
      const target = share.job_target ?? share.target;
      if (target !== undefined) expect(work.target).toBe(BigInt(`0x${target}`));
      expect(BigInt(`0x${share.final_hash}`) <= work.target).toBe(share.accept);
    },
  );
});

describe('epochs', () => {
  interface Seed {
    readonly id: string;
    readonly seed_hash: string;
    readonly rounds?: number | null;
    readonly keccak_rounds?: number | null;
  }

  it('are found by their seeds', () => {
    const seeds = [...of<Seed>('seed-to-rounds'), ...of<Seed>('etc-work-seed')];
    expect(seeds.length).toBeGreaterThan(5);
    for (const { id, seed_hash, rounds, keccak_rounds } of seeds) {
      const known = rounds ?? keccak_rounds;
      const block = blockOfSeed('ethash', hex(seed_hash));
      expect({ id, block }).toEqual({ id, block: typeof known === 'number' ? known * 30_000 : undefined });
      const classic = typeof known === 'number' && known % 2 === 0 ? known * 30_000 : undefined;
      expect({ id, block: blockOfSeed('etchash', hex(seed_hash)) }).toEqual({ id, block: classic });
    }
    expect(blockOfSeed('ethash', Buffer.alloc(32))).toBe(0);
    expect(blockOfSeed('ethash', Buffer.alloc(32, 7))).toBeUndefined();
    expect(MAX_SEED_ROUNDS * 30_000).toBeGreaterThan(60_000_000);
  });
});

const SEED = 'abad8f99f3918bf903c6a909d9bbc0fdfa5a2f4b9cb1196175ec825c6610126c';
const notify = (jobId: string, clean = true) => ({
  id: null,
  method: 'mining.notify',
  params: [jobId, SEED, 'ab'.repeat(32), clean],
});
const setDifficulty = (difficulty: unknown) => ({
  id: null,
  method: 'mining.set_difficulty',
  params: [difficulty],
});

describe('EthereumStratum/1.0.0', () => {
  const client = ethereumStratumClient('ethash');
  const loggedIn = (subscribed = reply('reply-v1-good')): Probe => {
    const session = new Probe(client);
    session.feed({ kind: 'connected' });
    session.line(subscribed.replace(/"id":\d+/, '"id":2'));
    session.line({ id: 3, result: true, error: null });
    return session;
  };

  it('begins at difficulty 1, and applies others and extranonces from the next job on', () => {
    const session = loggedIn();
    expect(onlyWork(session.line(notify('a')))).toMatchObject({
      difficulty: 1,
      task: { blockNumber: 1_500_000 },
    });
    expect(onlyWork(session.line(setDifficulty(0.5)))).toMatchObject({ jobId: 'a', difficulty: 0.5 });
    expect(session.line(setDifficulty(4))).toEqual([]);
    expect(session.line(reply('reply-set-extranonce'))).toEqual([]);
    const work = onlyWork(session.line(notify('b')));
    expect(work.difficulty).toBe(4);
    expect(formatNonce64(sealOf(work).firstNonce)).toBe('af4c000000000000');
  });

  it('has the whole range without an extranonce, and goes where it is refused', () => {
    const session = loggedIn(reply('reply-v1-no-extranonce'));
    expect(sealOf(onlyWork(session.line(notify('a')))).noncePrefix).toHaveLength(0);
    const refused = new Probe(client);
    refused.feed({ kind: 'connected' });
    expect(refused.line(reply('reply-v1-error').replace('"id":1', '"id":2'))).toEqual([
      { kind: 'close', reason: 'subscribe-refused', text: 'subscribe rejected' },
    ]);
  });
});

describe('eth-proxy', () => {
  const loggedIn = (): Probe => {
    const session = new Probe(ethProxyClient('ethash'));
    session.feed({ kind: 'connected' });
    expect(session.line({ id: 1, jsonrpc: '2.0', result: true })).toEqual([
      { kind: 'ready', sessionId: undefined },
    ]);
    return session;
  };
  const TARGET = `0x${'0'.repeat(8)}${'f'.repeat(56)}`;
  const work = [`0x${'ab'.repeat(32)}`, `0x${SEED}`, TARGET];

  it('takes work that is pushed as a reply to nothing, with id 0 or none', () => {
    const session = loggedIn();
    session.line({ id: 2, jsonrpc: '2.0', result: null, error: { code: 0, message: 'Work not ready' } });
    for (const pushed of [
      { id: 0, result: work },
      { result: work, error: null },
    ]) {
      expect(onlyWork(session.line(pushed))).toMatchObject({ clean: false, target: BigInt(TARGET) });
    }
  });

  it('refuses a target that lost its zeros, and a seed of no epoch', () => {
    interface GetWork {
      readonly id: string;
      readonly result: readonly string[];
    }
    const cut = of<GetWork>('getwork-reply').find(({ id }) => id === 'getwork-cut-target');
    const session = loggedIn();
    expect(session.line({ id: 0, result: cut?.result })).toEqual([{ kind: 'fault', fault: 'bad-params' }]);
    expect(session.line(reply('reply-push-id-0'))).toEqual([{ kind: 'fault', fault: 'bad-params' }]);
  });

  it('reads a share refused without a reason, and a login refused in words', () => {
    const session = loggedIn();
    const given = onlyWork(session.line({ id: 0, result: work }));
    const share = { workId: given.workId, nonce: 1n, hash: Buffer.alloc(32), mix: Buffer.alloc(32) };
    const [submitted] = requestsOf(session.feed({ kind: 'submit', share }));
    expect(submitted?.params).toEqual([
      `0x${'0'.repeat(15)}1`,
      `0x${'ab'.repeat(32)}`,
      `0x${'00'.repeat(32)}`,
    ]);
    expect(session.line({ id: submitted?.id, jsonrpc: '2.0', result: false })).toMatchObject([
      { kind: 'verdict', outcome: { kind: 'rejected', text: '' } },
    ]);
    const refused = new Probe(ethProxyClient('ethash'));
    refused.feed({ kind: 'connected' });
    const [effect] = refused.line(reply('reply-error-string').replace('"id":0', '"id":1'));
    expect(effect).toMatchObject({ kind: 'close', reason: 'unauthorized' });
  });
});

describe('with our own pool', () => {
  const template = (over: Partial<WorkTemplate> = {}): WorkTemplate => ({
    jobKey: 0x1a,
    height: 11_700_000,
    networkTarget: 1n << 200n,
    cleanJobs: true,
    headerHash: new Uint8Array(32).fill(1),
    seedHash: hex('e79f0f63030bf691445c2b9d0266b24a9619e355194067f2ad2c73a8e0a26c65'),
    epoch: 195,
    ...over,
  });

  const dialects = [
    ['EthereumStratum/1.0.0', ethereumStratumClient('etchash'), 0xa000_0100],
    ['eth-proxy', ethProxyClient('etchash'), 0],
  ] as const;

  const start = (client: (typeof dialects)[number][1]) => {
    const pool = stratumEthereum({
      targets: new ShareTargets('etchash'),
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
    return new Loopback(client, pool, { lease }).connect();
  };

  const shareOf = (work: ClientWork, offset = 7n): ClientShare => ({
    workId: work.workId,
    nonce: sealOf(work).firstNonce + offset,
    hash: Buffer.alloc(32),
    mix: Buffer.alloc(32, 5),
  });

  it.each(dialects)('%s: logs in, works, and has a share accepted', (_, client, high) => {
    const link = start(client);
    expect(link.ready).toBe(true);
    expect(sealOf(link.work).blockNumber).toBe(11_700_000);
    link.submit(shareOf(link.work));
    expect(link.submitted[0]).toMatchObject({ jobKey: 0x1a, version: high, nonce: 7 });
    link.judge('accepted');
    expect(link.outcomes).toEqual([{ kind: 'accepted' }]);
    expect(link.complaints).toEqual([]);
  });

  it.each(dialects)('%s: goes on to the next job', (_, client) => {
    const link = start(client);
    const first = link.work;
    link.offer(template({ jobKey: 0x1b, height: 11_700_001, headerHash: new Uint8Array(32).fill(4) }));
    expect(sealOf(link.work).headerHash).toEqual(new Uint8Array(32).fill(4));
    link.submit(shareOf(first));
    link.submit(shareOf(link.work));
    link.judge('low-difficulty');
    expect(link.outcomes).toMatchObject([
      client === dialects[0][1] ? { kind: 'dropped', reason: 'stale' } : { kind: 'rejected' },
      { kind: 'rejected', stale: false },
    ]);
    expect(link.complaints.filter((text) => !text.startsWith('server: '))).toEqual([]);
  });

  it.each(dialects)('%s: is given another difficulty', (_, client) => {
    const link = start(client);
    const before = link.work.target;
    for (let i = 0; i < 400 && link.work.target === before; i++) {
      link.now += 100;
      link.submit(shareOf(link.work, BigInt(i)));
      link.judge('accepted');
      link.server({ kind: 'tick' });
      // A header stands for its job in eth-proxy: the difficulty of a new one.
      if (i % 50 === 49) {
        link.offer(template({ jobKey: 0x20 + i, cleanJobs: false, headerHash: new Uint8Array(32).fill(i) }));
      }
    }
    expect(link.work.target).toBeLessThan(before);
    expect(link.complaints).toEqual([]);
  });
});

describe('fuzz', () => {
  it('survives any line', () => {
    const methods = fc.constantFrom('mining.notify', 'mining.set_difficulty', 'mining.set_extranonce');
    const message = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ id: fc.jsonValue(), method: methods, params: fc.jsonValue() })
        .map((v) => JSON.stringify(v)),
      fc
        .record({ id: fc.integer({ min: 0, max: 12 }), result: fc.jsonValue(), error: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), fc.boolean(), (lines, proxy) => {
        const session = new Probe(proxy ? ethProxyClient('ethash') : ethereumStratumClient('ethash'));
        session.feed({ kind: 'connected' });
        if (!proxy) session.line({ id: 2, result: [null, ''], error: null });
        for (const id of [1, 3]) session.line({ id, result: true, error: null });
        for (const text of lines) session.line(text);
      }),
      { seed: 1 },
    );
  });
});
