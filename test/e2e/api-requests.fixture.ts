/** Requests made from an OpenAPI document: right ones, wrong ones, and what no document knows. */
import fc from 'fast-check';
import type { ApiDocument, Operation, Parameter } from './api-document.fixture.ts';

export interface ApiRequest {
  readonly operation: Operation;
  readonly method: string;
  /** Of the path's parameters. */
  readonly parts: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Appended to the query as it is: encodings that no client writes. */
  readonly raw: string;
  readonly key: 'right' | 'wrong' | 'none';
  readonly body: { readonly type: string; readonly text: string } | undefined;
  readonly tag: string | undefined;
}

/** Values that mean something to the API that is asked, by the name of their parameter. */
export type Samples = Readonly<Record<string, readonly string[]>>;

const JUNK = [
  '0',
  '-1',
  '1.5',
  '1e2',
  '0x10',
  ' 7',
  '99999999999999999999',
  'NaN',
  'null',
  'true',
  '[object Object]',
  '__proto__',
  'constructor',
  '\u0000',
  '\r\nX-Injected: 1',
  "' OR 1=1; --",
  '%',
  '%2e%2e%2f',
  '..',
  '../../etc/passwd',
  '${jndi:ldap://x}',
  '<script>',
  '𝕏',
  'é',
  'a'.repeat(256),
];
const RAW = ['', '%zz', '&&', '=', '&limit', '%ff=1', 'limit[]=1', 'limit[a]=1', '#', 'pool=%00', 'a=%c3%28'];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const junk = fc.oneof(fc.constantFrom(...JUNK), fc.string({ unit: 'grapheme', maxLength: 40 }));

/** A value of the schema, where that is easy to make; the judge says whether it became one. */
const bySchema = ({ schema }: Parameter): fc.Arbitrary<string> => {
  const { type, minimum = 0, maximum = 10_000, pattern } = schema as Readonly<Record<string, never>>;
  const options: unknown = schema['enum'];
  if (Array.isArray(options)) return fc.constantFrom(...options.map(String));
  if (type === 'integer') return fc.integer({ min: minimum, max: maximum }).map(String);
  if (pattern !== undefined && !String(pattern).includes('\\p'))
    return fc.stringMatching(new RegExp(pattern));
  return fc.string({ unit: 'grapheme-ascii', maxLength: 30 });
};

const value = (parameter: Parameter, samples: Samples): fc.Arbitrary<string> => {
  const known = samples[parameter.name] ?? [];
  return fc.oneof(
    ...(known.length === 0 ? [] : [{ weight: 6, arbitrary: fc.constantFrom(...known) }]),
    { weight: 3, arbitrary: bySchema(parameter) },
    { weight: 1, arbitrary: junk },
  );
};

const parts = ({ parameters }: Operation, samples: Samples): fc.Arbitrary<Record<string, string>> =>
  fc.record(
    Object.fromEntries(
      parameters
        .filter((parameter) => parameter.in === 'path')
        .map((parameter) => [parameter.name, value(parameter, samples).filter((text) => text !== '')]),
    ),
  );

const query = ({ parameters }: Operation, samples: Samples): fc.Arbitrary<(readonly [string, string])[]> => {
  const own = parameters.filter((parameter) => parameter.in === 'query');
  const pairs = own.map((parameter) =>
    fc
      .option(value(parameter, samples), { nil: undefined, freq: parameter.required ? 20 : 2 })
      .map((text) => (text === undefined ? [] : [[parameter.name, text] as const])),
  );
  const extra = fc.oneof(
    { weight: 12, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: junk.map((text) => [['unknown', text] as const]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('limit', 'pool', 'address').map((name) => [[name, '1'] as const]),
    },
  );
  return fc.tuple(...pairs, extra).map((lists) => lists.flat());
};

/** JSON of a schema, as far as types go; the depth of what refers to itself is bounded. */
const json = (document: ApiDocument, given: object, depth = 0): fc.Arbitrary<unknown> => {
  const schema = document.resolve(given as Readonly<Record<string, unknown>>);
  const options = schema['enum'];
  if (Array.isArray(options)) return fc.constantFrom(...(options as unknown[]));
  if ('const' in schema) return fc.constant(schema['const']);
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices))
    return fc.oneof(...choices.map((choice: object) => json(document, choice, depth)));
  switch (depth > 4 ? 'none' : schema['type']) {
    case 'object': {
      const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, object>>);
      const required = (schema['required'] ?? []) as string[];
      return fc.record(
        Object.fromEntries(properties.map(([name, inner]) => [name, json(document, inner, depth + 1)])),
        { requiredKeys: required.filter((name) => properties.some(([known]) => known === name)) },
      );
    }
    case 'array':
      return fc.array(json(document, (schema['items'] ?? {}) as object, depth + 1), { maxLength: 3 });
    case 'integer':
      return fc.integer();
    case 'number':
      return fc.double();
    case 'boolean':
      return fc.boolean();
    case 'string':
      return fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.constantFrom(...JUNK));
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
};

const body = (document: ApiDocument, { bodySchema }: Operation): fc.Arbitrary<ApiRequest['body']> => {
  const right = bodySchema === undefined ? fc.jsonValue({ maxDepth: 2 }) : json(document, bodySchema);
  const text = fc.oneof(
    { weight: 6, arbitrary: right.map((inner) => JSON.stringify(inner)) },
    { weight: 2, arbitrary: fc.json({ maxDepth: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '[[[[', '"\\u0000"', 'x'.repeat(5_000)) },
    { weight: 1, arbitrary: fc.constant('{"__proto__":{"admin":true},"constructor":{"prototype":{}}}') },
  );
  const type = fc.oneof(
    { weight: 10, arbitrary: fc.constant('application/json') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        'application/json; charset=utf-7',
        'x',
      ),
    },
  );
  return fc.record({ type, text });
};

export const requestArb = (document: ApiDocument, samples: Samples): fc.Arbitrary<ApiRequest> =>
  fc.constantFrom(...document.operations).chain((operation) =>
    fc.record({
      operation: fc.constant(operation),
      method: fc.oneof(
        { weight: 14, arbitrary: fc.constant(operation.method) },
        { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
      ),
      parts: parts(operation, samples),
      query: query(operation, samples),
      raw: fc.oneof(
        { weight: 14, arbitrary: fc.constant('') },
        { weight: 1, arbitrary: fc.constantFrom(...RAW) },
      ),
      key: fc.oneof(
        { weight: 8, arbitrary: fc.constant('right' as const) },
        { weight: 1, arbitrary: fc.constantFrom('wrong' as const, 'none' as const) },
      ),
      body:
        operation.method === 'GET'
          ? fc.constant(undefined)
          : fc.option(body(document, operation), { nil: undefined, freq: 8 }),
      tag: fc.option(fc.constantFrom('*', '"x"', 'W/"', ',,,'), { nil: undefined, freq: 10 }),
    }),
  );
