import { encodeHex } from '@otedama/stratum';
import { MAX_TEMPLATE_LINE_BYTES } from '../../limits.ts';
import { vectors } from '../../testing/vectors.ts';
import {
  type Driver,
  type Sent,
  errorOf,
  lease,
  offer,
  ok,
  sentBy,
  startDriver,
} from '../session.fixture.ts';

const WALLET = '4pool';
/** floor(2^256 / difficulty) and below: what the template of the fixture is mined at. */
const NETWORK_DIFFICULTY = 2 ** 36;

const start = (over: Parameters<typeof startDriver>[0] = {}): Driver =>
  startDriver({ selfSelect: { poolWallet: WALLET }, ...over }, { networkTarget: (1n << 220n) - 1n });

const ready = (): Driver => {
  const driver = start();
  driver.login({ mode: 'self-select' });
  return driver;
};

const bring = (driver: Driver, over: Record<string, unknown> = {}, id: unknown = 5): Sent[] => {
  const { work } = driver.session;
  if (work === undefined) throw new Error('no work');
  const { height, prevId, seedHash } = work.template;
  return driver.call(id, 'block_template', {
    id: driver.session.id,
    job_id: driver.job.job_id,
    blob: '1010ABcd',
    height,
    difficulty: NETWORK_DIFFICULTY,
    prev_hash: encodeHex(prevId),
    seed_hash: encodeHex(seedHash),
    next_seed_hash: '',
    ...over,
  });
};

type Outcome = Extract<Parameters<Driver['event']>[0], { kind: 'template-judged' }>['outcome'];

const judge = (driver: Driver, outcome: Outcome = { kind: 'adopted' }): Sent[] => {
  const ticket = driver.of('adopt').at(-1)?.ticket ?? -1;
  return sentBy(driver.event({ kind: 'template-judged', ticket, outcome }));
};

describe('a login for self-select', () => {
  it('gets the terms of a job in place of a blob, with the members of the recorded one', () => {
    const driver = start();
    const login = vectors<{ id: string; msg: object }>('message').find(({ id }) => id === 'self-select-0');
    driver.line(JSON.stringify(login?.msg).replace('wallet address', 'addr1'));
    driver.event({ kind: 'leased', lease: lease() });
    const recorded = vectors<{ id: string; msg: { params: object } }>('message').find(
      ({ id }) => id === 'self-select-6',
    );
    expect(Object.keys(driver.job)).toEqual(
      expect.arrayContaining(Object.keys(recorded?.msg.params ?? { none: true })),
    );
    const { template } = driver.session.work ?? {};
    expect(driver.job).toEqual({
      job_id: '1a00',
      target: 'b88d0600',
      extra_nonce: 'a000000100000000',
      pool_wallet: WALLET,
      height: template?.height,
      seed_hash: encodeHex(template?.seedHash ?? new Uint8Array()),
      algo: 'rx/0',
    });
  });

  it('may send lines as long as a template from then on', () => {
    const driver = start();
    driver.login({ mode: 'self-select' });
    expect(driver.of('line-limit')).toEqual([{ kind: 'line-limit', bytes: MAX_TEMPLATE_LINE_BYTES }]);
    const usual = start();
    usual.login();
    expect(usual.of('line-limit')).toEqual([]);
  });

  it('is refused where nobody can tell whom a template pays, and to proxies', () => {
    expect(errorOf(startDriver().login({ mode: 'self-select' }))).toMatch(/self-select is not offered/);
    const proxy = start().login({ mode: 'self-select', agent: 'xmr-node-proxy/0.0.3' });
    expect(errorOf(proxy)).toMatch(/not for proxies/);
  });

  it('holds for the connection', () => {
    expect(errorOf(ready().login())).toMatch(/mode of a connection does not change/);
  });

  it('gives every job of every session an extra nonce of its own', () => {
    const driver = ready();
    const seen = [driver.job['extra_nonce']];
    offer(driver, { jobKey: 0x1b, cleanJobs: false });
    seen.push(driver.job['extra_nonce']);
    driver.event({ kind: 're-leased', lease: lease({ extranonce1: Uint8Array.of(0xa0, 0, 0, 2) }) });
    seen.push(driver.job['extra_nonce']);
    // The second template is another job already; the last job is the second on it.
    expect(seen).toEqual(['a000000100000000', 'a000000100000000', 'a000000200000001']);
    expect(driver.call(9, 'getjob', {})[0]?.result).toMatchObject({ pool_wallet: WALLET });
  });
});

