/** The recorded cases of this dialect, byte for byte where the protocol fixes bytes. */
import { findCoin, parseAddress } from '@otedama/chain-params';
import { decodeTarget, fromHex } from '@otedama/cryptonote';
import { ShareTargets } from '@otedama/stratum';
import { shareTerms } from '../jobs/share-terms.ts';
import { vectors } from '../testing/vectors.ts';
import { template } from '../testing/template.ts';
import { Driver, lease, sentBy, sessionEnv } from './session.fixture.ts';

interface RecordedJob {
  readonly blob: string;
  readonly job_id: string;
  readonly target: string;
  readonly height: number;
  readonly seed_hash: string;
}

interface Recorded {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: { readonly id?: string; readonly job?: RecordedJob; readonly status?: string } | null;
  readonly error?: { readonly message: string } | null;
}

const monero = findCoin('monero', 'mainnet');
if (monero === undefined) throw new Error('no Monero');

const difficultyOf = (target: string): number => Number(decodeTarget(fromHex(target))?.difficulty);

/** A pool that is at the recorded job, and gives the recorded blob. */
const poolAt = (job: RecordedJob): Driver => {
  const initialDifficulty = difficultyOf(job.target);
  const env = sessionEnv({
    vardiff: {
      initialDifficulty,
      minimumDifficulty: 1,
      maximumDifficulty: 1e15,
      targetShareIntervalMs: 5000,
      retargetIntervalMs: 30_000,
    },
    blobOf: () => fromHex(job.blob),
    parseAddress: (text) => {
      if (text.startsWith('0x')) return { ok: true, canonical: text };
      return parseAddress(monero, text);
    },
  });
  const { height } = job;
  const jobKey = Number.parseInt(job.job_id, 16);
  env.book.add(template({ jobKey, height, seedHash: fromHex(job.seed_hash), networkTarget: 0n }));
  return new Driver(env);
};

const wholeLines = (driver: Driver): string[] =>
  driver.of('send').flatMap(({ data }) =>
    data
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== ''),
  );

describe('recorded sessions', () => {
  const sessions = vectors<{ messages: { dir: string; msg: Recorded }[]; expect: Record<string, unknown> }>(
    'session',
  );

  const play = ({ messages, expect: expected }: (typeof sessions)[number]): string[] => {
    const told = messages.find(({ msg }) => msg.result?.job !== undefined)?.msg.result;
    if (told?.job === undefined) throw new Error('a session without a job');
    const driver = poolAt(told.job);
    for (const { dir, msg } of messages) {
      if (dir !== 'c2s') continue;
      const jobId = msg.params?.['job_id'];
      const params = jobId === undefined ? msg.params : { ...msg.params, job_id: `${String(jobId)}00` };
      driver.line(JSON.stringify({ ...msg, params }));
      if (msg.method === 'login')
        driver.event({ kind: 'leased', lease: lease({ sessionId: told.id ?? '' }) });
      const valid = expected['valid'] ?? expected['share_valid'];
      if (msg.method === 'submit' && valid === true) driver.judge();
    }
    expect(driver.of('fault')).toEqual([]);
    return wholeLines(driver);
  };

  it.each(
    sessions.filter((session) => session['origin'] === 'constructed').map((one) => [one.id, one] as const),
  )('%s: the same bytes, but for the form of our job ids', (_id, session) => {
    const replies = session.messages
      .filter(({ dir }) => dir === 's2c')
      .map(({ msg }) =>
        JSON.stringify(msg)
          .replace(/"job_id":"(\d+)"/, '"job_id":"$100"')
          // xmrig-proxy's documents show errors without it.
          .replace(',"result":null', ''),
      );
    expect(play(session)).toEqual(replies);
  });

  it('are three, the one of another pool having fewer members', () => {
    expect(sessions).toHaveLength(3);
    const [recorded] = sessions;
    if (recorded === undefined) throw new Error('no session');
    const [login, submit] = play(recorded).map((line) => JSON.parse(line) as Recorded);
    const [wantedLogin, wantedSubmit] = recorded.messages.filter(({ dir }) => dir === 's2c');
    const job = { ...wantedLogin?.msg.result?.job, job_id: '100' };
    expect(login).toMatchObject({ ...wantedLogin?.msg, result: { id: '1', status: 'OK', job } });
    expect(submit?.result).toEqual(wantedSubmit?.msg.result);
  });
});

