import { Controller, Get, Inject } from '@nestjs/common';
import type { ApiStatus } from '@otedama/contracts';

import { ProblemError } from '../http/problem.ts';
import { saysNothing } from '../status/collect-status.ts';
import type { StatusReader } from '../status/status-reader.ts';
import { STATUS_READER } from '../tokens.ts';

@Controller('api')
export class StatusController {
  readonly #status: StatusReader;

  constructor(@Inject(STATUS_READER) status: StatusReader) {
    this.#status = status;
  }

  @Get('status')
  async read(): Promise<ApiStatus> {
    const status = await this.#status.read();
    if (saysNothing(status)) throw new ProblemError('service-unavailable', { detail: 'No service answers.' });
    return status;
  }
}
