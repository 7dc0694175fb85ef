/**
 * The API of a pool that runs, by its own document: whatever is asked, nothing fails on our side, every answer is one
 * that the document knows, and what the document calls right is taken, what it calls wrong is not.
 */
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { BlockSummary, LoggedShare, Payment, ReceiptSummary } from '@otedama/contracts';
import {
  type Otedama,
  type Scratch,
  eventually,
  scratchDirectory,
  startOtedama,
} from '@otedama/test-harness';
import fc from 'fast-check';
import { type Answer, ApiDocument, type Operation, type RawDocument } from './api-document.fixture.ts';
import { type ApiRequest, type Samples, requestArb } from './api-requests.fixture.ts';

const KEY = 'a-key-of-this-test-alone';
const NUM_RUNS = Number(process.env['OTEDAMA_API_REQUESTS'] ?? 1_000);
const SEED = Number(process.env['OTEDAMA_API_SEED'] ?? 1);

import.meta.jest.setTimeout(60_000 + NUM_RUNS * 200);

let scratch: Scratch;
let otedama: Otedama;
let document: ApiDocument;
let samples: Samples;

const items = async <Item>(path: string): Promise<readonly Item[]> =>
  (await otedama.get<{ items: readonly Item[] }>(path)).items;

const first = <Item>(path: string): Promise<Item> =>
  eventually(path, async () => (await items<Item>(path))[0], 120_000);

/** One of everything that a pool has after a minute. */
const readSamples = async (): Promise<Samples> => {
  const payment = await first<Payment>('/api/v1/payments');
  const block = await first<BlockSummary>('/api/v1/blocks');
  await first<ReceiptSummary>(`/api/v1/pools/${block.poolId}/receipts`);
  const { address, poolId } = payment;
  const { closedAtMs } = await first<ReceiptSummary>(`/api/v1/pools/${poolId}/receipts`);
  const [share] = await otedama.get<readonly LoggedShare[]>(
    `/api/v1/pools/${poolId}/shares?address=${address}&at=${closedAtMs - 2_000}`,
  );
  return {
    pool: [poolId],
    poolId: [poolId],
    address: [address],
    finder: [address],
    coin: [block.coin],
    hash: [block.hash],
    worker: ['cpu'],
    after: [payment.cursor],
    sequence: [share?.sequence ?? '1'],
    index: [String(share?.index ?? 0)],
    at: [String(closedAtMs - 2_000)],
    instance: ['local'],
    window: ['1h', '7d'],
    step: ['5m'],
    limit: ['1', '10'],
    offset: ['0', '1'],
  };
};

beforeAll(async () => {
  scratch = scratchDirectory('api-properties');
  otedama = await startOtedama({
    dataDir: scratch.path,
    config: "pool: {address: '127.0.0.1:PORT', payout_in_coinbase: true}\nmining: {cpu: {threads: 1}}\n",
    apiSettings: `rate_limit: 0, auth: {enable: true}, api_key: '${KEY}'`,
  });
  document = new ApiDocument(await otedama.get<RawDocument>('/api/openapi.json'));
  samples = await readSamples();
}, 300_000);
afterAll(async () => {
  await otedama?.stop();
  scratch?.remove();
}, 60_000);

const pathOf = ({ operation, parts, query, raw }: ApiRequest): string => {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(parts[name] ?? ''),
  );
  const pairs = query.map(([name, text_]) => `${encodeURIComponent(name)}=${encodeURIComponent(text_)}`);
  const search = [...pairs, ...(raw === '' ? [] : [raw])].join('&');
  return search === '' ? path : `${path}?${search}`;
};

const KEYS = { right: { 'x-api-key': KEY }, wrong: { 'x-api-key': 'another-key-altogether' }, none: {} };

/** By hand: fetch() tidies paths. */
const send = (asked: ApiRequest): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method, key, tag, body } = asked;
    const headers = {
      ...KEYS[key],
      ...(tag === undefined ? {} : { 'if-none-match': tag }),
      ...(body === undefined
        ? {}
        : { 'content-type': body.type, 'content-length': Buffer.byteLength(body.text) }),
    };
    const [host, port] = new URL(otedama.api).host.split(':');
    const request = httpRequest({ host, port, method, path: pathOf(asked), headers }, (response) => {
      text(response).then(
        (received) =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received }),
        reject,
      );
    });
    request.on('error', reject);
    request.end(body?.text);
  });

