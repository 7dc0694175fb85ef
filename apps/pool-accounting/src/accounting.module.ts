/** Binds the service to the Nest transport. Its life belongs to the composition root, which starts and stops it. */
import { type DynamicModule, Module } from '@nestjs/common';
import type { AuditBook } from '@otedama/ledger';
import { AccessController } from './access/access.controller.ts';
import type { Access } from './access/access.ts';
import { AccountingController } from './accounting.controller.ts';
import type { Accounting } from './accounting.ts';
import { AuditController } from './audit/audit.controller.ts';
import { ExplainController } from './explain/explain.controller.ts';
import { PagesController } from './pages/pages.controller.ts';
import { PayoutDeskController } from './payouts/desk.controller.ts';
import type { PayoutDesk } from './payouts/desk.ts';
import { PayoutsController } from './payouts/payouts.controller.ts';
import type { PayoutWishes } from './payouts/wishes.ts';
import { ACCESS, ACCOUNTING, AUDIT_BOOK, PAYOUT_DESK, PAYOUT_WISHES } from './tokens.ts';

export interface Answering {
  readonly accounting: Accounting;
  readonly wishes: PayoutWishes;
  readonly access: Access;
  readonly auditBook: Pick<AuditBook, 'list'>;
  readonly desk: PayoutDesk;
}

@Module({})
export class AccountingModule {
  static register({ accounting, wishes, access, auditBook, desk }: Answering): DynamicModule {
    return {
      module: AccountingModule,
      controllers: [
        AccountingController,
        PagesController,
        ExplainController,
        PayoutsController,
        PayoutDeskController,
        AccessController,
        AuditController,
      ],
      providers: [
        { provide: ACCOUNTING, useFactory: () => accounting },
        { provide: PAYOUT_WISHES, useFactory: () => wishes },
        { provide: PAYOUT_DESK, useFactory: () => desk },
        { provide: ACCESS, useFactory: () => access },
        { provide: AUDIT_BOOK, useFactory: () => auditBook },
      ],
      exports: [ACCOUNTING],
    };
  }
}
