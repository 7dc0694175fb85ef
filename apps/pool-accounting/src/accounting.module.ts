/** Binds the service to the Nest transport. Its life belongs to the composition root, which starts and stops it. */
import { type DynamicModule, Module } from '@nestjs/common';
import { AccountingController } from './accounting.controller.ts';
import type { Accounting } from './accounting.ts';
import { ExplainController } from './explain/explain.controller.ts';
import { ACCOUNTING } from './tokens.ts';

@Module({})
export class AccountingModule {
  static register(accounting: Accounting): DynamicModule {
    return {
      module: AccountingModule,
      controllers: [AccountingController, ExplainController],
      providers: [{ provide: ACCOUNTING, useFactory: () => accounting }],
      exports: [ACCOUNTING],
    };
  }
}
