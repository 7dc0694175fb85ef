/** Every resource of the API: the controller that answers, and what the OpenAPI document says of it. */
import type { Type } from '@nestjs/common';

import { AgentsController } from './controllers/agents.controller.ts';
import { agentsDocs } from './controllers/agents.docs.ts';
import { AuditController } from './controllers/audit.controller.ts';
import { auditDocs } from './controllers/audit.docs.ts';
import { BalancesController } from './controllers/balances.controller.ts';
import { balancesDocs } from './controllers/balances.docs.ts';
import { BansController } from './controllers/bans.controller.ts';
import { bansDocs } from './controllers/bans.docs.ts';
import { BlocksController } from './controllers/blocks.controller.ts';
import { blocksDocs } from './controllers/blocks.docs.ts';
import { ExplainController } from './controllers/explain.controller.ts';
import { explainDocs } from './controllers/explain.docs.ts';
import { FederationController } from './controllers/federation.controller.ts';
import { federationDocs } from './controllers/federation.docs.ts';
import { KeysController } from './controllers/keys.controller.ts';
import { keysDocs } from './controllers/keys.docs.ts';
import { MinersController } from './controllers/miners.controller.ts';
import { minersDocs } from './controllers/miners.docs.ts';
import { MiningController } from './controllers/mining.controller.ts';
import { miningDocs } from './controllers/mining.docs.ts';
import { MonitoringController } from './controllers/monitoring.controller.ts';
import { monitoringDocs } from './controllers/monitoring.docs.ts';
import { PaymentsController } from './controllers/payments.controller.ts';
import { paymentsDocs } from './controllers/payments.docs.ts';
import { PayoutsController } from './controllers/payouts.controller.ts';
import { payoutsDocs } from './controllers/payouts.docs.ts';
import { PoolsController } from './controllers/pools.controller.ts';
import { poolsDocs } from './controllers/pools.docs.ts';
import { RoundsController } from './controllers/rounds.controller.ts';
import { roundsDocs } from './controllers/rounds.docs.ts';
import { SettingsController } from './controllers/settings.controller.ts';
import { settingsDocs } from './controllers/settings.docs.ts';
import { StatsController } from './controllers/stats.controller.ts';
import { statsDocs } from './controllers/stats.docs.ts';
import { StatusController } from './controllers/status.controller.ts';
import { statusDocs } from './controllers/status.docs.ts';
import { SessionController } from './controllers/session.controller.ts';
import { sessionDocs } from './controllers/session.docs.ts';
import { SessionsController } from './controllers/sessions.controller.ts';
import { sessionsDocs } from './controllers/sessions.docs.ts';
import { UsersController } from './controllers/users.controller.ts';
import { usersDocs } from './controllers/users.docs.ts';
import { MiningcorePagesController } from './miningcore/miningcore-pages.controller.ts';
import { MiningcoreController } from './miningcore/miningcore.controller.ts';
import { miningcoreDocs, miningcorePagesDocs } from './miningcore/miningcore.docs.ts';
import type { ResourceDocs } from './docs/describe.ts';

export interface Resource {
  readonly controller: Type;
  readonly docs: ResourceDocs;
}

/** In the order in which the document shows them. */
export const RESOURCES: readonly Resource[] = [
  { controller: StatusController, docs: statusDocs },
  { controller: StatsController, docs: statsDocs },
  { controller: PoolsController, docs: poolsDocs },
  { controller: BlocksController, docs: blocksDocs },
  { controller: RoundsController, docs: roundsDocs },
  { controller: BalancesController, docs: balancesDocs },
  { controller: PaymentsController, docs: paymentsDocs },
  { controller: ExplainController, docs: explainDocs },
  { controller: MinersController, docs: minersDocs },
  { controller: PayoutsController, docs: payoutsDocs },
  { controller: MiningController, docs: miningDocs },
  { controller: AgentsController, docs: agentsDocs },
  { controller: FederationController, docs: federationDocs },
  { controller: SettingsController, docs: settingsDocs },
  { controller: SessionController, docs: sessionDocs },
  { controller: UsersController, docs: usersDocs },
  { controller: KeysController, docs: keysDocs },
  { controller: SessionsController, docs: sessionsDocs },
  { controller: BansController, docs: bansDocs },
  { controller: AuditController, docs: auditDocs },
  { controller: MiningcoreController, docs: miningcoreDocs },
  { controller: MiningcorePagesController, docs: miningcorePagesDocs },
  { controller: MonitoringController, docs: monitoringDocs },
];
