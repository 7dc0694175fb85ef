/** Binds the service to the Nest transport. Its life belongs to the composition root, which starts and stops it. */
import { type DynamicModule, Module } from '@nestjs/common';
import { AccessController } from './access/access.controller.ts';
import type { Access } from './access/access.ts';
import { AccountingController } from './accounting.controller.ts';
import type { Accounting } from './accounting.ts';
import { ExplainController } from './explain/explain.controller.ts';
import { PayoutsController } from './payouts/payouts.controller.ts';
import type { PayoutWishes } from './payouts/wishes.ts';
import { ACCESS, ACCOUNTING, PAYOUT_WISHES } from './tokens.ts';

@Module({})
export class AccountingModule {
  static register(accounting: Accounting, wishes: PayoutWishes, access: Access): DynamicModule {
    return {
      module: AccountingModule,
      controllers: [AccountingController, ExplainController, PayoutsController, AccessController],
      providers: [
        { provide: ACCOUNTING, useFactory: () => accounting },
        { provide: PAYOUT_WISHES, useFactory: () => wishes },
        { provide: ACCESS, useFactory: () => access },
      ],
      exports: [ACCOUNTING],
    };
  }
}
