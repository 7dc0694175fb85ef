import { createSecret } from '@otedama/config';
import { type Logger, batchContext, batchSpanId, silentLogger } from '@otedama/contracts';
import { TraceCollector, eventually } from '@otedama/test-harness';
import { createTracer } from '../index.ts';

// The exporter tries for some seconds before it gives up.
const OF = { service: 'share-validator', instance: 'validator-1' };
const BATCH = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

describe('the tracer of a process', () => {
  let collector: TraceCollector;
  const said: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (_fields, message) => void said.push(message),
    info: (_fields, message) => void said.push(message),
  };
  const open = (sampleBasisPoints = 10_000) =>
    createTracer(
      logger,
      {
        endpoint: collector.endpoint,
        headers: createSecret('Authorization: Bearer a:b=c'),
        sampleBasisPoints,
      },
      OF,
    );
  /** The SDK is loaded late. */
  const loaded = async (tracer: ReturnType<typeof open>) => {
    await eventually('the tracer', () => tracer.start('try').context !== undefined);
    return tracer;
  };

  beforeEach(async () => {
    collector = await TraceCollector.start();
    said.length = 0;
  });
  afterEach(() => collector.stop().catch(() => undefined));

  it('sends spans that a collector reads, with their tree, times and reasons', async () => {
    const tracer = await loaded(open());
    const beganMs = tracer.now();
    const job = tracer.start('job', {
      startMs: beganMs - 5.25,
      fields: { pool: 'p', height: 7, skip: undefined },
    });
    const batch = tracer.start('batch', { parent: job.context, id: batchSpanId(BATCH), kind: 'producer' });
    expect(batch.context).toBe(batchContext(job.context ?? '', BATCH));
    tracer
      .start('judge', { parent: batch.context, fields: { 'rpc.method': 'submit' } })
      .end(new Error('no log'));
    batch.end();
    job.end();
    await tracer.close();
    expect(collector.spans.map(({ name }) => name)).toEqual(['judge', 'batch', 'job']);
    const [judge, , root] = collector.spans;
    if (judge === undefined || root === undefined) throw new Error('spans are missing');
    expect(collector.pathTo(judge).map(({ name, kind, error }) => [name, kind, error])).toEqual([
      ['job', 'internal', undefined],
      ['batch', 'producer', undefined],
      ['judge', 'internal', 'no log'],
    ]);
    expect(root).toMatchObject({ ...OF, parentId: '', fields: { 'otedama.pool': 'p', 'otedama.height': 7 } });
    expect(Object.keys(root.fields)).not.toContain('otedama.skip');
    expect(judge.fields).toEqual({ 'rpc.method': 'submit' });
    expect(root.startMs).toBeCloseTo(beganMs - 5.25, 2);
    expect(root.endMs).toBeGreaterThanOrEqual(judge.endMs);
    expect(collector.headers[0]).toMatchObject({ authorization: 'Bearer a:b=c' });
  });

  it('takes of the batches about as many as it was told, and each process the same', async () => {
    const [one, other] = [await loaded(open(2_500)), await loaded(open(2_500))];
    const batches = Array.from({ length: 2_000 }, (_, index) => {
      const id = Buffer.alloc(16);
      // Spread evenly over all numbers: Knuth's multiplier.
      id.writeUInt32LE(Math.imul(index, 2_654_435_761) >>> 0, 8);
      return id;
    });
    const sampled = batches.filter((id) => one.isSampled(id));
    expect(sampled).toEqual(batches.filter((id) => other.isSampled(id)));
    expect(sampled.length / batches.length).toBeCloseTo(0.25, 1);
    await Promise.all([one.close(), other.close()]);
  });

  it('goes on without its collector, says so once, and closes all the same', async () => {
    await collector.stop();
    const tracer = await loaded(open());
    for (let index = 0; index < 10_000; index++) tracer.start('span').end();
    await eventually('a word of it', () => said.length > 0);
    const beganMs = performance.now();
    await tracer.close();
    expect(performance.now() - beganMs).toBeLessThan(4_000);
    expect(said).toEqual(['traces do not arrive at the collector; those of this time are lost']);
  });

  it('records nothing without a collector in the configuration', async () => {
    const tracer = createTracer(logger, undefined, OF);
    expect(tracer.start('span').context).toBeUndefined();
    expect([tracer.now(), tracer.isSampled(BATCH)]).toEqual([0, false]);
    await tracer.close();
  });
});
