import { RESOURCES } from '../resources.ts';
import { type TestGateway, startGateway } from '../testing/harness.ts';
import { buildOpenApi } from './openapi.ts';
import { routesOf } from './routes.ts';

const document = await buildOpenApi('1.2.3', RESOURCES);

interface OperationObject {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; schema: Record<string, unknown>; description?: string }[];
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema?: object }> }>>;
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method,
    operation: operation as OperationObject,
  })),
);

/** Every `$ref` anywhere in the document. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

const resourceNames = RESOURCES.map(({ controller, docs }) => ({ name: controller.name, controller, docs }));

it.each(resourceNames)('says something of every route of $name, and of no other', ({ controller, docs }) => {
  const routes = routesOf(controller).map(({ name }) => name);
  expect(routes.length).toBeGreaterThan(0);
  expect(Object.keys(docs.routes).toSorted()).toEqual(routes.toSorted());
});

it('has every route, and the answer that it gives', () => {
  const declared = RESOURCES.flatMap(({ controller }) => routesOf(controller));
  expect(operations).toHaveLength(declared.length);
  for (const { method, path, status } of declared) {
    expect(document.paths[path]).toHaveProperty([method, 'responses', String(status)]);
  }
});

it('gives a name to one schema only', () => {
  const named = new Map<string, unknown>();
  for (const [name, schema] of RESOURCES.flatMap(({ docs }) => Object.entries(docs.schemas))) {
    expect(named.get(name) ?? schema).toBe(schema);
    named.set(name, schema);
  }
});

it('gives every answer a schema and every operation a name of its own', () => {
  for (const { operation } of operations) {
    for (const { content = {} } of Object.values(operation.responses)) {
      for (const { schema } of Object.values(content)) expect(schema).toBeDefined();
    }
  }
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  expect(operations.map(({ operation }) => operation.operationId)).toContain('postMiningStart');
});

it('refers only to components that exist', () => {
  const all = references(document);
  expect(all.length).toBeGreaterThan(20);
  for (const reference of all) {
    const name = reference.replace('#/components/schemas/', '');
    expect(document.components.schemas).toHaveProperty([name]);
  }
});

it('describes query parameters by their schemas', () => {
  const workers = operations.find(({ path }) => path === '/api/workers');
  const limit = workers?.operation.parameters?.find(({ name }) => name === 'limit');
  expect(limit).toMatchObject({ schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } });
  expect(workers?.operation.parameters?.map(({ name }) => name)).toEqual([
    'pool',
    'address',
    'limit',
    'offset',
  ]);
});

it('is of version 3.1 and shares schemas between components', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(document.components.schemas['Status']).toMatchObject({
    type: 'object',
    properties: { pools: { type: 'array', items: { $ref: '#/components/schemas/Pool' } } },
  });
});

describe('served', () => {
  let api: TestGateway;
  beforeAll(async () => {
    api = await startGateway();
  });
  afterAll(() => api.stop());

  it('serves the document', async () => {
    const response = await fetch(`${api.url}/api/openapi.json`);
    expect(response.headers.get('content-type')).toContain('application/json');
    await expect(response.json()).resolves.toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('serves Swagger UI from this host, without inline script', async () => {
    const page = await (await fetch(`${api.url}/api/docs`)).text();
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(links).toHaveLength(4);
    for (const link of links) {
      expect(new URL(link, `${api.url}/api/docs`).origin).toBe(api.url);
      expect((await fetch(new URL(link, `${api.url}/api/docs`))).status).toBe(200);
    }
    expect(page).not.toMatch(/<script>|<style|style=/);
  });

  it('serves the document also where Swagger UI is not installed', async () => {
    const bare = await startGateway({ swaggerUiDir: '/nonexistent' });
    expect((await fetch(`${bare.url}/api/openapi.json`)).status).toBe(200);
    expect((await fetch(`${bare.url}/api/docs`)).status).toBe(404);
    await bare.stop();
  });
});
