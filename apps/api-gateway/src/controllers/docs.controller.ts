import { Controller, Get, Header, Inject } from '@nestjs/common';

import { Answer } from '../answers/answer-cache.ts';
import type { OpenApiDocument } from '../docs/openapi.ts';
import { DOCS_PAGE, DOCS_SCRIPT } from '../docs/swagger-ui.ts';
import { ProblemError } from '../http/problem.ts';
import { API_DOCUMENT, HAS_SWAGGER_UI } from '../tokens.ts';

@Controller('api')
export class DocsController {
  readonly #build: () => Promise<OpenApiDocument>;
  readonly #hasSwaggerUi: boolean;
  #document: Promise<Answer> | undefined;

  constructor(
    @Inject(API_DOCUMENT) build: () => Promise<OpenApiDocument>,
    @Inject(HAS_SWAGGER_UI) hasSwaggerUi: boolean,
  ) {
    this.#build = build;
    this.#hasSwaggerUi = hasSwaggerUi;
  }

  @Get('openapi.json')
  document(): Promise<Answer> {
    this.#document ??= this.#build().then((document) => new Answer(document));
    return this.#document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    if (this.#hasSwaggerUi) return DOCS_PAGE;
    throw new ProblemError('not-found', {
      detail: 'Swagger UI is not installed; the document is at /api/openapi.json.',
    });
  }

  @Get('docs/init.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return DOCS_SCRIPT;
  }
}