/** Whether the document calls the parameters right; undefined where it cannot tell. */
const isRight = ({ operation, parts, query, raw }: ApiRequest): boolean | undefined => {
  if (raw !== '' || operation.parameters.length === 0) return undefined;
  const names = query.map(([name]) => name);
  if (new Set(names).size < names.length) return false;
  const own = operation.parameters;
  if (names.some((name) => !own.some((each) => each.in === 'query' && each.name === name))) return false;
  const given: Readonly<Record<string, string>> = { ...parts, ...Object.fromEntries(query) };
  return own.every((each) => {
    const value = given[each.name];
    return value === undefined ? !each.required : document.takes(each, value);
  });
};

const judgeParameters = (asked: ApiRequest, answer: Answer): string | undefined => {
  if (asked.operation.method !== 'GET' || asked.key !== 'right') return undefined;
  const right = isRight(asked);
  if (right === true && answer.status === 400) return 'refuses what is documented';
  if (right === false && answer.status !== 400 && !asked.operation.isLenient)
    return 'takes what is not documented';
  return undefined;
};

const judgeMethod = ({ operation, method }: ApiRequest, answer: Answer): string | undefined => {
  const known = document.methodsOf(operation.path);
  if (known.includes(method)) return undefined;
  if (method === 'HEAD' && answer.body !== '') return 'HEAD has a body';
  if (method === 'HEAD' && known.includes('GET')) return undefined;
  if (answer.status !== 405) return `${method} is answered with ${answer.status}`;
  const allowed = String(answer.headers['allow'] ?? '').split(', ');
  if (known.some((each) => !allowed.includes(each))) return `Allow says ${allowed.join()}`;
  return method === 'HEAD' ? undefined : document.problemComplaint(answer);
};

const judge = (asked: ApiRequest, answer: Answer): string | undefined => {
  if (answer.status >= 500) return `${answer.status}: ${answer.body}`;
  if (answer.headers['x-injected'] !== undefined) return 'a header came out of the request';
  if (asked.method !== asked.operation.method) return judgeMethod(asked, answer);
  return (
    document.complaint(asked.operation, answer) ??
    (answer.status >= 400 ? document.problemComplaint(answer) : undefined) ??
    judgeParameters(asked, answer)
  );
};

it('answers whatever is asked as its document says', async () => {
  const counts = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(requestArb(document, samples), async (asked) => {
      const answer = await send(asked);
      counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
      const complaint = judge(asked, answer);
      if (complaint !== undefined) throw new Error(`${asked.method} ${pathOf(asked)}: ${complaint}`);
    }),
    { numRuns: NUM_RUNS, seed: SEED },
  );
  if (process.env['OTEDAMA_API_REQUESTS'] !== undefined)
    console.log(JSON.stringify(Object.fromEntries(counts)));
  // A generator that only ever asks for nonsense proves nothing.
  expect(counts.get(200)).toBeGreaterThan(NUM_RUNS / 5);
  expect(counts.get(400)).toBeGreaterThan(NUM_RUNS / 20);
});

const plain = (operation: Operation): ApiRequest => ({
  operation,
  method: operation.method,
  parts: Object.fromEntries(operation.parameters.map(({ name }) => [name, samples[name]?.[0] ?? 'none'])),
  query: operation.parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required)
    .map(({ name }) => [name, samples[name]?.[0] ?? 'none'] as const),
  raw: '',
  key: 'right',
  body: undefined,
  tag: undefined,
});

/** The miner of the samples has wished nothing, and is told 404 as Miningcore does. */
const EMPTY = 'getMiningcorePoolsMinersSettings';

it('has something to show under every path of which something is known, and says so once', async () => {
  const reads = document.operations.filter(
    ({ method, name: own, parameters }) =>
      method === 'GET' &&
      own !== EMPTY &&
      parameters.every(({ name, required }) => !required || samples[name] !== undefined),
  );
  expect(reads.length).toBeGreaterThan(20);
  const answers = await Promise.all(
    reads.map(async (operation) => ({ operation, answer: await send(plain(operation)) })),
  );
  for (const { operation, answer } of answers) {
    expect({ name: operation.name, status: answer.status }).toEqual({ name: operation.name, status: 200 });
    expect({ name: operation.name, complaint: document.complaint(operation, answer) }).toEqual({
      name: operation.name,
    });
    const again = await send({ ...plain(operation), tag: '*' });
    expect({ name: operation.name, status: again.status }).toEqual({ name: operation.name, status: 304 });
  }
});
