/** The routes and parameters of the API, as its own document names them: what it has, probes find. */
import type { Scene } from '../attack.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: object;
}

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly takesBody: boolean;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export const readRoutes = async (scene: Scene): Promise<readonly Route[]> => {
  const answer = await scene.ask({ path: '/api/openapi.json' });
  if (answer?.status !== 200) return [];
  const { paths } = JSON.parse(answer.body) as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = methods[method];
      if (operation === undefined) return [];
      const { parameters = [], requestBody } = operation;
      return [{ method: method.toUpperCase(), path, parameters, takesBody: requestBody !== undefined }];
    }),
  );
};

/** Something that each parameter of this name takes. */
const HARMLESS: Readonly<Record<string, string>> = {
  pool: 'btc',
  coin: 'bitcoin',
  hash: '0'.repeat(64),
  limit: '10',
  offset: '0',
  at: '0',
  sequence: '1',
  index: '0',
  window: '1h',
};

/** The path of a route with one of its parameters set, and the others to something harmless. */
export const fill = ({ path, parameters }: Route, name: string, value: string): string => {
  const valueOf = (other: string): string =>
    encodeURIComponent(other === name ? value : (HARMLESS[other] ?? 'x'));
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, key: string) => valueOf(key));
  const query = parameters
    .filter((one) => one.in === 'query' && (one.required === true || one.name === name))
    .map((one) => `${one.name}=${valueOf(one.name)}`);
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
};
