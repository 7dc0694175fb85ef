import {
  type TemplateUpdate,
  TEMPLATES_STREAM,
  decodeTemplate,
  encodeTemplate,
  silentLogger,
  templateSubject,
} from '@otedama/contracts';
import {
  type ServerProcess,
  type Scratch,
  describeWith,
  eventually,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { BusLimitError } from '../../errors.ts';
import {
  type NatsLastValueBus,
  type NatsLink,
  connectNats,
  createNatsLastValueBus,
  ensureStreams,
} from '../index.ts';

const codec = { encode: encodeTemplate, decode: decodeTemplate };
const ethash = (jobKey: number): TemplateUpdate => ({
  family: 'ethash',
  poolId: 'etc',
  jobKey,
  height: 7,
  networkTarget: (1n << 240n) + 5n,
  cleanJobs: true,
  createdAtMs: 1_700_000_000_000,
  headerHash: new Uint8Array(32).fill(1),
  seedHash: new Uint8Array(32).fill(2),
  epoch: 3,
});
const keyOf = (update: TemplateUpdate): number => ('jobKey' in update ? update.jobKey : -1);
const subject = templateSubject('etc');

describeWith('nats-server', natsServerProgram())('templates over NATS', () => {
  let scratch: Scratch;
  let nats: ServerProcess;
  let link: NatsLink;
  let bus: NatsLastValueBus<TemplateUpdate>;
  const errors: unknown[] = [];
  const deps = () => ({
    link,
    logger: { ...silentLogger, error: (fields: unknown) => errors.push(fields) },
    codec,
  });

  beforeEach(async () => {
    errors.length = 0;
    scratch = scratchDirectory('templates');
    nats = await startNats({ dir: scratch.path, config: 'max_payload: 65536' });
    link = await connectNats({ servers: [nats.url], name: 'bus' }, { logger: silentLogger });
    bus = createNatsLastValueBus(deps(), { stream: TEMPLATES_STREAM });
  });
  afterEach(async () => {
    bus.close();
    await link.close();
    await nats[Symbol.asyncDispose]();
    scratch.remove();
  });
  const listen = (): TemplateUpdate[] => {
    const seen: TemplateUpdate[] = [];
    bus.subscribe(subject, (update) => seen.push(update));
    return seen;
  };

  it('carries a template as it is, to a stream that is made later', async () => {
    const seen = listen();
    bus.publish(subject, ethash(1));
    await ensureStreams(link);
    await eventually('the template', () => seen.length > 0);
    expect(seen).toEqual([ethash(1)]);
  });

  it('tells a gateway that starts after the server was killed what to mine, and one that was there nothing twice', async () => {
    await ensureStreams(link);
    const seen = listen();
    bus.publish(subject, ethash(1));
    await eventually('the template', () => seen.length > 0);
    await nats.kill();
    await eventually('the loss', () => link.state().state === 'down');
    await nats.start();
    await eventually('the return', () => link.state().state === 'up');
    const late: TemplateUpdate[] = [];
    const second = createNatsLastValueBus(deps(), { stream: TEMPLATES_STREAM });
    second.subscribe(subject, (update) => late.push(update));
    await eventually('the last value', () => late.length > 0);
    bus.publish(subject, ethash(2));
    await eventually('the next one', () => late.length > 1 && seen.length > 1);
    expect(late.map(keyOf)).toEqual([1, 2]);
    expect(seen.map(keyOf)).toEqual([1, 2]);
    second.close();
  });

  it('keeps what was published while the server was away, in order', async () => {
    await ensureStreams(link);
    const seen = listen();
    bus.publish(subject, ethash(1));
    await eventually('the template', () => seen.length > 0);
    await nats.kill();
    for (const key of [2, 3, 4]) bus.publish(subject, ethash(key));
    await nats.start();
    await eventually('the newest', () => seen.map(keyOf).includes(4));
    expect(seen.map(keyOf)).toEqual([1, 2, 3, 4]);
  });

  it('does not let a leader that was replaced have the last word', async () => {
    await ensureStreams(link);
    let isLeader = true;
    const old = createNatsLastValueBus(deps(), { stream: TEMPLATES_STREAM, mayPublish: () => isLeader });
    const seen = listen();
    await nats.kill();
    await eventually('the loss', () => link.state().state === 'down');
    old.publish(subject, ethash(1));
    isLeader = false;
    bus.publish(subject, ethash(2));
    await nats.start();
    await eventually('the template of the new leader', () => seen.map(keyOf).includes(2));
    bus.publish(subject, ethash(3));
    await eventually('its next one', () => seen.map(keyOf).includes(3));
    expect(seen.map(keyOf)).toEqual([2, 3]);
    old.close();
  });

  it('skips what does not decode, and says so', async () => {
    await ensureStreams(link);
    const seen = listen();
    await jetstream(link.connection).publish(subject, Buffer.from('no template'));
    bus.publish(subject, ethash(1));
    await eventually('the template', () => seen.length > 0);
    expect(seen.map(keyOf)).toEqual([1]);
    expect(errors).toHaveLength(1);
  });

  it('refuses what is larger than the server lets through', async () => {
    await ensureStreams(link);
    const tooLarge: TemplateUpdate = { poolId: 'etc', stopped: true, reason: 'x'.repeat(70_000) };
    expect(() => bus.publish(subject, tooLarge)).toThrow(BusLimitError);
  });

  it('begins anew with a stream that was made anew', async () => {
    await ensureStreams(link);
    const seen = listen();
    for (const key of [1, 2, 3]) bus.publish(subject, ethash(key));
    await eventually('the templates', () => seen.length === 3);
    const { streams } = await jetstreamManager(link.connection);
    await streams.delete(TEMPLATES_STREAM);
    await ensureStreams(link);
    const states: string[] = [];
    const watching = link.onState(({ state }) => states.push(state));
    await link.connection.reconnect();
    await eventually('the loss and the return', () => states.join() === 'up,down,up');
    watching.unsubscribe();
    bus.publish(subject, ethash(4));
    await eventually('the template', () => seen.length === 4);
    expect(seen.map(keyOf)).toEqual([1, 2, 3, 4]);
  });
});
