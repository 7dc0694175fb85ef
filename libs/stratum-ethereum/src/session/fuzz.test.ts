import fc from 'fast-check';
import { MAX_JOBS_PER_SESSION, MAX_WORKERS_PER_SESSION } from '@otedama/stratum';
import {
  Driver,
  HEADER,
  MIX,
  NONCE,
  WALLET,
  headerOf,
  lease,
  ready,
  startPool,
  template,
} from './session.fixture.ts';

const methodNames = [
  'mining.hello',
  'mining.subscribe',
  'mining.authorize',
  'mining.submit',
  'mining.extranonce.subscribe',
  'mining.hashrate',
  'mining.noop',
  'eth_submitLogin',
  'eth_getWork',
  'eth_submitWork',
  'eth_submitHashrate',
];
const word = fc.oneof(
  fc.constantFrom(
    `${WALLET}.rig`,
    WALLET,
    '1a00',
    '1a01',
    `0x${HEADER}`,
    `0x${MIX}`,
    `0x${NONCE}`,
    '00094a7c09',
    'EthereumStratum/1.0.0',
    'cafebabe00000001',
    'w-1',
    'd=5',
  ),
  fc.string({ maxLength: 12 }),
);
const leaf = fc.oneof(word, fc.double(), fc.integer(), fc.constant(null), fc.boolean());
const params = fc.oneof(
  { weight: 4, arbitrary: fc.array(leaf, { maxLength: 6 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: fc.record({ proto: fc.constant('EthereumStratum/2.0.0'), agent: leaf }) },
);
const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...methodNames) },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'eth_', 'mining.')),
  },
);
const action = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.tuple(fc.constant('message'), fc.record({ id: leaf, method, params, worker: leaf })),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('message'), fc.jsonValue()) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom('judge', 'work', 'tick', 'stop', 'lease', 'leave'), fc.nat(40_000)),
  },
);

const perform = (driver: Driver, kind: string, value: unknown): void => {
  const number = typeof value === 'number' ? value : 0;
  if (kind === 'message') driver.line(JSON.stringify(value) ?? 'undefined');
  else if (kind === 'judge') {
    const outcome = (['accepted', 'low-difficulty', 'unverifiable'] as const)[number % 3] ?? 'accepted';
    driver.event({ kind: 'verdict', ticket: number % 8, outcome });
  } else if (kind === 'work') {
    const over = {
      jobKey: 0x1a + (number % 5),
      headerHash: headerOf(number % 3),
      cleanJobs: number % 2 === 0,
    };
    driver.event({ kind: 'work', work: driver.session.env.book.add(template(over)) });
  } else if (kind === 'stop') driver.event({ kind: 'work-stopped', reason: 'no daemon' });
  else if (kind === 'lease') {
    driver.event({ kind: 're-leased', lease: lease({ extranonce1: Uint8Array.of(1, 2, number & 255) }) });
  } else if (kind === 'leave') driver.event({ kind: 'reconnect', target: undefined, waitSeconds: 1 });
  else {
    driver.now += number;
    driver.event({ kind: 'tick' });
  }
};

const beginnings = [() => undefined, ready.ethProxy, ready.v1, ready.stratum1, ready.v2] as const;
const story = fc.tuple(fc.nat(beginnings.length - 1), fc.array(action, { maxLength: 40 }));

const tell = ([beginning, actions]: [number, [string, unknown][]]): Driver => {
  const driver = new Driver(startPool());
  beginnings[beginning]?.(driver);
  for (const [kind, value] of actions) perform(driver, kind, value);
  return driver;
};

describe('any input', () => {
  it('never throws, and grows nothing without bounds', () => {
    fc.assert(
      fc.property(story, (parts) => {
        const { session } = tell(parts as [number, [string, unknown][]]);
        expect(session.jobs.length).toBeLessThanOrEqual(MAX_JOBS_PER_SESSION);
        expect(session.accounts.size).toBeLessThanOrEqual(MAX_WORKERS_PER_SESSION);
        expect(session.tokens.length).toBeLessThanOrEqual(MAX_WORKERS_PER_SESSION);
        expect(session.replies.awaited).toBeLessThanOrEqual(session.replies.size);
        expect(session.env.roster.names).toBeLessThanOrEqual(session.tokens.length);
      }),
      { numRuns: 400 },
    );
  });

  it('has the same effects each time', () => {
    fc.assert(
      fc.property(story, (parts) => {
        const [one, two] = [
          tell(parts as [number, [string, unknown][]]),
          tell(parts as [number, [string, unknown][]]),
        ];
        expect(one.effects).toEqual(two.effects);
      }),
      { numRuns: 60 },
    );
  });

  it('never lets two connections count one nonce of a header', () => {
    const nonces = fc.array(fc.tuple(fc.nat(3), fc.nat(5), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(nonces, (tries) => {
        const env = startPool();
        const miners = [0, 1, 2, 3].map((at) => {
          const driver = new Driver(env);
          return at % 2 === 0 ? ready.ethProxy(driver) : ready.stratum1(driver);
        });
        const counted: string[] = [];
        for (const [at, number, met] of tries) {
          const driver = miners[at];
          if (driver === undefined) continue;
          const nonce = `0x${number.toString(16).padStart(16, '0')}`;
          const before = driver.of('submit').length;
          if (at % 2 === 0) driver.call(9, 'eth_submitWork', [nonce, HEADER, MIX]);
          else driver.call(9, 'mining.submit', [`${WALLET}.rig`, '1a00', nonce, HEADER, MIX]);
          if (driver.of('submit').length === before) continue;
          driver.judge(met ? 'accepted' : 'low-difficulty');
          if (met) counted.push(nonce);
          driver.session.offences = 0;
        }
        expect(counted.length).toBe(new Set(counted).size);
        expect(env.book.shares.size).toBe(counted.length);
      }),
      { numRuns: 100 },
    );
  });
});
