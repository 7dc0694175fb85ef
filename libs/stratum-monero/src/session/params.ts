/** Parameters of this dialect are objects. */
import type { Request } from '@otedama/stratum';
import type { Session } from './types.ts';

export type Params = Readonly<Record<string, unknown>>;

export const paramsOf = ({ params }: Request): Params | undefined =>
  typeof params === 'object' && params !== null && !Array.isArray(params) ? (params as Params) : undefined;

/** Not every miner names its session; one that names another is mistaken about who it talks to. */
export const isForeign = ({ id: own }: Session, { id }: Params): boolean =>
  id !== undefined && id !== null && id !== own;
