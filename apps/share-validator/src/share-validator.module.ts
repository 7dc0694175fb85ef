/** Binds the service to the Nest transport. Its life belongs to the composition root, which starts and stops it. */
import { type DynamicModule, Module } from '@nestjs/common';
import type { ShareValidator } from './share-validator.ts';
import { SHARE_VALIDATOR } from './tokens.ts';
import { ValidatorController } from './validator.controller.ts';

@Module({})
export class ShareValidatorModule {
  static register(validator: ShareValidator): DynamicModule {
    return {
      module: ShareValidatorModule,
      controllers: [ValidatorController],
      providers: [{ provide: SHARE_VALIDATOR, useFactory: () => validator }],
      exports: [SHARE_VALIDATOR],
    };
  }
}
