/** A share-validator of the fleet: one of several for its pools, over NATS. */
import { randomBytes } from 'node:crypto';
import {
  createJetStreamLog,
  createNatsLastValueBus,
  type NatsLink,
  serveValidation,
} from '@otedama/bus/nats';
import {
  BLOCKS_LOG,
  decodeTemplate,
  encodeTemplate,
  decodePayees,
  encodePayees,
  JOBS_LOG,
  PAYEES_STREAM,
  SHARES_LOG,
  TEMPLATES_STREAM,
  templateSubject,
} from '@otedama/contracts';
import { systemTimers } from '@otedama/daemon-rpc';
import { ShareVerifier } from '@otedama/native';
import type { ServiceHost } from '@otedama/service-host';
import type { Fellows, JobExchange, Leadership } from './fellows/fellows.ts';
import { createLeaseLeadership } from './fellows/lease-leadership.ts';
import { createLogExchange } from './fellows/log-exchange.ts';
import { LateLog, LatePayees, LateTemplates } from './late-bus.ts';
import { ShareValidatorModule } from './share-validator.module.ts';
import { createShareValidator, type ShareValidator, type ShareValidatorDeps } from './share-validator.ts';

type Linked = Promise<NatsLink>;

const openLog = ({ logger, showLog, onStop }: ServiceHost, linked: Linked, name: string): LateLog => {
  const opening = linked.then((link) => {
    const log = createJetStreamLog({ link, logger }, { name });
    showLog(name, () => log.waiting);
    return log;
  });
  onStop(`log ${name}`, async () => (await opening.catch(() => undefined))?.close());
  return new LateLog(opening);
};

/** The pools' leaderships by lease; each is given back after the pools have stopped. */
const openFellows = ({ logger, instance, onStop }: ServiceHost, linked: Linked, jobs: JobExchange) => {
  const leaders = new Map<string, Leadership>();
  return {
    fellowsOf(poolId: string): Fellows {
      const leadership = createLeaseLeadership({ linked, logger }, { poolId, holder: instance });
      leaders.set(templateSubject(poolId), leadership);
      onStop(`leadership of ${poolId}`, () => leadership.stop());
      return { leadership, jobs };
    },
    mayPublish: (subject: string): boolean => leaders.get(subject)?.isLeading ?? false,
  };
};

const openTemplates = (
  { logger, onStop }: ServiceHost,
  linked: Linked,
  mayPublish: (subject: string) => boolean,
): LateTemplates => {
  const templates = new LateTemplates();
  const codec = { encode: encodeTemplate, decode: decodeTemplate };
  const opening = linked.then(
    (link) => {
      const bus = createNatsLastValueBus({ link, logger, codec }, { stream: TEMPLATES_STREAM, mayPublish });
      templates.open(bus);
      return bus;
    },
    () => undefined,
  );
  onStop('templates', async () => (await opening)?.close());
  return templates;
};

const openPayees = ({ logger, onStop }: ServiceHost, linked: Linked): LatePayees => {
  const codec = { encode: encodePayees, decode: decodePayees };
  const opening = linked.then((link) =>
    createNatsLastValueBus({ link, logger, codec }, { stream: PAYEES_STREAM }),
  );
  onStop('payees', async () => (await opening.catch(() => undefined))?.close());
  return new LatePayees(opening);
};

const addHealth = ({ health }: ServiceHost, validator: ShareValidator): void => {
  health.add('daemons', () => {
    const cutOff = validator
      .status()
      .pools.filter(({ daemons }) => !daemons.some(({ state }) => state === 'up'));
    return cutOff.length === 0
      ? { state: 'up' }
      : { state: 'degraded', reason: `no daemon for ${cutOff.map(({ poolId }) => poolId).join(', ')}` };
  });
};

/** `parts` are put in place of what the configuration would connect. */
export const startValidatorService = async (
  host: ServiceHost,
  parts: Partial<Pick<ShareValidatorDeps, 'connectDaemons' | 'connectAuxDaemons' | 'createVerifier'>> = {},
): Promise<void> => {
  const { config, logger, registry, tracer } = host;
  const linked = host.nats();
  const logs = { shares: openLog(host, linked, SHARES_LOG), blocks: openLog(host, linked, BLOCKS_LOG) };
  const exchange = createLogExchange({
    log: openLog(host, linked, JOBS_LOG),
    timers: systemTimers,
    randomBytes,
    logger,
  });
  host.onStop('jobs of the others', () => exchange.stop());
  const { fellowsOf, mayPublish } = openFellows(host, linked, exchange);
  const validator = createShareValidator(
    {
      logs,
      templates: openTemplates(host, linked, mayPublish),
      payees: openPayees(host, linked),
      createVerifier: (algorithm) => new ShareVerifier(algorithm),
      registry,
      clock: Date.now,
      logger,
      tracer,
      fellowsOf,
      ...parts,
    },
    { pools: config.pools, dataDir: config.app.dataDir, instance: host.instance },
  );
  addHealth(host, validator);
  host.onStop('pools', () => validator.stop());
  // A spooled block goes to the daemons whether or not there is NATS.
  await validator.start();
  const link = await linked;
  // Who judges shares knows the jobs that the others gave out before it came.
  await exchange.start();
  const poolIds = config.pools.map(({ id }) => id);
  const served = serveValidation(link, validator.validation, poolIds, {
    logger,
    onBusy: (poolId) => validator.countRefused(poolId),
  });
  host.onStop('shares', () => served.stop());
  await host.serve(ShareValidatorModule.register(validator));
};
