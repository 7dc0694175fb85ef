/**
 * The OpenAPI 3.1 document, made from the schemas that check the requests and type the answers. Built on
 * first use: nobody who starts a pool waits for its documentation.
 */
import {
  apiStatusSchema,
  balanceSchema,
  blockSchema,
  gatewayStatusSchema,
  liveFrameSchema,
  miningStatusSchema,
  loggedShareSchema,
  payoutWishReplySchema,
  poolSummarySchema,
  receiptSchema,
  settlementSchema,
  shareProofSchema,
  statementSchema,
  signedWishSchema,
  statsSchema,
  validatorStatusSchema,
  workerSchema,
} from '@otedama/contracts';
import { z } from 'zod';

import { problemSchema } from '../http/problem.ts';
import {
  balancesParamsSchema,
  blocksParamsSchema,
  minerParamsSchema,
  pageSchema,
  receiptsParamsSchema,
  settlementParamsSchema,
  shareProofParamsSchema,
  sharesParamsSchema,
  statementParamsSchema,
  statsParamsSchema,
  workersParamsSchema,
} from '../http/query-params.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: JsonObject;
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonObject>> } & JsonObject;
}

interface Operation {
  readonly path: string;
  readonly method: 'get' | 'post';
  readonly tag: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  /** Name of the component that is sent. */
  readonly body?: string;
  /** Name of a component; absent for plain text. */
  readonly reply?: string;
  readonly replyIsList?: boolean;
  readonly problems: readonly number[];
  readonly needsKey?: boolean;
}

const healthSchema = z.object({
  status: z.string(),
  parts: z.record(z.string(), z.object({ state: z.string(), reason: z.string().optional() })),
});

const COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  Problem: problemSchema,
  Status: apiStatusSchema,
  MiningStatus: miningStatusSchema,
  GatewayStatus: gatewayStatusSchema,
  ValidatorStatus: validatorStatusSchema,
  Pool: poolSummarySchema,
  Stats: statsSchema,
  Worker: workerSchema,
  WorkerPage: pageSchema(workerSchema),
  Block: blockSchema,
  BlockPage: pageSchema(blockSchema),
  Balance: balanceSchema,
  BalancePage: pageSchema(balanceSchema),
  Settlement: settlementSchema,
  Statement: statementSchema,
  Receipt: receiptSchema,
  ReceiptPage: pageSchema(receiptSchema),
  LoggedShare: loggedShareSchema,
  ShareProof: shareProofSchema,
  SignedWish: signedWishSchema,
  PayoutSettings: payoutWishReplySchema.options[0],
  LiveFrame: liveFrameSchema,
  Health: healthSchema,
};

const SERVICE_PROBLEMS = [429, 502, 503, 504];
const LIST_PROBLEMS = [400, ...SERVICE_PROBLEMS];

const WISH_SUMMARY = [
  'From what balance on a miner is paid, by a message signed with the key of its address (signmessage, or',
  'personal_sign for Ethereum), in these lines: "Otedama payout settings", "pool: ID", "coin: ID", "address: ADDRESS",',
  '"minimum: AMOUNT" in coins, "time: 2026-01-31T12:00:00Z", which is of the last 15 minutes and later than in the',
  'message before.',
].join(' ');

