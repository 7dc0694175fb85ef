/** The OpenAPI document of a running API as a judge: of what may be asked, and of what came back. */
import Ajv2020 from 'ajv/dist/2020.js';

type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly bodySchema: Schema | undefined;
  readonly statuses: readonly number[];
  /** It takes more than is documented. */
  readonly isLenient: boolean;
  /** Known in the whole document. */
  readonly name: string;
}

interface RawOperation {
  readonly operationId: string;
  readonly 'x-lenient'?: boolean;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

export interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const pointer = (...parts: readonly string[]): string =>
  parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

/** A query's text as the value that its schema means. */
const valueOf = (schema: Schema, text: string): unknown =>
  schema['type'] === 'integer' && /^\d{1,16}$/.test(text) ? Number(text) : text;

export class ApiDocument {
  readonly operations: readonly Operation[];
  readonly #raw: RawDocument;
  /** Formats come with patterns that say the same. */
  readonly #ajv = new Ajv2020.default({ strict: false, validateFormats: false });

  constructor(raw: RawDocument) {
    this.#raw = raw;
    this.#ajv.addSchema(raw, 'api');
    this.operations = Object.entries(raw.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters ?? [],
        bodySchema: operation.requestBody?.content['application/json']?.schema,
        statuses: Object.keys(operation.responses).map(Number),
        name: operation.operationId,
        isLenient: operation['x-lenient'] === true,
      })),
    );
  }

  /** With what its references refer to in place of them. */
  resolve(schema: Schema): Schema {
    const reference = schema['$ref'];
    if (typeof reference !== 'string') return schema;
    return this.#raw.components.schemas[reference.replace('#/components/schemas/', '')] ?? {};
  }

  takes({ schema }: Parameter, text: string): boolean {
    return this.#ajv.validate(schema, valueOf(schema, text));
  }

  methodsOf(path: string): readonly string[] {
    return Object.keys(this.#raw.paths[path] ?? {}).map((method) => method.toUpperCase());
  }

  /** Why the answer is none that the document knows; undefined: it is one. */
  complaint({ path, method, statuses }: Operation, { status, headers, body }: Answer): string | undefined {
    if (!statuses.includes(status)) return `${status} is not documented`;
    if (status === 304) return body === '' ? undefined : '304 has a body';
    const type = String(headers['content-type'] ?? '').split(';', 1)[0] ?? '';
    const { content } = this.#raw.paths[path]?.[method.toLowerCase()]?.responses[String(status)] ?? {};
    if (content === undefined) return body === '' ? undefined : `${status} has a body`;
    if (content[type] === undefined) return `${type} is not documented for ${status}`;
    if (!type.endsWith('json')) return undefined;
    const place = pointer('paths', path, method.toLowerCase(), 'responses', String(status), 'content', type);
    return this.#judge(`api#/${place}/schema`, body);
  }

  problemComplaint({ status, headers, body }: Answer): string | undefined {
    const type = String(headers['content-type'] ?? '');
    if (!type.startsWith('application/problem+json')) return `${status} comes as ${type}`;
    const complaint = this.#judge('api#/components/schemas/Problem', body);
    if (complaint !== undefined) return complaint;
    return (JSON.parse(body) as { status: number }).status === status ? undefined : 'another status inside';
  }

  #judge(schema: string, body: string): string | undefined {
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      return 'the body is no JSON';
    }
    return this.#ajv.validate({ $ref: schema }, value) ? undefined : this.#ajv.errorsText();
  }
}
