import { Controller, Get, Query } from '@nestjs/common';
import type { Federation } from '@otedama/contracts';

import { Requires } from '../http/identity.ts';
import { noParamsSchema, parseParams } from '../http/query-params.ts';

@Controller('api/v1/federation')
export class FederationController {
  @Get()
  @Requires('viewer')
  read(@Query() query: object): Federation {
    parseParams(noParamsSchema, query);
    return { state: 'absent', reason: 'This version has no p2p-federation service.', peers: [] };
  }
}
