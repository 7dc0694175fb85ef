/**
 * What the pure part of the edge costs, as JSON: decoding a mining.submit line, a whole share from bytes to
 * reply, one template given to many sessions by an event, and what those make up for that were sent its line alone.
 * Sockets, batches and hashes are not in it.
 *
 *   node libs/stratum-v1/bench/session.bench.ts
 */
import { type Effect, LineDecoder, ShareTargets, WorkBook, decodeMessage } from '@otedama/stratum';
import { type Session, Work, type WorkTemplate, createSession, step } from '../src/index.ts';
import { catchUp } from '../src/session/follow.ts';

const ROUNDS = 5;
const LINES = 100_000;
const SESSIONS = 10_000;
/** Far fewer shares per template than a session remembers. */
const SHARES_PER_TEMPLATE = 1000;

const template = (jobKey: number): WorkTemplate => ({
  jobKey,
  height: 900_000,
  prevHash: new Uint8Array(32).fill(1),
  version: 0x20000000,
  versionMask: 0x1fffe000,
  bits: 0x17023a04,
  networkTarget: 1n << 180n,
  time: 1_700_000_000,
  minTime: 1_699_990_000,
  maxTime: 1_700_007_200,
  coinbasePrefix: new Uint8Array(60).fill(2),
  coinbaseSuffix: new Uint8Array(120).fill(3),
  extranonceSize: 8,
  merkleBranch: Array.from({ length: 12 }, () => new Uint8Array(32).fill(4)),
  cleanJobs: true,
});

const book = new WorkBook((next: WorkTemplate) => new Work('sha256d', next));
const env: Parameters<typeof createSession>[0] = {
  book,
  targets: new ShareTargets('sha256d'),
  // Fixed: the bench is about shares, not about their rate.
  vardiff: {
    initialDifficulty: 1024,
    minimumDifficulty: 1024,
    maximumDifficulty: 1024,
    targetShareIntervalMs: 5000,
    retargetIntervalMs: 30_000,
  },
  ceilingByNetwork: false,
  versionMask: 0x1fffe000,
  parseAddress: (text) => ({ ok: true, canonical: text }),
  refusesWorker: () => undefined,
  serverVersion: 'bench',
  handshakeTimeoutMs: 30_000,
  idleTimeoutMs: 600_000,
};

const line = (jobKey: number, nonce: number): string =>
  `{"id":${nonce % 10_000},"method":"mining.submit","params":["bc1qexampleexampleexampleexampleexample.rig7",` +
  `"${jobKey.toString(16)}00","0000abcd","6553f100","${nonce.toString(16).padStart(8, '0')}","00204000"]}\n`;

const start = (index: number): Session => {
  const session = createSession(env, 0);
  const say = (text: string): readonly Effect[] =>
    step(session, { kind: 'message', message: decodeMessage(Buffer.from(text)) }, 0);
  say(
    '{"id":0,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"1fffe000"}]}',
  );
  say('{"id":1,"method":"mining.subscribe","params":["bench/1"]}');
  const extranonce1 = Buffer.alloc(4);
  extranonce1.writeUInt32BE(index);
  step(session, { kind: 'leased', lease: { sessionId: String(index), extranonce1 } }, 0);
  say('{"id":2,"method":"mining.authorize","params":["bc1qexampleexampleexampleexampleexample.rig7","x"]}');
  return session;
};

const best = (run: () => number): number => Math.min(...Array.from({ length: ROUNDS }, run));

const timed = (count: number, body: () => void): number => {
  const from = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - from) / count;
};

const decodeNs = (): number => {
  const bytes = Buffer.from(Array.from({ length: LINES }, (_, i) => line(1, i)).join(''));
  return timed(LINES, () => {
    const decoder = new LineDecoder();
    let lines = 0;
    for (let at = 0; at < bytes.length; at += 65_536) {
      decoder.push(bytes.subarray(at, at + 65_536));
      for (let next = decoder.next(); next.kind === 'line'; next = decoder.next()) {
        if (decodeMessage(next.bytes).kind === 'request') lines += 1;
      }
    }
    if (lines !== LINES) throw new Error(`${lines} of ${LINES} lines decoded`);
  });
};

let nextKey = 1;

const shareNs = (): number => {
  const session = start(1);
  const chunks = Array.from({ length: LINES / SHARES_PER_TEMPLATE }, (_, index) => {
    const jobKey = nextKey + index;
    const shares = Array.from({ length: SHARES_PER_TEMPLATE }, (_, i) => line(jobKey, i));
    return { jobKey, bytes: Buffer.from(shares.join('')) };
  });
  nextKey += chunks.length;
  let accepted = 0;
  const judge = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.kind !== 'submit') continue;
      const { ticket } = effect.share;
      accepted += step(session, { kind: 'verdict', ticket, outcome: 'accepted' }, 0).length - 1;
    }
  };
  const perShare = timed(LINES, () => {
    for (const { jobKey, bytes } of chunks) {
      step(session, { kind: 'work', work: book.add(template(jobKey)) }, 0);
      const decoder = new LineDecoder();
      decoder.push(bytes);
      for (let next = decoder.next(); next.kind === 'line'; next = decoder.next()) {
        judge(step(session, { kind: 'message', message: decodeMessage(next.bytes) }, 0));
      }
    }
  });
  if (accepted !== LINES) throw new Error(`${accepted} of ${LINES} shares accepted`);
  return perShare;
};

const broadcastNs = (): number => {
  book.add(template(nextKey++));
  const sessions = Array.from({ length: SESSIONS }, (_, index) => start(index));
  return timed(SESSIONS, () => {
    const work = book.add(template(nextKey++));
    let sent = 0;
    for (const session of sessions) sent += step(session, { kind: 'work', work }, 0).length;
    if (sent !== SESSIONS) throw new Error(`${sent} effects for ${SESSIONS} sessions`);
  });
};

/** What sessions that were sent only the lines make up for at their next step, here three works of them. */
const catchUpNs = (): number => {
  book.add(template(nextKey++));
  const sessions = Array.from({ length: SESSIONS }, (_, index) => start(index));
  return timed(SESSIONS, () => {
    let work = book.add({ ...template(nextKey++), cleanJobs: false });
    for (let more = 0; more < 2; more++) work = book.add({ ...template(nextKey++), cleanJobs: false });
    for (const session of sessions) catchUp(session, work, 0);
    if (sessions.some(({ jobs }) => jobs.length !== 4)) throw new Error('a job is missing');
  });
};

book.add(template(nextKey++));
const round = (value: number): number => Math.round(value);
console.log(
  JSON.stringify({
    bench: 'stratum-v1',
    node: process.version,
    decodeSubmitNs: round(best(decodeNs)),
    shareFromBytesToReplyNs: round(best(shareNs)),
    giveTemplateNsPerSession: round(best(broadcastNs)),
    catchUpWithThreeNsPerSession: round(best(catchUpNs)),
  }),
);
