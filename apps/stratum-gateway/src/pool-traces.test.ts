import {
  ShareBatchBuilder,
  ShareBatchView,
  Verdict,
  batchContext,
  batchSpanId,
  silentLogger,
} from '@otedama/contracts';
import { createTracer } from '@otedama/observability';
import { type ReceivedSpan, TraceCollector, eventually } from '@otedama/test-harness';
import { PoolTraces } from './pool-traces.ts';

const JOB = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const JOB_KEY = 7;
const HEAD = {
  poolId: 'p1',
  jobKey: JOB_KEY,
  height: 11,
  networkTarget: 1n,
  cleanJobs: true,
  createdAtMs: 0,
};
const READ_AT_MS = 1_700_000_000_000;
const VERDICT_AT = 64 + 7;

describe('what a gateway traces', () => {
  let collector: TraceCollector;
  beforeEach(async () => {
    collector = await TraceCollector.start();
  });
  afterEach(() => collector.stop());

  /** One share of the job, in a batch of its own. */
  const batchOf = (id: Buffer, verdict: number): Buffer => {
    const builder = new ShareBatchBuilder('p1');
    builder.add({
      jobKey: JOB_KEY,
      address: 'addr',
      worker: 'w',
      nTime: 0,
      nonce: 0,
      version: 0,
      extranonce: new Uint8Array(8),
      targetLe: new Uint8Array(32),
      work: 1n,
      receivedAtMs: READ_AT_MS,
      connectionSlot: 0,
      requestSlot: 0,
    });
    const bytes = builder.close(id, READ_AT_MS);
    bytes[VERDICT_AT] = verdict;
    return bytes;
  };
  const land = async (
    sampleBasisPoints: number,
    verdict: number,
    isDecided = true,
  ): Promise<readonly ReceivedSpan[]> => {
    const traces = { endpoint: collector.endpoint, headers: undefined, sampleBasisPoints };
    const tracer = createTracer(silentLogger, traces, { service: 'stratum-gateway', instance: 'one' });
    await eventually('the tracer', () => tracer.start('try').context !== undefined);
    const pool = new PoolTraces(tracer, 'p1');
    pool.take(HEAD, JOB)(3);
    const bytes = batchOf(BATCH, verdict);
    const judged = isDecided ? new ShareBatchView(bytes) : undefined;
    pool.landed({ bytes, readAtMs: 10, closedAtMs: 11.5 }, 12, judged);
    await tracer.close();
    return collector.spans;
  };
  const BATCH = Buffer.from('0011223344556677ffffffff00000000', 'hex');

  it('is the way of a job to its sessions', async () => {
    const [broadcast] = await land(0, Verdict.accepted);
    expect(broadcast).toMatchObject({
      name: 'broadcast',
      traceId: 'a'.repeat(32),
      parentId: 'b'.repeat(16),
      fields: { 'otedama.jobKey': JOB_KEY, 'otedama.height': 11, 'otedama.sessions': 3 },
    });
  });

  it('is a batch of the sample, under the id that every validator knows it by', async () => {
    const [, batch] = await land(10_000, Verdict.lowDifficulty);
    expect(batch).toMatchObject({
      name: 'share batch',
      parentId: 'b'.repeat(16),
      spanId: batchSpanId(BATCH),
      startMs: READ_AT_MS,
      error: undefined,
      fields: { 'otedama.batch': BATCH.toString('hex'), 'otedama.gatheredMs': 1.5, 'otedama.waitedMs': 0.5 },
    });
    expect(batchContext(JOB, BATCH)).toBe(`00-${batch?.traceId}-${batch?.spanId}-01`);
  });

  it('is a batch with a candidate, also when it is none of the sample', async () => {
    expect((await land(0, Verdict.candidateOnly)).map(({ name }) => name)).toEqual([
      'broadcast',
      'share batch',
    ]);
  });

  it('is no other batch', async () => {
    expect((await land(0, Verdict.accepted)).map(({ name }) => name)).toEqual(['broadcast']);
  });

  it('says of a batch that was given up that nobody knows', async () => {
    expect((await land(10_000, Verdict.pending, false)).at(-1)?.error).toBe('not durable in time');
  });
});
