/**
 * What the OpenAPI document says of a resource beside what its controller's decorators say. A `*.docs.ts` lies
 * beside each controller; method, path, status and the role that is asked for come from the decorators alone.
 */
import type { z } from 'zod';

export interface RouteDocs {
  readonly tag: string;
  readonly summary: string;
  /** In the name of the operation, where a route under /api/v1 would have the same. */
  readonly namespace?: string;
  /** Words in any case, and parameters that it does not know: it takes more than the document says. */
  readonly isLenient?: boolean;
  /** Of path and query; those that the path names are part of it. */
  readonly params?: z.ZodObject;
  /** Name of the component that is sent. */
  readonly body?: string;
  /** Name of a component; absent for plain text. */
  readonly reply?: string;
  readonly replyIsList?: boolean;
  /** Beside those of a role that is asked for. */
  readonly problems: readonly number[];
}

/** Every public method of a controller is a route, so the compiler asks for each of them here. */
export interface ResourceDocs<Controller = Readonly<Record<string, unknown>>> {
  /** Components by name. The same schema object is shared, not repeated, wherever it is used. */
  readonly schemas: Readonly<Record<string, z.ZodType>>;
  readonly routes: Readonly<Record<keyof Controller & string, RouteDocs>>;
}

/** What may come of a route that asks other services. */
export const SERVICE_PROBLEMS = [429, 502, 503, 504];
export const LIST_PROBLEMS = [400, ...SERVICE_PROBLEMS];
