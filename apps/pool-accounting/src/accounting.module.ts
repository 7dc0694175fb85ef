/** Binds the service to the Nest transport. Its life belongs to the composition root, which starts and stops it. */
import { type DynamicModule, Module } from '@nestjs/common';
import type { Access } from '@otedama/contracts';
import type { AuditBook } from '@otedama/ledger';
import { AccessController } from './access/access.controller.ts';
import { AccountingController } from './accounting.controller.ts';
import type { Accounting } from './accounting.ts';
import { AuditController } from './audit/audit.controller.ts';
import { ExplainController } from './explain/explain.controller.ts';
import { PagesController } from './pages/pages.controller.ts';
import { HealthController } from './health.controller.ts';
import { PayoutDeskController } from './payouts/desk.controller.ts';
import type { PayoutDesk } from './payouts/desk.ts';
import { PayoutsController } from './payouts/payouts.controller.ts';
import type { Payouts } from './payouts/index.ts';
import type { PayoutWishes } from './payouts/wishes.ts';
import { ACCESS, ACCOUNTING, AUDIT_BOOK, PAYOUTS, PAYOUT_DESK, PAYOUT_WISHES } from './tokens.ts';

export interface Answering {
  readonly accounting: Accounting;
  readonly wishes: PayoutWishes;
  readonly access: Access;
  readonly auditBook: Pick<AuditBook, 'list'>;
  readonly desk: PayoutDesk;
  readonly payouts: Pick<Payouts, 'partState'>;
}

@Module({})
export class AccountingModule {
  static register(answering: Answering): DynamicModule {
    const { accounting, wishes, access, auditBook, desk, payouts } = answering;
    return {
      module: AccountingModule,
      controllers: [
        AccountingController,
        PagesController,
        ExplainController,
        HealthController,
        PayoutsController,
        PayoutDeskController,
        AccessController,
        AuditController,
      ],
      providers: [
        { provide: ACCOUNTING, useFactory: () => accounting },
        { provide: PAYOUTS, useFactory: () => payouts },
        { provide: PAYOUT_WISHES, useFactory: () => wishes },
        { provide: PAYOUT_DESK, useFactory: () => desk },
        { provide: ACCESS, useFactory: () => access },
        { provide: AUDIT_BOOK, useFactory: () => auditBook },
      ],
      exports: [ACCOUNTING],
    };
  }
}
