import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { ShownConfig } from '@otedama/config';

import { Requires } from '../http/identity.ts';
import { noParamsSchema, parseParams } from '../http/query-params.ts';
import type { ApiGatewayOptions } from '../options.ts';
import { API_OPTIONS } from '../tokens.ts';

@Controller('api/v1/settings')
export class SettingsController {
  readonly #settings: ShownConfig;

  constructor(@Inject(API_OPTIONS) { settings }: ApiGatewayOptions) {
    this.#settings = settings;
  }

  @Get()
  @Requires('viewer')
  read(@Query() query: object): ShownConfig {
    parseParams(noParamsSchema, query);
    return this.#settings;
  }
}