describe('block_template', () => {
  it('hands the template out to be judged, and says OK only after the verdict', () => {
    const driver = ready();
    expect(bring(driver)).toEqual([]);
    expect(driver.of('adopt')).toEqual([
      {
        kind: 'adopt',
        ticket: expect.any(Number) as number,
        jobKey: 0x1a,
        extraNonce: Uint8Array.of(0xa0, 0, 0, 1, 0, 0, 0, 0),
        blob: Uint8Array.of(0x10, 0x10, 0xab, 0xcd),
      },
    ]);
    expect(judge(driver)).toEqual([ok(5)]);
  });

  it.each<[string, Record<string, unknown>, RegExp, number]>([
    ['another previous block', { prev_hash: '00'.repeat(32) }, /mined here: another previous block/, 0],
    ['no previous block', { prev_hash: undefined }, /mined here: another previous block/, 0],
    ['another height', { height: 7 }, /mined here: another height/, 0],
    ['another seed', { seed_hash: '00'.repeat(32) }, /refused: another seed hash/, 10],
    ['no seed', { seed_hash: undefined }, /refused: another seed hash/, 10],
    ['another seed height', { seed_height: 1 }, /refused: another seed height/, 10],
    ['a lower difficulty', { difficulty: NETWORK_DIFFICULTY - 1 }, /refused: another network diff/, 10],
    ['a higher difficulty', { difficulty: NETWORK_DIFFICULTY + 1 }, /refused: another network diff/, 10],
    ['a difficulty in a text', { difficulty: '68719476736' }, /refused: another network diff/, 10],
    ['no difficulty', { difficulty: 0 }, /refused: another network diff/, 10],
    ['an unknown job', { job_id: 'ffff00' }, /Job not found/, 1],
    ['another session', { id: 'other' }, /Unauthenticated: unknown session/, 1],
    ['no blob', { blob: undefined }, /blob is not hex/, 5],
    ['an empty blob', { blob: '' }, /blob is not hex/, 5],
    ['half a byte', { blob: '101' }, /blob is not hex/, 5],
    ['no hex', { blob: '10zz' }, /blob is not hex/, 5],
  ])('is refused with %s, without a verification', (_what, over, text, offence) => {
    const driver = ready();
    expect(errorOf(bring(driver, over))).toMatch(text);
    expect(driver.of('adopt')).toEqual([]);
    expect(driver.session.offences).toBe(offence);
  });

  it('is for sessions that asked for it, and know each other', () => {
    const stranger = start();
    expect(errorOf(stranger.call(1, 'block_template', {}))).toBe('Unauthenticated');
    const usual = start();
    usual.login();
    expect(errorOf(bring(usual))).toMatch(/the login was not for self-select/);
    const driver = ready();
    driver.event({ kind: 'work-stopped', reason: 'no daemon' });
    expect(errorOf(bring(driver))).toBe('Pool has stopped work: no daemon');
  });

  it('is one at a time, and one for a job', () => {
    const driver = ready();
    bring(driver);
    bring(driver, {}, 6);
    expect(driver.of('adopt')).toHaveLength(1);
    const sent = judge(driver);
    expect(sent[0]).toEqual(ok(5));
    expect(sent[1]?.error?.message).toBe('Asked too often');
    expect(errorOf(bring(driver))).toMatch(/the job has its template/);
    expect(driver.of('adopt')).toHaveLength(1);
  });

  it.each<[Outcome, RegExp, number]>([
    [{ kind: 'stale', detail: 'its job is gone' }, /^Block template is not for .*: its job is gone$/, 0],
    [{ kind: 'refused', detail: 'no' }, /^Block template is refused: no$/, 10],
    [{ kind: 'unchecked' }, /^Block template could not be checked$/, 0],
  ])('hears the verdict, and may bring another: %o', (outcome, text, offence) => {
    const driver = ready();
    bring(driver);
    expect(errorOf(judge(driver, outcome))).toMatch(text);
    expect(driver.session.offences).toBe(offence);
    expect(errorOf(driver.submit(7))).toBe('No block template was given for this job');
    bring(driver);
    expect(judge(driver)).toEqual([ok(5)]);
  });

  it('sends a miner away that brings nothing else', () => {
    const driver = ready();
    for (let i = 0; i < 100 && !driver.session.closed; i++) {
      bring(driver);
      judge(driver, { kind: 'refused', detail: 'no' });
    }
    expect(driver.of('adopt')).toHaveLength(20);
    expect(driver.of('close')).toEqual([{ kind: 'close', reason: 'too-many-faults' }]);
  });

  it('goes with its job: a verdict that comes late is of no use, and harms nobody', () => {
    const driver = ready();
    bring(driver);
    offer(driver, { jobKey: 0x1b });
    expect(judge(driver)[0]).toEqual(ok(5));
    expect(errorOf(driver.submit(7, { job_id: '1a00' }))).toMatch(/^Stale/);
    expect(errorOf(driver.submit(8))).toBe('No block template was given for this job');
  });
});

describe('a share in self-select', () => {
  it('names its miner’s template by the extra nonce, and counts like any other', () => {
    const driver = ready();
    expect(errorOf(driver.submit(6))).toBe('No block template was given for this job');
    bring(driver);
    judge(driver);
    expect(driver.submit(7, { nonce: '01000000' })).toEqual([]);
    expect(driver.of('submit')[0]?.share).toMatchObject({
      jobKey: 0x1a,
      nonce: 1,
      extranonce: Uint8Array.of(0xa0, 0, 0, 1, 0, 0, 0, 0),
    });
    expect(driver.judge()).toEqual([ok(7)]);
    expect(errorOf(driver.submit(8, { nonce: '01000000' }))).toBe('Duplicate share');
  });
});
