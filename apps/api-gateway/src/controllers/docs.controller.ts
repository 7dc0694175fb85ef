import { Controller, Get, Header, Inject } from '@nestjs/common';

import { type OpenApiDocument, buildOpenApi } from '../docs/openapi.ts';
import { DOCS_PAGE, DOCS_SCRIPT } from '../docs/swagger-ui.ts';
import { ProblemError } from '../http/problem.ts';
import type { ApiGatewayOptions } from '../options.ts';
import { API_OPTIONS, HAS_SWAGGER_UI } from '../tokens.ts';

@Controller('api')
export class DocsController {
  readonly #version: string;
  readonly #hasSwaggerUi: boolean;
  #document: OpenApiDocument | undefined;

  constructor(
    @Inject(API_OPTIONS) options: ApiGatewayOptions,
    @Inject(HAS_SWAGGER_UI) hasSwaggerUi: boolean,
  ) {
    this.#version = options.version;
    this.#hasSwaggerUi = hasSwaggerUi;
  }

  @Get('openapi.json')
  document(): OpenApiDocument {
    this.#document ??= buildOpenApi(this.#version);
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
