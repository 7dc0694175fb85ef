import { targetFromLe, targetToLe } from '@otedama/chain-params';
import { type ShareTarget, ShareTargets, encodeHex, formatHex32 } from '@otedama/stratum';
import { encodeNotify } from '../codec/classic.ts';
import { encodeWork } from '../codec/eth-proxy.ts';
import { targetHex } from '../codec/hex.ts';
import { vectors } from '../testing/vectors.ts';
import {
  Driver,
  type Sent,
  WALLET,
  bytes,
  errorOf,
  lease,
  linesOf,
  ready,
  startDriver,
  startPool,
} from './session.fixture.ts';

interface Recorded {
  readonly dir: 'c2s' | 's2c';
  readonly msg: { id?: unknown; method?: string; params?: unknown[]; result?: unknown; error?: unknown };
}

interface Play {
  readonly protocol: string;
  readonly messages: Recorded[];
  readonly epoch?: number;
  readonly share?: {
    readonly epoch: number;
    readonly height?: number;
    readonly extranonce?: string;
    readonly nonce: string;
    readonly mix_hash: string;
    readonly final_hash: string;
    readonly target?: string;
    readonly accept: boolean;
  };
}

/** Targets that the sessions were recorded with follow no difficulty of ours. */
class GivenTarget extends ShareTargets {
  readonly #targetLe: Uint8Array;

  constructor(target: string) {
    super('etchash');
    this.#targetLe = targetToLe(BigInt(`0x${target}`));
  }

  override of(difficulty: number): ShareTarget {
    return { difficulty, targetLe: this.#targetLe, work: 1n };
  }
}

const first = <Value>(list: readonly Value[], what: string): Value => {
  const [value] = list;
  if (value === undefined) throw new Error(`no ${what}`);
  return value;
};

/** The session's pool: work and difficulty as the recorded server had them. */
const poolOf = ({ messages, share, epoch = 0 }: Play): Driver => {
  const said = messages.filter(({ dir }) => dir === 's2c').map(({ msg }) => msg);
  const [, seed, header] = (said.find(({ method }) => method === 'mining.notify')?.params ?? []) as string[];
  const work = (said.find(({ result }) => Array.isArray(result) && String(result[0]).length === 66)?.result ??
    []) as string[];
  const difficulty = said.find(({ method }) => method === 'mining.set_difficulty')?.params?.[0];
  const base = startPool().vardiff;
  const env = startPool(
    {
      parseAddress: (text) => ({ ok: true, canonical: text }),
      ...(typeof difficulty === 'number' ? { vardiff: { ...base, initialDifficulty: difficulty } } : {}),
      ...(share?.target === undefined ? {} : { targets: new GivenTarget(share.target) }),
    },
    {
      headerHash: bytes(header ?? work[0]?.slice(2) ?? ''),
      seedHash: bytes(seed ?? work[1]?.slice(2) ?? ''),
      height: share?.height ?? 1,
      epoch: share?.epoch ?? epoch,
    },
  );
  return new Driver(env);
};

/** What we say beyond the recording, or in other words, is taken out. */
const comparable = (line: string, recorded: Sent): string => {
  const ours = JSON.parse(line) as { result?: unknown; params?: unknown[]; method?: string };
  if (ours.method === 'mining.notify') {
    const theirs = (recorded.params as unknown[] | undefined)?.[0];
    return line.replace(`"${String(ours.params?.[0])}"`, `"${String(theirs)}"`);
  }
  const { result } = recorded;
  // The height of a getwork reply is optional.
  if (
    Array.isArray(result) &&
    result.length === 3 &&
    Array.isArray(ours.result) &&
    ours.result.length === 4
  ) {
    return line.replace(/,"0x[0-9a-f]+"\]\}$/, ']}');
  }
  return line;
};

const play = (session: Play): Driver => {
  const driver = poolOf(session);
  const queue: string[] = [];
  let jobId = '';
  const sessionId = session.messages.flatMap(({ msg }) =>
    Array.isArray(msg.result) ? [msg.result[0]] : [],
  )[0] as string[] | undefined;
  const extranonce = session.messages
    .flatMap(({ dir, msg }) => (dir === 's2c' && Array.isArray(msg.result) ? [msg.result[1]] : []))
    .find((text): text is string => typeof text === 'string');
  const granted = lease({ sessionId: sessionId?.[1] ?? '', extranonce1: bytes(extranonce ?? '') });
  for (const { dir, msg } of session.messages) {
    if (dir === 'c2s') {
      const params = msg.method === 'mining.submit' ? [msg.params?.[0], jobId, msg.params?.[2]] : msg.params;
      const from = driver.effects.length;
      driver.line(JSON.stringify({ ...msg, params }), granted);
      if (/submit(Work)?$/.test(msg.method ?? '')) {
        const { share } = first(driver.of('submit'), 'share');
        const hash = BigInt(`0x${session.share?.final_hash}`);
        driver.judge(hash <= targetFromLe(share.target.targetLe) ? 'accepted' : 'low-difficulty');
      }
      queue.push(...linesOf(driver.effects.slice(from)));
      continue;
    }
    const line = first(queue.splice(0, 1), `line like ${JSON.stringify(msg)}`);
    const ours = JSON.parse(line) as Sent;
    if (ours.method === 'mining.notify') jobId = String((ours.params as unknown[])[0]);
    if (Array.isArray(msg.error)) {
      expect(ours).toMatchObject({ id: msg.id, result: msg.result });
      expect(errorOf([ours])).toBe(msg.error[0]);
    } else expect(comparable(line, msg)).toBe(JSON.stringify(msg));
  }
  expect(queue).toEqual([]);
  return driver;
};

