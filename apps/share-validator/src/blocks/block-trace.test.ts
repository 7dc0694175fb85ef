/** What a collector hears of a block whose process dies on the way. */
import { type BlockEvent, type Tracer, decodeBlockEvent, silentLogger, traceIdOf } from '@otedama/contracts';
import { FakeDaemon, ManualTimers } from '@otedama/daemon-rpc/testing';
import { createTracer } from '@otedama/observability';
import {
  type ReceivedSpan,
  type Scratch,
  TraceCollector,
  eventually,
  scratchDirectory,
} from '@otedama/test-harness';
import { Registry } from 'prom-client';
import { createValidatorMetrics } from '../metrics.ts';
import { fakeCandidate } from '../testing/fixtures.ts';
import { MemoryLog } from '../testing/memory-log.ts';
import { never } from '../testing/until.ts';
import { type BlockPath, createBlockPath } from './block-path.ts';
import { createBlockSpool } from './spool.ts';
import { systemSpoolFiles } from './spool-files.ts';

const BATCH = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const CANDIDATE = fakeCandidate(1);
const TRACED = {
  ...CANDIDATE,
  facts: { ...CANDIDATE.facts, trace: `00-${BATCH.traceId}-${BATCH.spanId}-01` },
};

describe('the trace of a block', () => {
  let scratch: Scratch;
  let collector: TraceCollector;
  const blocks = new MemoryLog();
  const daemon = new FakeDaemon('one');

  const openTracer = async () => {
    const traces = { endpoint: collector.endpoint, headers: undefined, sampleBasisPoints: 0 };
    const tracer = createTracer(silentLogger, traces, { service: 'share-validator', instance: 'one' });
    await eventually('the tracer', () => tracer.start('try').context !== undefined);
    return tracer;
  };
  const boot = (tracer: Tracer, log: MemoryLog): BlockPath =>
    createBlockPath({
      spool: createBlockSpool({ files: systemSpoolFiles, logger: silentLogger }, `${scratch.path}/spool`),
      daemonsOf: () => [daemon],
      logs: { shares: new MemoryLog(), blocks: log },
      timers: new ManualTimers(),
      random: () => 1,
      logger: silentLogger,
      metrics: createValidatorMetrics(new Registry()),
      tracer,
      onAccepted: () => undefined,
    });
  const spansOf = (name: string): readonly ReceivedSpan[] =>
    collector.spans.filter((span) => span.name === name && span.traceId === BATCH.traceId);

  beforeAll(async () => {
    scratch = scratchDirectory('block-trace');
    collector = await TraceCollector.start();
  });
  afterAll(async () => {
    await collector.stop();
    scratch.remove();
  });

  it('goes on where its share batch was, in the process that takes up the spool', async () => {
    const silent = new MemoryLog();
    silent.beforeAppend = () => never();
    const dying = await openTracer();
    await boot(dying, silent).offer(TRACED);
    await eventually('the daemon has it', () => daemon.submitted.length === 1);

    const tracer = await openTracer();
    const path = boot(tracer, blocks);
    await path.replay();
    await eventually('the log has it', () => path.pending(TRACED.facts.poolId) === 0);
    await Promise.all([dying.close(), tracer.close()]);

    const [replayed] = spansOf('block from the spool');
    expect(replayed).toMatchObject({ parentId: BATCH.spanId, fields: { 'otedama.outcome': 'accepted' } });
    const [appended] = spansOf('append BLOCKS');
    expect(appended?.parentId).toBe(replayed?.spanId);
    const event: BlockEvent = decodeBlockEvent(blocks.entries[0]?.payload ?? Buffer.alloc(0));
    expect(event).toMatchObject({ hash: TRACED.facts.hash, outcome: 'accepted' });
    expect(traceIdOf(event.trace ?? '')).toBe(BATCH.traceId);
    expect(event.trace).toContain(appended?.spanId);
    // The first process told of what it had finished.
    expect(spansOf('spool')).toHaveLength(1);
    expect(spansOf('block')).toEqual([]);
  });
});
