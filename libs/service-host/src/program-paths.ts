/** Where the built program finds what stays outside its bundle (docs/adr/0001). */
import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A bundle lies in apps/NAME/dist. */
const root = (): string => resolve(dirname(realpathSync(process.argv[1] ?? '.')), '../../..');

export const programPaths = () => ({
  dashboard: join(root(), 'apps/dashboard/dist'),
  bundle: (app: string, name = app): string => join(root(), `apps/${app}/dist/${name}.cjs`),
  playground: join(root(), 'apps/playground/src/main.ts'),
  swaggerUi: join(root(), 'apps/api-gateway/node_modules/swagger-ui-dist'),
  /** Packages of the database are resolved from here. */
  ledgerPackage: join(root(), 'libs/ledger/package.json'),
});
