import { readdirSync } from 'node:fs';
import { loadConfig } from '@otedama/config';
import {
  createNatsLastValueBus,
  createRemoteValidation,
  createJetStreamLog,
  connectNats,
  ensureStreams,
  type NatsLink,
} from '@otedama/bus/nats';
import {
  BLOCKS_LOG,
  decodeBlockEvent,
  decodeTemplate,
  encodeTemplate,
  isStopped,
  noTracer,
  ShareBatchView,
  SHARES_LOG,
  silentLogger,
  TEMPLATES_STREAM,
  type TemplateUpdate,
  templateSubject,
  Verdict,
} from '@otedama/contracts';
import { createDaemonSet, systemTimers } from '@otedama/daemon-rpc';
import { FakeDaemon } from '@otedama/daemon-rpc/testing';
import { createHealth } from '@otedama/observability';
import {
  describeWith,
  eventually,
  type ServerProcess,
  natsServerProgram,
  type Scratch,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import { Registry } from 'prom-client';
import type { BlockCandidate } from './blocks/candidate.ts';
import { createBlockSpool } from './blocks/spool.ts';
import { systemSpoolFiles } from './blocks/spool-files.ts';
import { startValidatorService } from './service.ts';
import { fakeCandidate, mineBatch, PAYOUT, REGTEST, TEMPLATE_EXTRA, templateOf } from './testing/fixtures.ts';
import { JsVerifier } from './testing/js-verifier.ts';

const POOL = 'p1';
const configOf = (dataDir: string) => {
  const result = loadConfig({
    text: `
pools:
  - id: ${POOL}
    coin: bitcoin
    network: regtest
    payout_address: ${PAYOUT}
    daemons: [{url: 'http://127.0.0.1:1', user: u, password: p}]
`,
    env: {},
    defaults: { dataDir },
  });
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.config;
};

/** A validator as its process would run it; its daemon is the test's. */
class Validator {
  readonly daemon: FakeDaemon;
  readonly #name: string;
  readonly #steps: (() => Promise<void>)[] = [];
  readonly #stopping = new AbortController();
  #link: NatsLink | undefined;

  constructor(name: string) {
    this.#name = name;
    this.daemon = new FakeDaemon(name);
    this.daemon.genesis = REGTEST.genesisHash;
    this.daemon.templateExtra = TEMPLATE_EXTRA;
    this.daemon.moveTo(10);
  }

  async start(nats: ServerProcess, dataDir: string): Promise<void> {
    const { signal } = this.#stopping;
    const linked = connectNats({ servers: [nats.url], name: this.#name }, { logger: silentLogger, signal });
    linked.then(
      (link) => (this.#link = link),
      () => undefined,
    );
    const daemons = { clock: Date.now, timers: systemTimers, random: Math.random, logger: silentLogger };
    await startValidatorService(
      {
        config: configOf(dataDir),
        instance: this.#name,
        logger: silentLogger,
        registry: new Registry(),
        health: createHealth(),
        tracer: noTracer,
        signal,
        nats: () => linked,
        serve: async () => undefined,
        showLog: () => undefined,
        onStop: (_what, step) => void this.#steps.push(step),
      },
      {
        createVerifier: () => new JsVerifier(),
        connectDaemons: () =>
          createDaemonSet(daemons, { daemons: [this.daemon], genesisHash: REGTEST.genesisHash }),
      },
    );
  }

  /** As `kill -9` looks from outside: nothing is said any more, and nothing given back. */
  async die(): Promise<void> {
    await this.#link?.connection.close();
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const step of this.#steps.splice(0).toReversed()) await step();
    await this.#link?.close();
  }
}

describeWith('nats-server', natsServerProgram())('validators of the fleet', () => {
  let scratch: Scratch;
  let nats: ServerProcess;
  let link: NatsLink;
  let updates: TemplateUpdate[];
  const running: Validator[] = [];

  beforeEach(async () => {
    scratch = scratchDirectory('validators');
    nats = await startNats({ dir: `${scratch.path}/nats` });
    link = await connectNats({ servers: [nats.url], name: 'test' }, { logger: silentLogger });
    await ensureStreams(link);
    updates = [];
    createNatsLastValueBus(
      { link, logger: silentLogger, codec: { encode: encodeTemplate, decode: decodeTemplate } },
      { stream: TEMPLATES_STREAM },
    ).subscribe(templateSubject(POOL), (update) => updates.push(update));
  });
  afterEach(async () => {
    for (const validator of running.splice(0)) await validator.stop();
    await link.close();
    await nats.stop();
    scratch.remove();
  });

  const begin = (name: string): { readonly validator: Validator; readonly started: Promise<void> } => {
    const validator = new Validator(name);
    running.push(validator);
    return { validator, started: validator.start(nats, `${scratch.path}/${name}`) };
  };
  const start = async (name: string): Promise<Validator> => {
    const { validator, started } = begin(name);
    await started;
    return validator;
  };
  const spoolOf = (name: string): string => `${scratch.path}/${name}/spool`;
  const spooled = (name: string): string[] => readdirSync(spoolOf(name));
  const spool = (name: string, candidate: BlockCandidate): Promise<void> =>
    createBlockSpool({ files: systemSpoolFiles, logger: silentLogger }, spoolOf(name)).write(candidate);
  const work = async (height: number) => {
    await eventually(`work of height ${height}`, () =>
      updates.some((update) => !isStopped(update) && update.height === height),
    );
    return templateOf(updates.findLast((update) => !isStopped(update) && update.height === height));
  };
  const verdictsOf = (judged: Buffer): number[] => {
    const view = new ShareBatchView(judged);
    return Array.from({ length: view.count }, (_, index) => view.verdict(index));
  };

  it('judge shares in turn, and each of them finds blocks of the one leader’s work', async () => {
    const both = [await start('one'), await start('two')];
    const template = await work(11);
    const validation = createRemoteValidation(link);
    for (let batchId = 1; batchId <= 8; batchId++) {
      const judged = await validation.submit(mineBatch(template, { batchId, candidates: false }));
      expect(verdictsOf(judged)).toEqual([Verdict.accepted]);
    }
    expect(updates.filter((update) => !isStopped(update) && update.height === 11)).toHaveLength(1);
    const found = await validation.submit(mineBatch(template, { batchId: 9 }));
    expect(verdictsOf(found)).toEqual([Verdict.candidate]);
    const blocks = createJetStreamLog({ link, logger: silentLogger }, { name: BLOCKS_LOG });
    await eventually('the block is logged', async () => (await blocks.read(0n, 1)).length === 1);
    const [entry] = await blocks.read(0n, 1);
    expect(decodeBlockEvent(entry?.payload ?? Buffer.alloc(0))).toMatchObject({
      height: 11,
      outcome: 'accepted',
    });
    expect(both.flatMap(({ daemon }) => daemon.submitted)).toHaveLength(1);
    const shares = createJetStreamLog({ link, logger: silentLogger }, { name: SHARES_LOG });
    expect(await shares.read(0n, 100)).toHaveLength(9);
    await Promise.all([blocks.close(), shares.close()]);
  });

  it('go on with the work of one that died, and give out the next', async () => {
    const first = await start('first');
    const before = await work(11);
    const second = await start('second');
    await first.die();
    second.daemon.moveTo(11);
    await work(12);
    const judged = await createRemoteValidation(link).submit(mineBatch(before, { candidates: false }));
    expect(verdictsOf(judged)).toEqual([Verdict.accepted]);
  });

  it('know, when they come new, the jobs that were given out before', async () => {
    const first = await start('first');
    const template = await work(11);
    await start('late');
    await first.die();
    const judged = await createRemoteValidation(link).submit(mineBatch(template, { candidates: false }));
    expect(verdictsOf(judged)).toEqual([Verdict.accepted]);
  });

  it('give the daemons a spooled block without the server, and log it when that comes', async () => {
    await nats.stop();
    const candidate = fakeCandidate(1);
    await spool('early', candidate);
    const { validator, started } = begin('early');
    await eventually('the daemon has it', () => validator.daemon.submitted.length > 0);
    expect(validator.daemon.submitted).toEqual([candidate.submission]);
    expect(spooled('early')).toEqual([`${candidate.facts.hash}.json`]);

    await nats.start();
    await started;
    await work(11);
    await eventually('the spool is empty', () => spooled('early').length === 0);
    const blocks = createJetStreamLog({ link, logger: silentLogger }, { name: BLOCKS_LOG });
    const entries = await blocks.read(0n, 10);
    expect(entries.map(({ payload }) => decodeBlockEvent(payload))).toMatchObject([
      { hash: candidate.facts.hash, outcome: 'accepted' },
    ]);
    await blocks.close();
  });

  it('end in good order when the server never came, and keep what is not logged', async () => {
    await nats.stop();
    const candidate = fakeCandidate(2);
    await spool('vain', candidate);
    const { validator, started } = begin('vain');
    const ended = expect(started).rejects.toMatchObject({ name: 'AbortError' });
    await eventually('the daemon has it', () => validator.daemon.submitted.length > 0);
    await validator.stop();
    await ended;
    expect(spooled('vain')).toEqual([`${candidate.facts.hash}.json`]);
    await nats.start();
  });

  it('take up their work when the server comes back', async () => {
    const only = await start('only');
    const template = await work(11);
    await nats.kill();
    await nats.start();
    const validation = createRemoteValidation(link);
    const batch = mineBatch(template, { candidates: false });
    await eventually('it judges again', async () => {
      const judged = await validation.submit(Buffer.from(batch)).catch(() => undefined);
      return judged !== undefined && verdictsOf(judged)[0] === Verdict.accepted;
    });
    only.daemon.moveTo(11);
    await work(12);
  });
});
