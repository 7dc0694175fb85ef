/**
 * The OpenAPI 3.1 document, made from the schemas that check the requests and type the answers, and from the
 * decorators of the controllers. Built on first use: nobody who starts a pool waits for its documentation; and in several
 * turns of the event loop: miners may wait for this process.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  liveAlertsSchema,
  liveBlocksSchema,
  liveFrameSchema,
  liveMinerSchema,
  livePoolSchema,
  liveRequestSchema,
  liveStatusSchema,
} from '@otedama/contracts';
import { z } from 'zod';

import { problemSchema } from '../http/problem.ts';
import type { Resource } from '../resources.ts';
import type { RouteDocs } from './describe.ts';
import { type Route, routesOf } from './routes.ts';

/** Between two turns: a share takes several from its socket to its answer. */
const REST_MS = 2;

type JsonObject = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: JsonObject;
  readonly servers: readonly JsonObject[];
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonObject>> } & JsonObject;
}

const DESCRIPTION = [
  'Money and work are decimal strings of atomic units and of hashes; hash rates are numbers in H/s; times are',
  'milliseconds since 1970. Errors are problem details (RFC 9457). Every answer to a GET has an `ETag`; sent back in',
  '`If-None-Match` it is answered with 304 for as long as nothing changed.',
  '',
  'Live data: a WebSocket at `/api/ws` takes `LiveRequest` messages and sends `LiveFrame` messages: of each topic that',
  'is subscribed to a snapshot, then merge patches (RFC 7396) with a sequence by which a client resumes. What a',
  'topic holds: `LiveStatus` (`status`), `LiveBlocks` (`blocks`), `LiveAlerts` (`alerts`, `alerts:operator`), `LivePool`',
  '(`pool:ID`), `LiveMiner` (`miner:POOL:ADDRESS`), `MiningStatus` (`agent:ID`).',
].join('\n');

/** Of the WebSocket, which the document can only describe. */
const LIVE_SCHEMAS = {
  LiveRequest: liveRequestSchema,
  LiveFrame: liveFrameSchema,
  LiveStatus: liveStatusSchema,
  LiveBlocks: liveBlocksSchema,
  LiveAlerts: liveAlertsSchema,
  LivePool: livePoolSchema,
  LiveMiner: liveMinerSchema,
};

const ref = (component: string): JsonObject => ({ $ref: `#/components/schemas/${component}` });

const BY_REFERENCE = { target: 'draft-2020-12', uri: (id: string) => `#/components/schemas/${id}` } as const;

