/** Accounting as a service of the fleet: logs of JetStream, an external PostgreSQL, chains by asking validators. */
import { NatsClient, type NatsLink, createJetStreamLog, createNatsLastValueBus } from '@otedama/bus/nats';
import {
  AUDIT_LOG,
  BLOCKS_LOG,
  PAYEES_STREAM,
  SHARES_LOG,
  TEMPLATES_STREAM,
  decodePayees,
  decodeTemplate,
  encodePayees,
  encodeTemplate,
} from '@otedama/contracts';
import {
  type AuditBook,
  type PayoutOutbox,
  createAccessStore,
  createAuditBook,
  createBookingLease,
  createLedger,
  createPayoutOutbox,
} from '@otedama/ledger';
import { receiptRoot } from '@otedama/native';
import type { ServiceHost } from '@otedama/service-host';
import { createAccess } from './access/access.ts';
import { AccountingModule } from './accounting.module.ts';
import { createAccounting } from './accounting.ts';
import { createAuditKeeper } from './audit/keeper.ts';
import { createRemoteChain } from './chain/remote-chain.ts';
import { openLedgerDatabase } from './database.ts';
import { registerDatabaseMetrics } from './database-metrics.ts';
import {
  type Payouts,
  createPayoutDesk,
  createPayouts,
  createPayoutWishes,
  openWallets,
} from './payouts/index.ts';

/** Nothing that waiting could mend. */
export class DatabaseMissingError extends Error {
  override readonly name = 'DatabaseMissingError';
  readonly code = 'DATABASE_MISSING';
}

/** What is heard of the tips, and told of the payees. */
const openCoinbases = ({ logger, onStop }: ServiceHost, link: NatsLink) => {
  const templates = createNatsLastValueBus(
    { link, logger, codec: { encode: encodeTemplate, decode: decodeTemplate } },
    { stream: TEMPLATES_STREAM },
  );
  const payees = createNatsLastValueBus(
    { link, logger, codec: { encode: encodePayees, decode: decodePayees } },
    { stream: PAYEES_STREAM },
  );
  onStop('payees', async () => {
    templates.close();
    payees.close();
  });
  return { templates, payees };
};

const startAudit = (
  host: ServiceHost,
  link: NatsLink,
  book: AuditBook,
  isBookkeeper: () => boolean,
): void => {
  const { logger, registry, health, onStop } = host;
  const log = createJetStreamLog({ link, logger }, { name: AUDIT_LOG });
  onStop('audit log', () => log.close());
  const audit = createAuditKeeper({ book, log, isBookkeeper, registry, clock: Date.now, logger });
  health.add('audit', () => audit.partState());
  onStop('audit', () => audit.stop());
  audit.start();
};

const startPayouts = (
  { config, logger, registry, health, onStop }: ServiceHost,
  outbox: PayoutOutbox,
  isBookkeeper: () => boolean,
): Payouts => {
  const deps = { outbox, isBookkeeper, registry, clock: Date.now, logger };
  const payouts = createPayouts(deps, openWallets(config.pools));
  health.add('payouts', () => payouts.partState());
  onStop('payouts', () => payouts.stop());
  payouts.start();
  return payouts;
};

export const startAccountingService = async (host: ServiceHost): Promise<void> => {
  const { config, logger, registry, tracer } = host;
  const { url, migrate } = config.database;
  if (url === undefined) {
    throw new DatabaseMissingError('database.url is not configured: the books of a fleet are in PostgreSQL');
  }
  const database = await openLedgerDatabase(host, { url: url.reveal(), migrate });
  registerDatabaseMetrics(registry, database);
  const link = await host.nats();
  const client = new NatsClient(link, { tracer });
  host.onStop('chain queries', async () => client.close());
  const shares = createJetStreamLog({ link, logger }, { name: SHARES_LOG });
  const blocks = createJetStreamLog({ link, logger }, { name: BLOCKS_LOG });
  host.onStop('logs', async () => void (await Promise.all([shares.close(), blocks.close()])));

  const accounting = createAccounting(
    {
      ledger: createLedger(database.db, { receiptRoot }),
      logs: { shares, blocks },
      coinbases: openCoinbases(host, link),
      chainOf: createRemoteChain(client),
      lease: createBookingLease(database.pool),
      registry,
      clock: Date.now,
      logger,
      tracer,
    },
    { pools: config.pools, prices: config.prices },
  );
  host.health.add('books', () => accounting.partState());
  host.onStop('books', () => accounting.stop());
  await accounting.start();
  const isBookkeeper = (): boolean => accounting.isBookkeeper();
  const auditBook = createAuditBook(database.db);
  startAudit(host, link, auditBook, isBookkeeper);
  const outbox = createPayoutOutbox(database.db);
  const payouts = startPayouts(host, outbox, isBookkeeper);
  const desk = createPayoutDesk(
    { outbox, tasks: openWallets(config.pools), clock: Date.now, logger },
    config.pools.map(({ id }) => id),
  );
  host.onStop('payout desk', async () => desk.close());
  const wishes = createPayoutWishes({ outbox, clock: Date.now }, config.pools);
  const access = createAccess({ store: createAccessStore(database.db), clock: Date.now }, config.api.auth);
  await host.serve(AccountingModule.register({ accounting, wishes, access, auditBook, desk, payouts }));
};
