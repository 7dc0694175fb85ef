/** The audit log over the Nest transport: to look something up, never to write. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type AuditEntrySummary, auditRequestSchema, Subject } from '@otedama/contracts';
import { type AuditBook, shownEntry } from '@otedama/ledger';
import { AUDIT_BOOK } from '../tokens.ts';

@Controller()
export class AuditController {
  readonly #book: Pick<AuditBook, 'list'>;

  constructor(@Inject(AUDIT_BOOK) book: Pick<AuditBook, 'list'>) {
    this.#book = book;
  }

  @MessagePattern(Subject.auditEntries)
  async entries(@Payload() request: unknown): Promise<AuditEntrySummary[]> {
    const { limit, offset, ...filter } = auditRequestSchema.parse(request);
    return (await this.#book.list(filter, { limit, offset })).map(shownEntry);
  }
}
