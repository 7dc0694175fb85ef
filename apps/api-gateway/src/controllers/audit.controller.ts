import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { AuditEntrySummary } from '@otedama/contracts';

import { Requires } from '../http/identity.ts';
import { type Page, auditParamsSchema, fetchPage, parseParams } from '../http/query-params.ts';
import type { OperatorQueries } from '../query/operator-queries.ts';
import { OPERATOR_QUERIES } from '../tokens.ts';

@Controller('api/v1/audit')
export class AuditController {
  readonly #queries: OperatorQueries;

  constructor(@Inject(OPERATOR_QUERIES) queries: OperatorQueries) {
    this.#queries = queries;
  }

  @Get()
  @Requires('admin')
  list(@Query() query: unknown): Promise<Page<AuditEntrySummary>> {
    const { from, to, limit, offset, ...filter } = parseParams(auditParamsSchema, query);
    return fetchPage({ limit, offset }, (range) =>
      this.#queries.audit({ ...filter, fromMs: from, toMs: to, ...range }),
    );
  }
}
