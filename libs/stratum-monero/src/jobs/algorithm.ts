/** Names of algorithms as miners write them: the forms of xmrig, any case. */
import { MAX_ALGORITHMS } from '../limits.ts';

const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ['rx', 'rx/0'],
  ['randomx', 'rx/0'],
  ['randomx/0', 'rx/0'],
  ['randomx/v2', 'rx/2'],
  ['rx/v2', 'rx/2'],
]);

const shortName = (name: string): string => {
  const lower = name.toLowerCase();
  return LONG_NAMES.get(lower) ?? lower;
};

/** A miner that lists nothing is taken to know what it connects to. */
export const supports = (list: unknown, algorithm: string): boolean =>
  !Array.isArray(list) ||
  list.length === 0 ||
  list
    .slice(0, MAX_ALGORITHMS)
    .some((name: unknown) => typeof name === 'string' && shortName(name) === algorithm);
