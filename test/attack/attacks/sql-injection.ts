import { type Attack, shareOf } from '../attack.ts';
import { fill, readRoutes } from './openapi.ts';

const PAYLOADS = [
  "'",
  '"',
  "' OR '1'='1",
  "'; SELECT pg_sleep(20); --",
  '1; DROP TABLE journal_entry; --',
  "' UNION SELECT usename, passwd FROM pg_shadow --",
  '1 OR 1=1',
  '-1',
  '0x27',
  '\\',
  '%',
  '\0',
  '$1',
  '${7*7}',
  '[object Object]',
  "x' AND 1=CAST((SELECT version()) AS int) --",
];
const SLEEP_MS = 15_000;
/** What a database would say that has run one of them. */
const ROWS = /PostgreSQL \d|usename|SCRAM-SHA-256|md5[0-9a-f]{32}/;

export const sqlInjection: Attack = {
  name: 'sql-injection',
  what: 'sends SQL in every parameter of every route that the OpenAPI document has',
  door: 'api',
  origin: 'many',
  attackers: 8,
  async script(scene) {
    const routes = await readRoutes(scene);
    const probes = routes.flatMap((route) =>
      route.parameters.flatMap(({ name }) => PAYLOADS.map((payload) => ({ route, name, payload }))),
    );
    scene.count('parameters', scene.number === 0 ? probes.length / PAYLOADS.length : 0);
    for (const { route, name, payload } of shareOf(probes, scene)) {
      const beganMs = performance.now();
      const { method } = route;
      const answer = await scene.ask({ method, path: fill(route, name, payload) });
      const where = `${method} ${route.path} with ${name}=${payload}`;
      if (performance.now() - beganMs > SLEEP_MS) scene.accuse(`${where} made it sleep`);
      // Some answers name what was asked for.
      const said = answer?.body.replaceAll(payload, '') ?? '';
      if (answer?.status === 200 && ROWS.test(said)) scene.accuse(`${where} reads the database`);
    }
    await scene.pause(250);
  },
  judge: ({ counts }) => (counts['parameters'] ? [] : ['the document names no parameter']),
};
