import { MAX_LIVE_WORKS, WorkBook, formatJobId } from '@otedama/stratum';
import fc from 'fast-check';
import { Work, type WorkTemplate } from '../jobs/work.ts';
import { catchUp, commonLine } from './follow.ts';
import { Driver, sentBy, sessionEnv, startDriver, template } from './session.fixture.ts';

/** A pool that gives its works as a gateway does: by their line to who follows, by an event to the others. */
class FollowedDriver extends Driver {
  #sent: Work | undefined;

  override event(event: Parameters<Driver['event']>[0]) {
    if (this.#sent !== undefined) catchUp(this.session, this.#sent, this.now);
    this.#sent = undefined;
    return super.event(event);
  }

  take(before: Work, work: Work, clean = work.template.cleanJobs): void {
    const line = commonLine(before, work, clean);
    if (line === undefined || !this.session.follows) {
      this.event({ kind: 'work', work });
      return;
    }
    this.#sent = work;
    this.sent.push(...sentBy([{ kind: 'send', data: line }]));
  }
}

describe('a session that follows', () => {
  it('has logged in and has the newest job, at the difficulty that it knows', () => {
    const driver = startDriver();
    driver.subscribe();
    expect(driver.session.follows).toBe(false);
    driver.call(2, 'mining.authorize', ['addr1.rig', 'x']);
    expect(driver.session.follows).toBe(true);
    driver.event({ kind: 'work-stopped', reason: 'no daemon' });
    expect(driver.session.follows).toBe(false);
    driver.event({ kind: 'work', work: driver.session.env.book.add(template({ jobKey: 0x1b })) });
    expect(driver.session.follows).toBe(true);
    driver.event({ kind: 'disconnected' });
    expect(driver.session.follows).toBe(false);
  });

  it('is none whose firmware, named late, does not take what it was given', () => {
    const driver = startDriver({}, { coinbaseSuffix: new Uint8Array(300) });
    driver.subscribe(undefined, []);
    driver.call(2, 'mining.authorize', ['addr1.rig', 'x']);
    expect(driver.session.follows).toBe(true);
    driver.line('{"id":1000000001,"result":"NerdMinerV2","error":null}');
    expect(driver.session.follows).toBe(false);
  });

  it('is told by an event of what changes more than its job', () => {
    const first = new Work('sha256d', template());
    const line = (over: Partial<WorkTemplate>): Buffer | undefined =>
      commonLine(first, new Work('sha256d', template({ jobKey: 0x1b, ...over })), false);
    expect(line({})?.toString()).toContain('"params":["1b00",');
    expect(line({ networkTarget: 1n << 200n })).toBeDefined();
    expect(line({ networkTarget: 1n << 230n })).toBeUndefined();
    expect(line({ coinbaseSuffix: new Uint8Array(2) })).toBeDefined();
    expect(line({ coinbaseSuffix: new Uint8Array(4) })).toBeUndefined();
    expect(line({ extranonceSize: 12 })).toBeUndefined();
    expect(line({ versionMask: 0 })).toBeUndefined();
  });

  it('knows the jobs that it was sent, and those alone, whatever was given out since', () => {
    const env = sessionEnv();
    const first = env.book.add(template());
    const driver = new FollowedDriver(env);
    driver.ready();
    const second = env.book.add(template({ jobKey: 0x1b, cleanJobs: false }));
    const third = env.book.add(template({ jobKey: 0x1c, cleanJobs: false }));
    driver.take(first, second);
    driver.take(second, third);
    env.book.add(template({ jobKey: 0x1d, cleanJobs: false }));
    expect(driver.submit(1, { job: '1d00' })[0]?.error).toEqual([21, 'Job not found', null]);
    expect(driver.submit(2, { job: '1b00' })).toEqual([]);
    driver.judge();
    expect(driver.session.jobs.map(({ work }) => work.template.jobKey)).toEqual([0x1a, 0x1b, 0x1c]);
    env.book.add(template({ jobKey: 0x1e, cleanJobs: true }));
    driver.take(third, third);
    expect(driver.submit(3, { job: '1c00' })[0]?.error).toEqual([21, expect.stringContaining('Stale'), null]);
  });
});

describe('a book of works', () => {
  it('tells what came between two of them and lives, also when a key came again', () => {
    const book = new WorkBook(({ jobKey }: { jobKey: number; cleanJobs: boolean }) => ({ jobKey }));
    const add = (jobKey: number, cleanJobs = false) => book.add({ jobKey, cleanJobs });
    const [a, b, c] = [add(1), add(2), add(3)];
    expect(book.liveBetween(a, c)).toEqual([b, c]);
    expect(book.liveBetween(a, b)).toEqual([b]);
    const again = add(3);
    expect(book.liveBetween(c, again)).toEqual([again]);
    expect(book.liveBetween(a, again)).toEqual([b, again]);
    const clean = add(4, true);
    expect(book.liveBetween(a, again)).toEqual([]);
    expect(book.liveBetween(a, clean)).toEqual([clean]);
    const many = Array.from({ length: 3 * MAX_LIVE_WORKS }, (_, i) => add(5 + i));
    expect(book.liveBetween(a, many.at(-1) ?? a)).toEqual(many.slice(-MAX_LIVE_WORKS));
  });
});

const change = fc.record(
  {
    cleanJobs: fc.boolean(),
    networkTarget: fc.constantFrom(1n << 216n, 1n << 210n, 1n << 222n),
    coinbaseSuffix: fc.constantFrom(new Uint8Array(2), new Uint8Array(3)),
    versionMask: fc.constantFrom(0x1fffe000, 0x1fffe000, 0x0fffe000),
  },
  { requiredKeys: ['cleanJobs'] },
);

const op = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('work' as const), over: change }) },
  // A bus that was away tells its last value again.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('share' as const), nonce: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(60_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wish' as const),
      difficulty: fc.integer({ min: 1, max: 4096 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('mask' as const),
      mask: fc.constantFrom('1fffe000', '00ffe000'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop' as const) }) },
);

type Op = typeof op extends fc.Arbitrary<infer Value> ? Value : never;

/** Without a change: the last one once more. */
type Give = (over: Partial<WorkTemplate> | undefined) => void;

const play = (driver: Driver, { kind, ...given }: Op, give: Give): void => {
  if ('over' in given) give(given.over);
  else if (kind === 'again') give(undefined);
  else if ('nonce' in given) {
    const job = driver.session.env.book.current?.template.jobKey.toString(16) ?? '';
    const effects = driver.effects.length;
    driver.submit(1, { job: `${job}00`, nonce: `0000000${given.nonce}` });
    if (driver.effects.slice(effects).some((effect) => effect.kind === 'submit')) driver.judge();
  } else if ('ms' in given) {
    driver.now += given.ms;
    driver.event({ kind: 'tick' });
  } else if ('difficulty' in given) driver.call(1, 'mining.suggest_difficulty', [given.difficulty]);
  else if ('mask' in given) {
    driver.call(1, 'mining.configure', [['version-rolling'], { 'version-rolling.mask': given.mask }]);
  } else if (kind === 'stop') driver.event({ kind: 'work-stopped', reason: 'no daemon' });
};

/** Of jobs of one id a share can mean the last one only. */
const stateOf = ({ session }: Driver) => ({
  jobs: new Map(
    session.jobs.map(({ work, variant, terms: { target, versionMask } }) => [
      formatJobId(work.template.jobKey, variant),
      [target.difficulty, versionMask],
    ]),
  ),
  difficulty: session.vardiff.difficulty,
  ceiling: session.vardiff.ceiling,
  remembered: session.history.size,
});

/** A session of its own pool, after all of it. */
const driverAfter = (ops: readonly Op[], isFollowed: boolean): Driver => {
  const env = sessionEnv({ ceilingByNetwork: true });
  const networkTarget = 1n << 216n;
  let last = template({ jobKey: 0x100, networkTarget });
  let before = env.book.add(last);
  const driver = isFollowed ? new FollowedDriver(env) : new Driver(env);
  driver.ready();
  const give: Give = (over) => {
    if (over !== undefined) last = template({ jobKey: last.jobKey + 1, networkTarget, ...over });
    const work = env.book.add(last);
    if (driver instanceof FollowedDriver) driver.take(before, work);
    else driver.event({ kind: 'work', work });
    before = work;
  };
  for (const one of ops) play(driver, one, give);
  driver.event({ kind: 'tick' });
  return driver;
};

describe('whatever happens', () => {
  it('a session that follows hears the same and comes to the same as one that is told of each work', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 40 }), (ops) => {
        const [told, followed] = [driverAfter(ops, false), driverAfter(ops, true)];
        expect(followed.sent).toEqual(told.sent);
        expect(stateOf(followed)).toEqual(stateOf(told));
      }),
      { numRuns: 500 },
    );
  });
});