const OPERATIONS: readonly Operation[] = [
  {
    path: '/api/status',
    method: 'get',
    tag: 'pool',
    summary: 'Everything at a glance. Services that do not answer are named as unavailable.',
    reply: 'Status',
    problems: [429, 503],
  },
  {
    path: '/api/pools',
    method: 'get',
    tag: 'pool',
    summary: 'The pools and their totals.',
    reply: 'Pool',
    replyIsList: true,
    problems: SERVICE_PROBLEMS,
  },
  {
    path: '/api/stats',
    method: 'get',
    tag: 'pool',
    summary: 'Hash rate of each pool over time.',
    params: statsParamsSchema,
    reply: 'Stats',
    problems: LIST_PROBLEMS,
  },
  {
    path: '/api/workers',
    method: 'get',
    tag: 'pool',
    summary: 'Workers, those seen last first.',
    params: workersParamsSchema,
    reply: 'WorkerPage',
    problems: LIST_PROBLEMS,
  },
  {
    path: '/api/blocks',
    method: 'get',
    tag: 'pool',
    summary: 'Blocks found, newest first.',
    params: blocksParamsSchema,
    reply: 'BlockPage',
    problems: LIST_PROBLEMS,
  },
  {
    path: '/api/balances',
    method: 'get',
    tag: 'pool',
    summary: 'What is owed to each address, in atomic units.',
    params: balancesParamsSchema,
    reply: 'BalancePage',
    problems: LIST_PROBLEMS,
  },
  {
    path: '/api/v1/blocks/{coin}/{hash}/settlement',
    method: 'get',
    tag: 'money',
    summary: 'How the reward of a block was divided, with all that is needed to do the sums again.',
    params: settlementParamsSchema,
    reply: 'Settlement',
    problems: [404, ...LIST_PROBLEMS],
  },
  {
    path: '/api/v1/miners/{address}/statement',
    method: 'get',
    tag: 'money',
    summary: 'What an address has earned and been paid, entry by entry, with values where a price is known.',
    params: statementParamsSchema,
    reply: 'Statement',
    problems: LIST_PROBLEMS,
  },
  {
    path: '/api/v1/pools/{pool}/receipts',
    method: 'get',
    tag: 'money',
    summary: 'Receipts of the accepted shares, newest first; each carries the digest of the one before.',
    params: receiptsParamsSchema,
    reply: 'ReceiptPage',
    problems: LIST_PROBLEMS,
  },
  {
    path: '/api/v1/pools/{pool}/shares',
    method: 'get',
    tag: 'money',
    summary: 'Shares of a miner in the log, those received next to a moment first.',
    params: sharesParamsSchema,
    reply: 'LoggedShare',
    replyIsList: true,
    problems: LIST_PROBLEMS,
  },
  {
    path: '/api/v1/pools/{pool}/shares/{sequence}/{index}/receipt',
    method: 'get',
    tag: 'money',
    summary:
      'The proof that a share is in a receipt, for tools/verify-receipt.mjs or a verifier of your own.',
    params: shareProofParamsSchema,
    reply: 'ShareProof',
    problems: [404, ...LIST_PROBLEMS],
  },
  {
    path: '/api/v1/miners/{address}/payout-settings',
    method: 'post',
    tag: 'pool',
    summary: WISH_SUMMARY,
    params: minerParamsSchema,
    body: 'SignedWish',
    reply: 'PayoutSettings',
    problems: LIST_PROBLEMS,
  },
  {
    path: '/api/mining/start',
    method: 'post',
    tag: 'mining',
    summary: 'Starts the miner of this installation. Starting twice is the same as once.',
    reply: 'MiningStatus',
    problems: [401, 403, ...SERVICE_PROBLEMS],
    needsKey: true,
  },
  {
    path: '/api/mining/stop',
    method: 'post',
    tag: 'mining',
    summary: 'Stops the miner of this installation. Stopping twice is the same as once.',
    reply: 'MiningStatus',
    problems: [401, 403, ...SERVICE_PROBLEMS],
    needsKey: true,
  },
  {
    path: '/health/live',
    method: 'get',
    tag: 'operation',
    summary: 'The process is alive.',
    reply: 'Health',
    problems: [503],
  },
  {
    path: '/health/ready',
    method: 'get',
    tag: 'operation',
    summary: 'The process can do its work.',
    reply: 'Health',
    problems: [503],
  },
  {
    path: '/health/startup',
    method: 'get',
    tag: 'operation',
    summary: 'The process has started.',
    reply: 'Health',
    problems: [503],
  },
  {
    path: '/metrics',
    method: 'get',
    tag: 'operation',
    summary: 'Metrics in the Prometheus text format.',
    problems: [404, 429],
  },
];

const DESCRIPTION = [
  'Money and work are decimal strings of atomic units and of hashes; hash rates are numbers in H/s; times are',
  'milliseconds since 1970. Errors are problem details (RFC 9457).',
  '',
  'Live data: a WebSocket at `/api/ws` sends a `LiveFrame` of type `snapshot`, then one of type `update` each',
  'second with the sections that changed, each whole. It expects no messages.',
].join('\n');

const ref = (component: string): JsonObject => ({ $ref: `#/components/schemas/${component}` });

/** Components refer to each other wherever they use the same schema object. */
function componentSchemas(): Record<string, JsonObject> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    target: 'draft-2020-12',
    io: 'output',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}

/** A schema's properties as parameters, each with its own schema; those that the path names are part of it. */
function parameters(path: string, params: z.ZodObject): JsonObject[] {
  const { properties = {} } = z.toJSONSchema(params, { target: 'draft-2020-12', io: 'input' });
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = schema as { description?: string };
    const inPath = path.includes(`{${name}}`);
    return { name, in: inPath ? 'path' : 'query', required: inPath, description, schema: rest };
  });
}

function successReply({ reply, replyIsList }: Operation): JsonObject {
  if (reply === undefined) {
    return { description: 'OK', content: { 'text/plain': { schema: { type: 'string' } } } };
  }
  const schema = replyIsList === true ? { type: 'array', items: ref(reply) } : ref(reply);
  return { description: 'OK', content: { 'application/json': { schema } } };
}

const problemReply = (status: number): [string, JsonObject] => [
  String(status),
  { description: 'Problem', content: { 'application/problem+json': { schema: ref('Problem') } } },
];

/** `get` and the words of the path, without those that it is given. */
const nameOf = ({ method, path }: Operation): string =>
  `${method}${path
    .replaceAll(/\/\{\w+\}/g, '')
    .replaceAll(/(?:\/(?:api\/)?(?:v1\/)?|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;

function operation(entry: Operation): JsonObject {
  return {
    tags: [entry.tag],
    summary: entry.summary,
    operationId: nameOf(entry),
    ...(entry.params === undefined ? {} : { parameters: parameters(entry.path, entry.params) }),
    ...(entry.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: ref(entry.body) } } } }),
    // An empty requirement beside the key: it is asked for only where `api.auth` is enabled.
    ...(entry.needsKey === true ? { security: [{ bearer: [] }, { apiKey: [] }, {}] } : {}),
    responses: { '200': successReply(entry), ...Object.fromEntries(entry.problems.map(problemReply)) },
  };
}

export function buildOpenApi(version: string): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Otedama API',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(OPERATIONS.map((entry) => [entry.path, { [entry.method]: operation(entry) }])),
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  } as OpenApiDocument;
}