describe('recorded sessions', () => {
  const sessions = vectors<Play>('session');

  it('are twelve', () => {
    expect(sessions.length).toBe(12);
  });

  it.each(sessions.map((session) => [session.id, session] as const))('%s, byte for byte', (_id, session) => {
    const driver = play(session);
    expect(driver.of('fault')).toEqual([]);
    const { share } = session;
    if (share === undefined) return;
    const [handed] = driver.of('submit');
    if (handed === undefined) throw new Error('no share went out');
    const { version, nonce, mix, extranonce, nTime } = handed.share;
    expect(formatHex32(version) + formatHex32(nonce)).toBe(share.nonce);
    expect([extranonce.length, nTime]).toEqual([0, 0]);
    // Only eth-proxy miners tell the mix; otherwise it has to be computed.
    expect(mix === undefined ? undefined : encodeHex(mix)).toBe(
      session.protocol === 'eth-proxy' ? share.mix_hash : undefined,
    );
    expect(driver.of('counted')).toMatchObject([{ outcome: share.accept ? 'accepted' : 'low-difficulty' }]);
  });
});

describe('recorded messages', () => {
  it('carries jobs in the recorded form', () => {
    const jobs = vectors<{
      line: string;
      job: { job_id: string; seed_hash: string; header_hash: string; clean: boolean };
    }>('notify');
    for (const { line, job } of jobs) {
      expect(encodeNotify(job.job_id, job.seed_hash, job.header_hash, job.clean).trim()).toBe(line);
    }
    expect(jobs.length).toBe(5);
  });

  it('carries work as a node would give it', () => {
    const works = vectors<{ result: string[]; height: number }>('work-from-header');
    for (const { result, height } of works) {
      const [header = '', seed = '', target = ''] = result.map((text) => text.slice(2));
      const line = encodeWork('7', header, seed, target, height);
      expect(line.trim()).toBe(JSON.stringify({ id: 7, jsonrpc: '2.0', result }));
    }
    expect(works.length).toBe(3);
  });

  it('computes a target from a difficulty as EthereumStratum/1.0.0 has it, to the last digit', () => {
    const cases = vectors<{ difficulty: number; target: string }>('difficulty-target');
    for (const algorithm of ['ethash', 'etchash'] as const) {
      const targets = new ShareTargets(algorithm);
      for (const { difficulty, target } of cases) {
        expect(targetHex(targets.of(difficulty).targetLe)).toBe(target);
      }
    }
    expect(cases.length).toBe(5);
  });

  it('answers every recorded request', () => {
    const expected: Record<string, unknown> = {
      'request-login': true,
      'request-login-email': true,
      'request-login-worker-field': true,
      'request-login-worker-dot': true,
      'request-getwork-before-login': 25,
      'request-getwork-no-params': expect.any(Array),
      'request-hashrate': true,
      'request-submit-upper-nonce': 'share',
      'request-submit-short-nonce': -1,
      'request-submit-2-params': -1,
      'request-submit-unknown-header': 21,
      'request-v1-subscribe-no-version': true,
      'request-v1-submit-0x': 'share',
      'request-v1-submit-spec': 'share',
    };
    const requests = vectors<{ line: string; protocol: string }>('request');
    for (const { id, line, protocol } of requests) {
      const header = '6c872e2304cd1e64b553a65387d7383470f22331aff288cbce5748dc430f016a';
      const driver = startDriver({}, { jobKey: 0xbf0488, headerHash: bytes(header) });
      if (/submit|no-params/.test(id) && protocol === 'eth-proxy') ready.ethProxy(driver);
      let text = line;
      if (id.startsWith('request-v1-submit')) {
        ready.v1(driver, 'x', lease({ extranonce1: bytes('080c') }));
        text = line.replace('"bf0488aa"', '"bf048800"').replace('"username"', `"${WALLET}.rig"`);
      }
      const [reply] = driver.line(text);
      const handed = driver.of('submit')[0]?.share;
      const outcome = handed === undefined ? (errorOf([reply ?? {}]) ?? reply?.result) : 'share';
      expect([id, outcome]).toEqual([id, expected[id]]);
      if (id.startsWith('request-v1-submit')) {
        expect([handed?.version, handed?.nonce]).toEqual([0x080c6a90, 0x9d9bbc0f]);
      }
      if (id === 'request-hashrate') expect(driver.session.hashrateHs).toBe(24_017_517);
    }
    expect(requests.length).toBe(Object.keys(expected).length);
  });

  it('takes the recorded share apart', () => {
    const [recorded] = vectors<{ submit: { params: string[] } }>('share');
    const [nonce = '', header = '', mix = ''] = recorded?.submit.params ?? [];
    const driver = ready.ethProxy(startDriver({}, { headerHash: bytes(header.slice(2)) }));
    driver.line(JSON.stringify(recorded?.submit));
    const share = driver.of('submit')[0]?.share;
    expect(formatHex32(share?.version ?? 0) + formatHex32(share?.nonce ?? 0)).toBe(nonce.slice(2));
    expect(`0x${encodeHex(share?.mix ?? new Uint8Array())}`).toBe(mix);
  });

  it('uses the codes that eth-proxy miners know', () => {
    const [codes] = vectors<{ codes: Record<string, string> }>('error-codes');
    const driver = startDriver();
    const seen = [
      errorOf(driver.call(1, 'eth_submitLogin', ['nobody'])),
      errorOf(driver.call(2, 'eth_getWork', [])),
      errorOf(driver.call(3, 'eth_coinbase', [])),
    ];
    expect(seen).toEqual([-1, 25, -3]);
    for (const code of seen) expect(Object.keys(codes?.codes ?? {})).toContain(String(code));
  });
});