describe('recorded shares', () => {
  const shares = vectors<{
    job: RecordedJob;
    submit: { job_id: string; nonce: string; result: string };
    expect: { valid: boolean; why?: string };
  }>('job-submit');

  it.each(shares.map((one) => [one.id, one] as const))('%s', (_id, { job, submit, expect: expected }) => {
    const driver = poolAt(job);
    driver.login({ login: '0xanyone' });
    expect(driver.job).toMatchObject({ ...job, job_id: `${job.job_id}00` });
    const [reply] = driver.submit(2, { ...submit, job_id: driver.job.job_id });
    const [out] = driver.of('submit');
    // A wrong result is for the verifier to find; one that misses by its own account never gets there.
    if (expected.why?.includes('low difficulty') === true) {
      expect(reply?.error?.message).toBe('Low difficulty share');
      expect(out).toBeUndefined();
      return;
    }
    const nonce = Buffer.alloc(4);
    nonce.writeUInt32LE(out?.share.nonce ?? 0);
    expect(nonce.toString('hex')).toBe(submit.nonce);
    expect(out?.share.target.difficulty).toBe(difficultyOf(job.target));
    const [verdict] = driver.judge(expected.valid ? 'accepted' : 'low-difficulty');
    expect(verdict?.result?.['status']).toBe(expected.valid ? 'OK' : undefined);
  });
});

describe('recorded targets', () => {
  it.each(vectors<{ target: string; difficulty: number }>('target-hex').map((one) => [one.id, one] as const))(
    '%s: the difficulty gives the target, in its shorter form',
    (_id, { target, difficulty }) => {
      const { wire } = shareTerms(new ShareTargets('randomx'), difficulty);
      if (target.length === 8) expect(wire).toBe(target);
      else expect(difficultyOf(wire)).toBe(difficulty);
    },
  );
});

describe('recorded lines', () => {
  const message = (name: string) => {
    const found = vectors<{ name: string; msg: Recorded }>('message').find((one) => one.name === name);
    if (found === undefined) throw new Error(`no message ${name}`);
    return found.msg;
  };
  const job: RecordedJob = {
    blob: '0707',
    job_id: '1',
    target: 'b88d0600',
    height: 1,
    seed_hash: '00'.repeat(32),
  };

  it('are answered as in xmrig-proxy’s document', () => {
    const driver = poolAt(job);
    const id = '1be0b7b6-b15a-47be-a17d-46b2911cf7d0';
    driver.line(JSON.stringify(message('login-request')));
    const [login] = sentBy(driver.event({ kind: 'leased', lease: lease({ sessionId: id }) }));
    expect(Object.keys(login?.result ?? {})).toEqual(['id', 'job', 'extensions', 'status']);
    expect(login?.result?.job).toMatchObject({ target: 'b88d0600' });
    driver.line(JSON.stringify(message('keepalived-request')));
    const submit = message('submit-request');
    const params = { ...submit.params, job_id: driver.job.job_id };
    driver.line(JSON.stringify({ ...submit, params: { ...params, result: 'ff'.repeat(32) } }));
    expect(wholeLines(driver).slice(1)).toEqual([
      JSON.stringify(message('keepalived-success')),
      JSON.stringify(message('submit-error')),
    ]);
    driver.line(JSON.stringify({ ...submit, params }));
    expect(driver.judge()[0]?.result).toEqual({ status: 'OK' });
    expect(driver.of('fault')).toEqual([]);
  });

  it('have the members of the job notification', () => {
    const driver = poolAt(job);
    driver.login({ login: '0xanyone' });
    driver.event({ kind: 're-leased', lease: lease() });
    const [line = ''] = wholeLines(driver).slice(-1);
    const sent = JSON.parse(line) as Recorded;
    const wanted = message('job-notification');
    expect(Object.keys(sent)).toEqual(Object.keys(wanted));
    expect(Object.keys(sent.params ?? {})).toEqual(expect.arrayContaining(Object.keys(wanted.params ?? {})));
  });

  it('of self-select are refused with a reason where it is not offered', () => {
    const driver = poolAt(job);
    const login = vectors<{ msg: Recorded }>('message').find((one) => one.id === 'self-select-0');
    expect(driver.line(JSON.stringify(login?.msg))[0]?.error?.message).toMatch(/self-select is not offered/);
  });

  it.each(
    vectors<{ msg: Recorded; other_pool_reply_error: string | null }>('request').map(
      (one) => [one.id, one] as const,
    ),
  )('%s: an error where the other pool has one', (_id, recorded) => {
    const driver = poolAt(job);
    const text = JSON.stringify(recorded.msg).replace('<wallet>', '0xanyone');
    driver.line(text);
    if (driver.of('lease').length > 0) driver.event({ kind: 'leased', lease: lease() });
    expect(driver.sent).toHaveLength(1);
    expect(driver.sent[0]?.error === null).toBe(recorded.other_pool_reply_error === null);
  });

  it.each(vectors<{ line: string }>('raw-line').map((one) => [one.id, one.line] as const))(
    '%s is answered',
    (_id, line) => {
      const driver = poolAt(job);
      expect(driver.line(line)).toHaveLength(1);
    },
  );

  it('are all of them: 49', () => {
    const kinds = [
      'session',
      'message',
      'request',
      'raw-line',
      'job-submit',
      'target-hex',
      'difficulty-target64',
    ];
    expect(kinds.map((kind) => vectors(kind).length)).toEqual([3, 12, 5, 3, 17, 5, 4]);
  });
});
