/**
 * A fleet that tells a collector what it does. The trace of a block leads from the tip that its job was made for to
 * its entry in the books, over four processes; what is sent is read by OpenTelemetry's own protobuf definitions.
 */
import { readFileSync } from 'node:fs';
import type { BlockSummary } from '@otedama/contracts';
import {
  type BitcoinNode,
  type FleetUnderTest,
  type ReceivedSpan,
  type Scratch,
  StratumMiner,
  TraceCollector,
  eventually,
  scratchDirectory,
  startBitcoinNode,
  startFleet,
} from '@otedama/test-harness';
import { SOLO, createPoolView, soloPool } from './pool.fixture.ts';

const configOf = (node: BitcoinNode, { endpoint }: TraceCollector): string => `${soloPool(node)}
stratum: {vardiff: {initial_difficulty: 1e-10, minimum_difficulty: 1e-10, maximum_difficulty: 1e-10}}
monitoring: {traces: {endpoint: '${endpoint}', sample: 0}}
`;

describe('the traces of a fleet', () => {
  let scratch: Scratch;
  let node: BitcoinNode;
  let collector: TraceCollector;
  let fleet: FleetUnderTest;
  let miner: StratumMiner;

  /** With all that leads to it: a span is sent some seconds after it has ended, each process by itself. */
  const booked = (hash: string): Promise<ReceivedSpan> =>
    eventually(`the trace of ${hash} as far as the books`, () => {
      const span = collector.spans.find(
        ({ name, fields }) => name === 'book block' && fields['otedama.hash'] === hash,
      );
      return span !== undefined && collector.pathTo(span)[0]?.parentId === '' ? span : undefined;
    });
  const blocks = (): Promise<readonly BlockSummary[]> => createPoolView(fleet, SOLO.id).blocks();
  const newBlock = async (): Promise<BlockSummary> => {
    const before = (await blocks()).length;
    return eventually('a block in the books', async () => {
      await miner.submit('block');
      const now = await blocks();
      return now.length > before ? now[0] : undefined;
    });
  };
  const childrenOf = (span: ReceivedSpan | undefined, name: string): readonly ReceivedSpan[] =>
    collector.spans.filter(
      (one) => one.traceId === span?.traceId && one.parentId === span.spanId && one.name === name,
    );

  beforeAll(async () => {
    scratch = scratchDirectory('traces');
    node = await startBitcoinNode(`${scratch.path}/chain`);
    collector = await TraceCollector.start();
    fleet = await startFleet({ dataDir: `${scratch.path}/fleet`, config: configOf(node, collector) });
    miner = new StratumMiner({ port: fleet.ports.stratum[0] ?? 0, user: `${SOLO.address}.one`, inFlight: 1 });
    await eventually('work', () => miner.hasJob);
    // The first job may have been made before its validator had loaded what traces it.
    await newBlock();
  }, 180_000);

  afterAll(async () => {
    miner?.close();
    await fleet?.[Symbol.asyncDispose]();
    await collector?.stop();
    await node?.stop();
    scratch?.remove();
  }, 180_000);

  it('lead from the tip to the books, over every process that a block comes through', async () => {
    const { hash, height } = await newBlock();
    const path = collector.pathTo(await booked(hash));
    expect(path.map(({ name, service }) => [name, service])).toEqual([
      ['tip', 'share-validator'],
      ['template', 'share-validator'],
      ['job', 'share-validator'],
      ['share batch', 'stratum-gateway'],
      ['block', 'share-validator'],
      ['append BLOCKS', 'share-validator'],
      ['book block', 'pool-accounting'],
    ]);
    expect(new Set(path.map(({ traceId }) => traceId)).size).toBe(1);
    const [tip, template, job, batch, block] = path;
    expect(tip?.fields).toMatchObject({ 'otedama.pool': SOLO.id, 'otedama.height': height });
    expect(['asked', 'told', 'made', 'kept']).toContain(template?.fields['otedama.way']);
    expect(batch?.instance).toBe('stratum-gateway-1');
    expect(block?.fields).toMatchObject({ 'otedama.hash': hash, 'otedama.outcome': 'accepted' });
    expect(block?.fields['otedama.batch']).toBe(batch?.fields['otedama.batch']);
    // Beside the way: what the block waited for, and who else heard of its job.
    expect(childrenOf(block, 'spool')).toHaveLength(1);
    expect(childrenOf(block, 'submitblock')).toMatchObject([
      { kind: 'client', error: undefined, fields: { 'otedama.result': 'accepted' } },
    ]);
    expect(childrenOf(batch, 'judge')).toMatchObject([{ service: 'share-validator', kind: 'server' }]);
    expect(childrenOf(batch, 'append SHARES').length).toBeGreaterThan(0);
    await eventually('both gateways have told of the job', () => childrenOf(job, 'broadcast').length === 2);
    expect(new Set(childrenOf(job, 'broadcast').map(({ instance }) => instance))).toEqual(
      new Set(['stratum-gateway-1', 'stratum-gateway-2']),
    );
    // Processes of one machine have one clock: nothing ends before it began, nor begins before what led to it.
    for (const span of path) expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
    for (const [at, span] of path.entries())
      expect(span.startMs).toBeGreaterThanOrEqual((path[at - 1]?.startMs ?? 0) - 1);
  }, 120_000);

  it('are named by the log, so that one leads to the other', async () => {
    const { hash } = await newBlock();
    const { traceId } = await booked(hash);
    const { log } = await fleet.process('pool-accounting');
    const lines = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(lines.filter((line) => line['msg'] === 'block booked' && line['hash'] === hash)).toMatchObject([
      { traceId, pool: SOLO.id, name: 'pool-accounting' },
    ]);
  }, 120_000);

  it('follow no share that is none of the sample', async () => {
    const before = collector.spans.filter(({ name }) => name === 'share batch').length;
    for (let share = 0; share < 5; share++) await miner.submit('share');
    // By then all that was before it has been sent.
    await booked((await newBlock()).hash);
    const batches = collector.spans.filter(({ name }) => name === 'share batch');
    expect(batches.length).toBeGreaterThan(before);
    // One that came too late for its height had a candidate all the same.
    await eventually('how each was judged', () =>
      batches.every((batch) => childrenOf(batch, 'judge').length > 0),
    );
    for (const batch of batches) {
      expect(childrenOf(batch, 'judge')[0]?.fields['otedama.candidates']).toBeGreaterThan(0);
    }
  }, 120_000);

  it('cost no block when the collector is away, and go on when it is back', async () => {
    await collector.stop();
    const lost = await newBlock();
    await collector.start();
    await booked((await newBlock()).hash);
    expect((await blocks()).map(({ hash }) => hash)).toContain(lost.hash);
  }, 120_000);
});