const schemasOf = (registry: z.core.$ZodRegistry<{ id: string }>, io: 'input' | 'output') =>
  Object.entries(z.toJSONSchema(registry, { ...BY_REFERENCE, io }).schemas).map(
    ([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema] as const,
  );

/**
 * Components refer to each other wherever they use the same schema object. What is sent is described as it may be sent:
 * with what may be left out.
 */
async function componentSchemas(resources: readonly Resource[]): Promise<Record<string, JsonObject>> {
  const bodies = new Set(resources.flatMap(({ docs }) => Object.values(docs.routes).map(({ body }) => body)));
  const [answered, sent] = [z.registry<{ id: string }>(), z.registry<{ id: string }>()];
  answered.add(problemSchema, { id: 'Problem' });
  for (const [id, schema] of Object.entries(LIVE_SCHEMAS)) answered.add(schema, { id });
  for (const { docs } of resources) {
    for (const [id, schema] of Object.entries(docs.schemas)) {
      (bodies.has(id) ? sent : answered).add(schema, { id });
    }
  }
  const schemas = schemasOf(answered, 'output');
  await delay(REST_MS);
  return Object.fromEntries([...schemas, ...schemasOf(sent, 'input')]);
}

/** What counts for an absent parameter; undefined where it is asked for, or may be absent. */
const defaultOf = (schema: z.core.$ZodType | undefined): unknown =>
  schema === undefined ? undefined : z.safeParse(schema, undefined).data;

/** A schema's properties as parameters, each with its own schema; those that the path names are part of it. */
function parameters(path: string, params: z.ZodObject): JsonObject[] {
  const { properties = {} } = z.toJSONSchema(params, { target: 'draft-2020-12', io: 'input' });
  return Object.entries(properties).map(([name, json]) => {
    const { description, ...rest } = json as { description?: string };
    const own = params.shape[name];
    const isNeeded = own !== undefined && !z.safeParse(own, undefined).success;
    const byDefault = defaultOf(own);
    return {
      name,
      in: path.includes(`{${name}}`) ? 'path' : 'query',
      required: isNeeded,
      description,
      schema: byDefault === undefined ? rest : { ...rest, default: byDefault },
    };
  });
}

function successReply({ reply, replyIsList }: RouteDocs): JsonObject {
  if (reply === undefined) {
    return { description: 'OK', content: { 'text/plain': { schema: { type: 'string' } } } };
  }
  const schema = replyIsList === true ? { type: 'array', items: ref(reply) } : ref(reply);
  return { description: 'OK', content: { 'application/json': { schema } } };
}

const UNCHANGED = { description: 'As it was when the ETag was given that `If-None-Match` has.' };

const problemReply = (status: number): [string, JsonObject] => [
  String(status),
  { description: 'Problem', content: { 'application/problem+json': { schema: ref('Problem') } } },
];

/** An empty requirement beside the key: a pool without users and keys asks for none on its own machine. */
const accessOf = ({ role }: Route): JsonObject =>
  role === undefined
    ? {}
    : { description: `Needs the role ${role}.`, security: [{ bearer: [] }, { apiKey: [] }, {}] };

/** Of a request that brings a body, whether it is asked for or not. */
const BODY_PROBLEMS = [400, 413, 415];

const problemsOf = ({ role, method }: Route, { problems }: RouteDocs): ReadonlySet<number> =>
  new Set([
    ...(role === undefined ? [] : [401, 403]),
    ...(method === 'get' ? [] : BODY_PROBLEMS),
    ...problems,
  ]);

/** `get` and the words of the path, without those that it is given, but for the last. */
const nameOf = ({ method, path }: Route, { namespace = '' }: RouteDocs): string =>
  `${method}${namespace}${path
    .replaceAll(
      /\/\{(\w)(\w*)\}(?!.*\/\w)/g,
      (_, first: string, rest: string) => `By${first.toUpperCase()}${rest}`,
    )
    .replaceAll(/\/\{\w+\}/g, '')
    .replaceAll(/(?:\/(?:api\/)?(?:v1\/)?|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;

function operation(route: Route, docs: RouteDocs): JsonObject {
  return {
    tags: [docs.tag],
    summary: docs.summary,
    operationId: nameOf(route, docs),
    ...(docs.isLenient === true ? { 'x-lenient': true } : {}),
    ...(docs.params === undefined ? {} : { parameters: parameters(route.path, docs.params) }),
    ...(docs.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: ref(docs.body) } } } }),
    ...accessOf(route),
    responses: {
      [route.status]: successReply(docs),
      ...(route.method === 'get' ? { '304': UNCHANGED } : {}),
      ...Object.fromEntries([...problemsOf(route, docs)].map(problemReply)),
    },
  };
}

/** What is not described is not in the document; a test sees that nothing is missing. */
async function pathsOf(resources: readonly Resource[]): Promise<Record<string, JsonObject>> {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const { controller, docs } of resources) {
    await delay(REST_MS);
    for (const route of routesOf(controller)) {
      const described = docs.routes[route.name];
      if (described === undefined) continue;
      paths[route.path] = { ...paths[route.path], [route.method]: operation(route, described) };
    }
  }
  return paths;
}

export async function buildOpenApi(
  version: string,
  resources: readonly Resource[],
): Promise<OpenApiDocument> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Otedama API',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths: await pathsOf(resources),
    components: {
      schemas: await componentSchemas(resources),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}
