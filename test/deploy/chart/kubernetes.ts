/**
 * What Kubernetes says that its objects may hold: the OpenAPI document of its API, and the custom resource definitions
 * of the Prometheus Operator, as their makers publish them (tools/test-components.sh). Judged as strictly as
 * `kubectl apply --validate=strict` does: a key that is not known is a mistake, and so is one that stands twice in a list
 * that is a map. Rules in the API server's own code, and those in CEL, are not in the documents and not judged here.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, missingComponent } from '@otedama/test-harness';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { KubernetesObject } from './helm.ts';

interface Schema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[];
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface CustomResource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { openAPIV3Schema: Schema } }[];
  };
}

const FOLDER = join(REPOSITORY, '.tools/kubernetes');
const DEFINITIONS = '#/definitions/';
const OBJECT_META = `${DEFINITIONS}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`;

/** What the document says in prose: see resource.Quantity and intstr.IntOrString. */
const QUANTITY: Schema = {
  anyOf: [
    { type: 'number' },
    {
      type: 'string',
      pattern: '^[+-]?([0-9]+|[0-9]+\\.[0-9]*|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$',
    },
  ],
};
const INT_OR_STRING: Schema = { anyOf: [{ type: 'integer' }, { type: 'string' }] };
const OF_PROSE: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': QUANTITY,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': INT_OR_STRING,
};

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** Go's flag for the rest of an expression has to say how far it goes here. */
const ofGo = (pattern: string): string => pattern.replace(/\(\?i\)(.*)$/, '(?i:$1)');

/** Closed: an object takes the keys that are named, unless it says that it takes others. */
const close = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(close);
  if (!isSchema(schema)) return schema;
  const { properties, ...rest } = schema;
  const closed = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === 'pattern' && typeof value === 'string' ? ofGo(value) : close(value),
    ]),
  );
  if (properties === undefined) return closed;
  const named = Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, close(value)]));
  const isOpen =
    schema.additionalProperties !== undefined || schema['x-kubernetes-preserve-unknown-fields'] === true;
  return { ...closed, properties: named, ...(isOpen ? {} : { additionalProperties: false }) };
};

/** Port lists have the protocol among their keys, which is TCP where it is not said. */
const keyOf = (item: Readonly<Record<string, unknown>>, names: readonly string[]): string =>
  JSON.stringify(names.map((name) => item[name] ?? (name === 'protocol' ? 'TCP' : null)));

const createAjv = (): Ajv => {
  // As published: formats and words of Kubernetes, regular expressions of Go.
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  const within = (limit: number) => (value: number) => Number.isInteger(value) && Math.abs(value) <= limit;
  ajv.addFormat('int32', { type: 'number', validate: within(2 ** 31 - 1) });
  ajv.addFormat('int64', { type: 'number', validate: within(Number.MAX_SAFE_INTEGER) });
  ajv.addFormat('double', { type: 'number', validate: Number.isFinite });
  ajv.addFormat('date-time', { validate: (text: string) => !Number.isNaN(Date.parse(text)) });
  ajv.addFormat('byte', /^[A-Za-z0-9+/]*={0,2}$/);
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-map-keys',
    type: 'array',
    validate: (names: readonly string[], items: readonly Record<string, unknown>[]) =>
      new Set(items.map((item) => keyOf(item, names))).size === items.length,
  });
  return ajv;
};

const nameOf = ({ group, version, kind }: GroupVersionKind): string =>
  `${group === '' ? version : `${group}/${version}`} ${kind}`;

const sentence = ({ instancePath, message, params }: ErrorObject): string => {
  const key = 'additionalProperty' in params ? `: ${String(params['additionalProperty'])}` : '';
  return `${instancePath === '' ? 'the object' : instancePath} ${message ?? 'is wrong'}${key}`;
};

export class KubernetesApi {
  readonly version: string;
  readonly #ajv = createAjv();
  readonly #kinds = new Map<string, string>();
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(version: string) {
    this.version = version;
    const { definitions } = JSON.parse(readFileSync(join(FOLDER, `v${version}.json`), 'utf8')) as {
      definitions: Readonly<Record<string, Schema>>;
    };
    const closed: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(definitions)) {
      closed[name] = OF_PROSE[name] ?? close(schema);
      for (const kind of schema['x-kubernetes-group-version-kind'] ?? []) this.#kinds.set(nameOf(kind), name);
    }
    for (const resource of ['servicemonitors', 'prometheusrules'])
      for (const [kind, schema] of customKinds(resource)) {
        closed[kind] = schema;
        this.#kinds.set(kind, kind);
      }
    this.#ajv.addSchema({ $id: 'kubernetes', definitions: closed });
  }

  /** What is wrong with an object, each with its place. */
  problemsOf(object: KubernetesObject): string[] {
    const kind = `${object.apiVersion} ${object.kind}`;
    const definition = this.#kinds.get(kind);
    if (definition === undefined) return [`Kubernetes ${this.version} has no ${kind}`];
    const validate = this.#validatorOf(definition);
    const { kind: what, metadata } = object;
    if (validate(object)) return [];
    return (validate.errors ?? []).map((error) => `${what} ${metadata.name}: ${sentence(error)}`);
  }

  #validatorOf(definition: string): ValidateFunction {
    const known = this.#compiled.get(definition);
    if (known !== undefined) return known;
    const pointer = definition.replaceAll('/', '~1').replaceAll(' ', '%20');
    const compiled = this.#ajv.compile({ $ref: `kubernetes${DEFINITIONS}${pointer}` });
    this.#compiled.set(definition, compiled);
    return compiled;
  }
}

/** Its metadata is that of every object, which the definition leaves to Kubernetes. */
const customKinds = (resource: string): [string, unknown][] => {
  const { spec } = parse(readFileSync(join(FOLDER, `${resource}.yaml`), 'utf8')) as CustomResource;
  return spec.versions.map(({ name: version, schema: { openAPIV3Schema } }) => {
    const properties = { ...openAPIV3Schema.properties, metadata: { $ref: `kubernetes${OBJECT_META}` } };
    const kind = nameOf({ group: spec.group, version, kind: spec.names.kind });
    return [kind, close({ ...openAPIV3Schema, properties })];
  });
};

/** Those that the chart is for and that were fetched, the oldest first. */
export const kubernetesVersions = (): string[] =>
  (existsSync(FOLDER) ? readdirSync(FOLDER) : [])
    .flatMap((file) => /^v([\d.]+)\.json$/.exec(file)?.[1] ?? [])
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));

/** Throws where none was fetched: without a version helm renders for the Kubernetes that it was built with. */
export const newestKubernetes = (versions = kubernetesVersions()): string => {
  const newest = versions.at(-1);
  if (newest === undefined) throw missingComponent('what Kubernetes publishes of its objects');
  return newest;
};
