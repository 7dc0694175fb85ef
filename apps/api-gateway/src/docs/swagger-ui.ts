/**
 * The page at /api/docs: Swagger UI from the package's own files, with our start script in place of the
 * package's (which loads a demo from the network) and no inline script, as the CSP asks.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { StaticFile } from '../http/static-files.ts';

const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

export const DOCS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Otedama API</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/init.js"></script>
  </body>
</html>
`;

/** `validatorUrl: null` keeps it from sending the document to a public validator. */
export const DOCS_SCRIPT = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
});
`;

/** Folder of swagger-ui-dist as Node finds it from here; undefined where it is not installed. */
function installedDir(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Empty where the package is missing: the document itself is served all the same. */
export function listSwaggerFiles(dir = installedDir()): StaticFile[] {
  if (dir === undefined || !existsSync(join(dir, ASSETS[0]))) return [];
  return ASSETS.map((name) => ({ route: `/api/docs/${name}`, path: join(dir, name), isImmutable: false }));
}
