import { targetFromLe, targetToLe } from '@otedama/chain-params';
import {
  type ShareTarget,
  ShareTargets,
  encodeHex,
  formatHex32,
  hasPrefix,
  parseNonce64,
} from '@otedama/stratum';
import { encodeNotify, targetHex } from '../codec/encode.ts';
import { vectors } from '../testing/vectors.ts';
import {
  type Driver,
  type Sent,
  USER,
  bytes,
  errorOf,
  lease,
  linesOf,
  startDriver,
  textOf,
} from './session.fixture.ts';

interface Play {
  readonly messages: {
    readonly dir: 'c2s' | 's2c';
    readonly msg: { id?: unknown; method?: string; params?: unknown[]; result?: unknown; error?: unknown };
  }[];
  readonly share?: {
    readonly nonce: string;
    readonly mix_hash: string;
    readonly final_hash: string;
    readonly target: string;
    readonly accept: boolean;
  };
}

/** Targets that the sessions were recorded with follow no difficulty of ours. */
class GivenTarget extends ShareTargets {
  readonly #targetLe: Uint8Array;

  constructor(target: string) {
    super('kawpow');
    this.#targetLe = targetToLe(BigInt(`0x${target}`));
  }

  override of(difficulty: number): ShareTarget {
    return { difficulty, targetLe: this.#targetLe, work: 1n };
  }
}

const poolOf = ({ messages }: Play): { driver: Driver; extranonce1: Uint8Array } => {
  const said = messages.filter(({ dir }) => dir === 's2c').map(({ msg }) => msg);
  const extranonce =
    said.flatMap(({ result }) => (Array.isArray(result) ? [String(result[1])] : []))[0] ?? '';
  const [target] = (said.find(({ method }) => method === 'mining.set_target')?.params ?? []) as string[];
  const job = said.find(({ method }) => method === 'mining.notify')?.params ?? [];
  const driver = startDriver(
    { targets: new GivenTarget(target ?? '') },
    {
      headerHash: bytes(String(job[1] ?? 'ab'.repeat(32))),
      seedHash: bytes(String(job[2] ?? 'cd'.repeat(32))),
      height: Number(job[5] ?? 287_185),
      bits: Number.parseInt(String(job[6] ?? '1d02f913'), 16),
    },
  );
  return { driver, extranonce1: bytes(extranonce) };
};

const play = (session: Play): Driver => {
  const { driver, extranonce1 } = poolOf(session);
  const queue: string[] = [];
  let jobId = '';
  for (const { dir, msg } of session.messages) {
    if (dir === 'c2s') {
      const params =
        msg.method === 'mining.submit'
          ? [msg.params?.[0], jobId, ...(msg.params?.slice(2) ?? [])]
          : msg.params;
      const from = driver.effects.length;
      driver.line(JSON.stringify({ ...msg, params }), lease({ extranonce1 }));
      if (msg.method === 'mining.submit') {
        const target = driver.of('submit')[0]?.share.target.targetLe ?? new Uint8Array(32);
        const hash = BigInt(`0x${session.share?.final_hash}`);
        driver.judge(hash <= targetFromLe(target) ? 'accepted' : 'low-difficulty');
      }
      queue.push(...linesOf(driver.effects.slice(from)));
      continue;
    }
    const line = queue.shift() ?? '';
    const ours = JSON.parse(line) as Sent;
    // The recorded pool could not change an extranonce; ours can, and says so.
    if (msg.id === 2) expect(ours).toEqual({ id: 2, result: true, error: null });
    else if (ours.method === 'mining.notify') {
      jobId = String((ours.params as unknown[])[0]);
      expect(line.replace(`"${jobId}"`, `"${String(msg.params?.[0])}"`)).toBe(JSON.stringify(msg));
    } else expect(line).toBe(JSON.stringify(msg));
  }
  expect(queue).toEqual([]);
  return driver;
};

const sessions = vectors<Play>('session');

describe('recorded sessions', () => {
  const played = sessions.filter(({ share }) => share !== undefined);

  it.each(played.map((session) => [session.id, session] as const))('%s, byte for byte', (_id, session) => {
    const driver = play(session);
    expect(driver.of('fault')).toEqual([]);
    const [handed] = driver.of('submit');
    if (handed === undefined || session.share === undefined) throw new Error('no share went out');
    const { version, nonce, mix, extranonce, nTime } = handed.share;
    expect(formatHex32(version) + formatHex32(nonce)).toBe(session.share.nonce);
    expect(encodeHex(mix ?? new Uint8Array())).toBe(session.share.mix_hash);
    expect([extranonce.length, nTime]).toEqual([0, 0]);
    const outcome = session.share.accept ? 'accepted' : 'low-difficulty';
    expect(driver.of('counted')).toMatchObject([{ outcome }]);
  });

  it('testnet-287185: the same lines, the target after the authorization that it may depend on', () => {
    const session = sessions.find(({ id }) => id === 'testnet-287185');
    const said = session?.messages.filter(({ dir }) => dir === 's2c').map(({ msg }) => JSON.stringify(msg));
    const { driver, extranonce1 } = poolOf(session ?? { messages: [] });
    driver.line(JSON.stringify(session?.messages[0]?.msg), lease({ extranonce1 }));
    driver.call(3, 'mining.authorize', [USER, 'x']);
    const [subscribed, authorized, target] = linesOf(driver.effects);
    expect([subscribed, target]).toEqual(said);
    expect(authorized).toContain('true');
  });

  it('are eight', () => {
    expect([sessions.length, played.length]).toEqual([8, 7]);
  });
});

describe('recorded messages', () => {
  it('holds miners to the range that their extranonce leaves', () => {
    const ranges = vectors<{ extranonce: string; low: string; high: string }>('nonce-range');
    for (const { extranonce, low, high } of ranges) {
      const prefix = bytes(extranonce);
      const within = (text: bigint): boolean => {
        const nonce = parseNonce64(text.toString(16).padStart(16, '0'));
        return nonce !== undefined && hasPrefix(nonce, prefix);
      };
      const [from, to] = [BigInt(`0x${low}`), BigInt(`0x${high}`)];
      expect([within(from), within(to), within(from - 1n), within(to + 1n)]).toEqual([
        true,
        true,
        false,
        false,
      ]);
    }
    expect(ranges.length).toBe(5);
  });

  it('counts difficulty as the common pool software does, to the last digit', () => {
    const cases = vectors<{ difficulty: number; difficulty_1: string; target: string }>(
      'difficulty-target',
    ).filter((one) => one.difficulty_1.startsWith('00000000ff0'));
    const targets = new ShareTargets('kawpow');
    for (const { difficulty, target } of cases)
      expect(targetHex(targets.of(difficulty).targetLe)).toBe(target);
    expect(cases.length).toBe(3);
  });

  it('tells a job in the recorded form', () => {
    const job = vectors<{ line: string }>('notify').find(({ id }) => id === 'notify-height-number');
    const target = `00000000ffff${'0'.repeat(52)}`;
    const [headerHex, seedHex] = ['ab'.repeat(32), 'cd'.repeat(32)];
    const notice = { jobId: 'j', headerHex, seedHex, target, clean: true, height: 7050, bitsHex: '1b00c7a3' };
    expect(encodeNotify(notice).trim()).toBe(job?.line);
  });

  it('answers every recorded request', () => {
    const expected: Record<string, unknown> = {
      'request-subscribe-empty': [null, 'a00001'],
      'request-subscribe-version': [null, 'a00001'],
      'request-subscribe-twice': [null, 'a00001'],
      'request-authorize-testnet-on-mainnet': 'Address is not usable: not an address',
      'request-authorize-no-worker': true,
      'request-submit-short-nonce': 'Nonce has the wrong length or is not hex',
      'request-submit-short-mix': 'Mix hash is not 64 hex digits',
      'request-submit-3-params': 'Submit lacks a parameter',
      'request-submit-old-job': 'Job not found',
      'request-submit-wrong-header': 'Header hash is not that of the job',
    };
    const requests = vectors<{ line: string }>('request');
    for (const { id, line } of requests) {
      const granted = /submit/.test(id) ? lease({ extranonce1: bytes('127be1') }) : lease();
      const driver = startDriver({}, { headerHash: bytes('aa'.repeat(32)) });
      if (/submit|twice/.test(id)) driver.ready('x', granted);
      const reply = driver.line(line.replace('"w"', `"${USER}"`).replace('"1a2b"', '"1a00"'), granted);
      expect([id, textOf(reply) ?? reply[0]?.result]).toEqual([id, expected[id]]);
    }
    expect(requests.length).toBe(Object.keys(expected).length);
  });

  it('uses codes that its miners know', () => {
    const [codes] = vectors<{ codes: Record<string, string> }>('error-codes');
    const driver = startDriver();
    const seen = [errorOf(driver.submit(1))];
    driver.ready();
    seen.push(errorOf(driver.submit(2, { 0: 'nobody' })), errorOf(driver.submit(3, { 2: '0x1' })));
    driver.submit(4);
    driver.judge();
    seen.push(errorOf(driver.submit(5)));
    expect(seen).toEqual([25, 24, 20, 22]);
    for (const code of seen) expect(Object.keys(codes?.codes ?? {})).toContain(String(code));
  });
});
