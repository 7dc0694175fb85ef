import { auditEntrySchema } from '@otedama/contracts';

import { LIST_PROBLEMS, type ResourceDocs } from '../docs/describe.ts';
import { auditParamsSchema, pageSchema } from '../http/query-params.ts';
import type { AuditController } from './audit.controller.ts';

export const auditDocs: ResourceDocs<AuditController> = {
  schemas: { AuditEntry: auditEntrySchema, AuditPage: pageSchema(auditEntrySchema) },
  routes: {
    list: {
      tag: 'audit',
      summary:
        'Who changed what and from where, newest first; each entry has the hash of the one before (docs/audit.md).',
      params: auditParamsSchema,
      reply: 'AuditPage',
      problems: LIST_PROBLEMS,
    },
  },
};
